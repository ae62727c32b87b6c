import { readFile } from 'node:fs/promises';
import { checkConfig } from '../../agent/config.js';
import { LoaError } from '../../agent/core/errors.js';
import { guard, GUARD_START, PASSED_LIMIT_BYTES } from '../../agent/link/packet-guard.js';
import { recognise } from '../../agent/sound/audio-format.js';
import { IcyStripper } from '../../agent/sound/icy-stripper.js';
import { checkSound } from '../../agent/technician/local-sound.js';
import { certificatesOf, checkChain } from '../../certs/certificate-chain.js';
import { parseDeviceKey } from '../../certs/device-key.js';
import { messageSchemas } from '../../protocols/messages/catalogue.js';
import { readSigned } from '../../protocols/signed-message.js';
import { parseStrictJson } from '../../protocols/strict-json.js';
import { parseDownTopic } from '../../protocols/topics.js';
import { verifyTrust } from '../../protocols/trust-document.js';
import { downExamples, upExamples } from '../fixtures/examples/example-messages.js';
import { speechPath } from '../fixtures/speech/speech.js';
import type { Corpus } from './fuzz-corpus.js';
import { mutated, mutatedJson } from './mutation.js';
import type { Random } from './random.js';

/** One parser: `feed` gives it one input and names what came of it; what it throws is a fault. */
export interface Target {
  readonly name: string;
  feed(random: Random): Promise<string> | string;
}

/** The code of a LoaError; anything else goes on being thrown. */
export function named(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof LoaError) return error.code;
    throw error;
  }
}

/** A stretch of what a broker sends: CONNACK, messages, SUBACK, mutated or not, in pieces. */
function feedGuard(random: Random): string {
  const publish = (length: number): Buffer => {
    const body = Buffer.concat([
      Buffer.from([0, 4]),
      Buffer.from('loa/'),
      Buffer.from([0, 7]),
      Buffer.alloc(length),
    ]);
    const size = [];
    for (let left = body.length; ; left = left >> 7) {
      size.push((left & 127) | (left > 127 ? 128 : 0));
      if (left <= 127) break;
    }
    return Buffer.concat([Buffer.from([0x32, ...size]), body]);
  };
  const long = random.below(20) === 0 ? PASSED_LIMIT_BYTES + random.below(64) : random.below(300);
  const honest = Buffer.concat([Buffer.from([0x20, 2, 0, 0, 0x90, 3, 0, 1, 1]), publish(long), publish(3)]);
  const bytes = random.below(8) === 0 ? random.bytes(64) : mutated(honest, random);
  let state = GUARD_START;
  let passed = 0;
  let end = 'all passed';
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(random.below(2) === 0 ? 3 : 5_000);
    const step = guard(state, bytes.subarray(at, at + length));
    at += length;
    state = step.state;
    passed += step.pass.reduce((sum, chunk) => sum + chunk.length, 0);
    for (const effect of step.effects) end = effect.kind;
    if ('held' in state && state.held.length > 16) throw new Error(`${state.held.length} bytes held`);
  }
  if (passed > bytes.length) throw new Error('more came out than went in');
  return end;
}

function feedIcy(random: Random): string {
  const titles: string[] = [];
  const interval = 1 + random.below(400);
  const stripper = new IcyStripper(interval, (title) => void titles.push(title));
  const text = Buffer.from("StreamTitle='Bản tin';");
  const meta = Buffer.concat([Buffer.of(2), text, Buffer.alloc(32 - (text.length % 32))]);
  const bytes = mutated(Buffer.concat([random.bytes(interval), meta, random.bytes(interval)]), random);
  let sound = 0;
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(100);
    sound += stripper.strip(bytes.subarray(at, at + length)).length;
    at += length;
  }
  if (sound > bytes.length) throw new Error('more sound than bytes');
  if (titles.some((title) => title.length > 200)) throw new Error('a title of more than 200 characters');
  return titles.length > 0 ? 'title' : 'no title';
}

const CONTENT_TYPES = [
  undefined,
  'audio/mpeg',
  'audio/aac',
  'application/ogg',
  'text/html',
  'audio/mpegurl',
  '\0',
];

function feedAudio(heads: readonly Buffer[], random: Random): string {
  const from = random.of(heads);
  const bytes = random.below(10) === 0 ? random.bytes(random.below(2_000)) : mutated(from, random);
  const outcome = recognise(bytes, random.of(CONTENT_TYPES), random.below(2) === 0);
  if (outcome === undefined) return 'wants more';
  if (!outcome.ok) return outcome.refusal.code;
  const { skipBytes, format } = outcome.value;
  if (!Number.isInteger(skipBytes) || skipBytes < 0 || skipBytes > 2 ** 28 + 20)
    throw new Error(`${skipBytes} bytes to skip`);
  return format.decoder;
}

