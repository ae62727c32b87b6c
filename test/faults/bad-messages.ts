import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CompactSign } from 'jose';
import type { ErrorCode } from '../../agent/core/errors.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import { TYP } from '../../protocols/signed-message.js';
import { downTopics } from '../../protocols/topics.js';
import { speechPath } from '../fixtures/speech/speech.js';
import type { InputBench } from './input-bench.js';

/** Something that should never reach a receiver, and what it must say about it. */
export interface BadMessage {
  readonly input: string;
  readonly expected: ErrorCode;
  /** Gives it to the receiver; the id of the play where it is one that is taken up. */
  readonly give: (bench: InputBench) => Promise<string | undefined>;
}

const TOPIC = downTopics.areaCommand('ap-1');
const PAGE =
  '<!DOCTYPE html><html lang="vi"><title>Đăng nhập</title><p>Vui lòng đăng nhập mạng.</p></html>\n';

async function raw(bench: InputBench, payload: string | Uint8Array): Promise<undefined> {
  await bench.publish(TOPIC, payload);
  return undefined;
}

/** A bulletin of a class above the one on air, so that it would interrupt it if it could. */
async function play(
  { province, send }: InputBench,
  source: SoundSource,
  alter?: (message: Record<string, unknown>) => Record<string, unknown>,
): Promise<string | undefined> {
  const request = {
    target: { area: 'ap-1' },
    source,
    title: 'Hỏng',
    class: 'priority' as const,
    forMs: 4_000,
  };
  const start = await province.playStart('tan-hoa', request, alter === undefined ? {} : { alter });
  await send(start);
  return alter === undefined ? start.message.body.playId : undefined;
}

const chime: SoundSource = { kind: 'stored', name: 'chime' };

function file({ url, sha256 }: { url: string; sha256: string }): SoundSource {
  return { kind: 'file', url, sha256, onInterrupt: 'resume' };
}

/** A message of 300 kB on a command topic: over the limit of a message, below that of a connection. */
export const OVERSIZED: BadMessage = {
  input: 'a message of 300 kB',
  expected: 'E_MESSAGE_SIZE',
  give: (bench) => raw(bench, Buffer.alloc(300_000, 'x')),
};

/** What a running receiver may get from the broker or from a media server. */
export const BAD_MESSAGES: readonly BadMessage[] = [
  {
    input: 'a garbage message',
    expected: 'E_MESSAGE_GARBAGE',
    give: (bench) => raw(bench, randomBytes(200)),
  },
  OVERSIZED,
  {
    input: 'an unknown type, rightly signed',
    expected: 'E_MESSAGE_TYPE',
    give: (bench) => play(bench, chime, (message) => ({ ...message, type: 'play.dance' })),
  },
  {
    input: 'an unknown bulletin class, rightly signed',
    expected: 'E_MESSAGE_CLASS',
    give: (bench) =>
      play(bench, chime, (message) => ({
        ...message,
        body: { ...(message['body'] as object), class: 'extraordinary' },
      })),
  },
  {
    input: 'broken JSON, rightly signed',
    expected: 'E_MESSAGE_GARBAGE',
    async give(bench) {
      const { key, kid, algorithm } = bench.province.signer('tan-hoa');
      const jws = await new CompactSign(Buffer.from('{"type":"play.start","body":{'))
        .setProtectedHeader({ alg: algorithm, kid, typ: TYP['play.start'] })
        .sign(key);
      return raw(bench, jws);
    },
  },
  {
    input: 'media that is not there (404)',
    expected: 'E_MEDIA_STATUS',
    give: (bench) =>
      play(bench, file({ url: `${bench.media.address}/files/khong-co.mp3`, sha256: 'a'.repeat(64) })),
  },
  {
    input: 'a file that is HTML (200), its digest right',
    expected: 'E_MEDIA_FORMAT',
    give: (bench) => play(bench, file(bench.media.addFile('trang.html', Buffer.from(PAGE)))),
  },
  {
    input: 'a live stream that is HTML (200)',
    expected: 'E_MEDIA_FORMAT',
    give(bench) {
      bench.media.fault('/live/cong-dang-nhap', 'html');
      return play(bench, { kind: 'live', url: `${bench.media.address}/live/cong-dang-nhap` });
    },
  },
  {
    input: 'a file that is not the one signed (digest)',
    expected: 'E_MEDIA_DIGEST',
    async give(bench) {
      const { url } = bench.media.addFile('notice.mp3', await readFile(speechPath('notice.mp3')));
      return play(bench, file({ url, sha256: 'b'.repeat(64) }));
    },
  },
];