async function audioHeads(): Promise<Buffer[]> {
  const files = ['bulletin.mp3', 'bulletin.aac', 'bulletin.opus'] as const;
  const heads = await Promise.all(
    files.map(async (file) => (await readFile(speechPath(file))).subarray(0, 6_000)),
  );
  const id3 = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 40]);
  const [mp3 = Buffer.alloc(0)] = heads;
  const others = [
    'fLaC\0\0\0\x22',
    'RIFF\0\0\0\0WAVEfmt ',
    '\0\0\0\x20ftypM4A ',
    '#EXTM3U\n',
    '<!DOCTYPE html>',
    '{"a":1}',
  ];
  return [
    ...heads,
    Buffer.concat([id3, Buffer.alloc(40), mp3]),
    ...others.map((text) => Buffer.from(text, 'latin1')),
  ];
}

const SETTINGS_EXAMPLE = {
  language: 'vi',
  stateFolder: '/var/lib/loa',
  broker: { host: 'mqtt.tinh.example', port: 8883, keepaliveS: 60 },
  sound: { sink: 'null', bufferMs: 60 },
  media: { plainHosts: ['10.0.0.5:8000'], quotaMb: 64 },
};

function feedConfiguration(random: Random): string {
  return named(() => {
    if (random.below(2) === 0) checkConfig(mutatedJson(SETTINGS_EXAMPLE, random, []));
    else {
      const text = mutated(Buffer.from(JSON.stringify(SETTINGS_EXAMPLE)), random).toString();
      checkConfig(parsedOr(text));
    }
    return 'taken';
  });
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The parsers that need no process or socket of their own. */
export async function plainTargets(corpus: Corpus): Promise<Target[]> {
  const heads = await audioHeads();
  const { key, anchorsPem, honestPem } = corpus.certificates;
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const schemas = Object.entries(messageSchemas);
  const examples: readonly Record<string, unknown>[] = [...downExamples, ...upExamples].map(
    ({ payload }) => ({
      ...payload,
    }),
  );
  const deep = Buffer.from(`${'['.repeat(40)}${']'.repeat(40)}`);
  return [
    { name: 'MQTT packet guard', feed: feedGuard },
    {
      name: 'strict JSON',
      feed(random) {
        const from = random.below(20) === 0 ? deep : Buffer.from(JSON.stringify(random.of(examples)));
        const outcome = parseStrictJson(mutated(from, random));
        return outcome.ok ? 'taken' : outcome.refusal.code;
      },
    },
    {
      name: 'signed message (JWS)',
      async feed(random) {
        const outcome = readSigned(mutated(Buffer.from(random.of(corpus.signed)), random), corpus.ring);
        return outcome.ok ? 'taken' : outcome.refusal.code;
      },
    },
    {
      name: 'message schemas',
      feed(random) {
        const [type, schema] = random.of(schemas);
        const example = examples.find((one) => one['type'] === type) ?? random.of(examples);
        return schema.safeParse(mutatedJson(example, random, [])).success ? 'taken' : 'refused';
      },
    },
    {
      name: 'topics',
      feed(random) {
        const topic = mutated(Buffer.from('loa/v1/area/xa-001/emergency/province'), random).toString();
        return parseDownTopic(topic)?.kind ?? 'unknown';
      },
    },
    {
      name: 'trust document',
      async feed(random) {
        const text = mutated(Buffer.from(corpus.nextTrust), random).toString();
        const outcome = await verifyTrust(text, { current: corpus.trust });
        return outcome.ok ? 'taken' : outcome.refusal.code;
      },
    },
    { name: 'configuration', feed: feedConfiguration },
    {
      name: 'audio formats (MP3, ID3, ADTS, Ogg, FLAC, WAV, MP4, HLS)',
      feed: (random) => feedAudio(heads, random),
    },
    { name: 'ICY metadata', feed: feedIcy },
    {
      name: 'certificate files',
      feed(random) {
        const pem = mutated(Buffer.from(`${honestPem}${anchorsPem}`), random).toString('latin1');
        return named(() => {
          if (random.below(2) === 0) return `${certificatesOf(pem, 'fuzz.pem').length} certificates`;
          const { receiverId } = checkChain(pem, anchorsPem, key);
          if (receiverId !== 'loa-0001') throw new Error(`taken under another name: ${receiverId}`);
          return 'taken';
        });
      },
    },
    {
      name: 'key files',
      feed(random) {
        const pem = mutated(Buffer.from(keyPem), random).toString('latin1');
        return named(() => parseDeviceKey(pem, 'fuzz.key').algorithm);
      },
    },
    {
      name: 'technician requests (body)',
      feed(random) {
        const asked = mutatedJson({ frequencyHz: 440, durationMs: 500, levelDb: -30 }, random, []);
        const outcome = checkSound(random.below(8) === 0 ? random.of([null, [], 'x', 1]) : asked);
        return outcome.ok ? 'taken' : outcome.refusal.code;
      },
    },
  ];
}
