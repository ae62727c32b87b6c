import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeAtomic } from '../../agent/core/atomic-file.js';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf as wordsOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import {
  messageSource,
  textSource,
  voiceName,
  type MessageSource,
  type TextSound,
} from '../../protocols/messages/sound-source.js';
import { Ears } from './ears.js';
import { heardLine } from './heard-line.js';
import { writeMirror } from './mirror-files.js';
import type { Arguments } from './operator-arguments.js';
import { connectOperator } from './operator-link.js';
import type { ProvinceFolder } from './province-folder.js';
import { withDesired, type EmergencyRequest, type PlayRequest, type Publication } from './province.js';

const FILE_LIMIT_BYTES = 64 << 20;

/** What a verb works with. */
export interface Desk {
  readonly args: Arguments;
  readonly folder: ProvinceFolder;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends verbs that go on until they are told to. */
  readonly signal: AbortSignal;
  /** Writes one line for the person at the terminal. */
  readonly say: (line: string) => void;
}

/** `enrol`: signs a receiver's request and publishes where it stands. */
export async function enrol({ args, folder, say }: Desk): Promise<void> {
  const [id, home, out] = [args.needed('id'), args.needed('home'), args.needed('out')];
  const csrPem = (await readInput(args.needed('csr'))).toString('utf8');
  const enrolment = await folder.enrol({ id, csrPem, home, groups: args.list('group') });
  await writeAtomic(join(out, 'cert.pem'), enrolment.certificatePem, 0o644);
  await writeAtomic(join(out, 'anchors.pem'), enrolment.anchorsPem, 0o644);
  await writeAtomic(join(out, 'trust.json'), enrolment.trustText, 0o644);
  say(`Signed ${id} for ${home}. In ${out}: cert.pem, anchors.pem, trust.json`);
  say(`Root fingerprint (compare by another way): ${enrolment.rootFingerprint}`);
  await send(folder, enrolment.assignment);
  say('The assignment has been published.');
}

/** `play`: a bulletin now. */
export async function play({ args, folder, say }: Desk): Promise<void> {
  const target = targetOf(args);
  const minutes = args.number('minutes', 0.01, 1440) ?? 10;
  const bulletinClass = args.oneOf('class', ['normal', 'priority']);
  const gainDb = args.number('gain', -40, 0);
  const source = await sourceOf(args, folder);
  const publication = await folder.province.playStart(args.text('as') ?? 'province', {
    ...{ target, source, forMs: Math.round(minutes * 60_000), fallback: fallbackOf(args) },
    title: args.text('title') ?? titleOf(args),
    ...(bulletinClass === undefined ? {} : { class: bulletinClass }),
    ...(gainDb === undefined ? {} : { gainDb }),
  });
  await send(folder, publication);
  const { id, body } = publication.message;
  say(`Sent on ${publication.topic}: command ${id}, until ${body.until} at the latest`);
  say(`Stop it with: stop --play ${body.playId}`);
}

/** `stop`: the play named, or the newest. */
export async function stop({ args, folder, say }: Desk): Promise<void> {
  const id = args.text('play');
  const plays = await folder.province.plays();
  const found = id === undefined ? plays.at(-1) : plays.find(({ playId }) => playId === id);
  if (found === undefined)
    throw new LoaError('E_USAGE', id === undefined ? 'nothing was played' : `no such play: ${id}`);
  const { playId, target, authority, title } = found;
  const publication = await folder.province.playStop(args.text('as') ?? authority, { target, playId });
  await send(folder, publication);
  say(`Sent on ${publication.topic}: stop of "${title}" (${playId})`);
}

/** `emergency`: adds one to those in force there. */
export async function emergency({ args, folder, say }: Desk): Promise<void> {
  const slot = args.slot();
  const severity = args.oneOf('severity', ['minor', 'moderate', 'severe', 'extreme']);
  const status = args.oneOf('status', ['actual', 'exercise', 'test']);
  const minutes = args.number('minutes', 0.01, 7 * 1440) ?? 60;
  const everySeconds = args.number('every', 30, 86_400) ?? 60;
  const message = messageOf(args);
  const source = message ?? (await sourceOf(args, folder, 'resume'));
  const publication = await folder.province.emergencyAdd(args.text('as') ?? 'province', slot, {
    title: args.text('title') ?? (message === undefined ? titleOf(args) : `message ${message.number}`),
    content: [source],
    forMs: Math.round(minutes * 60_000),
    repeatEveryMs: Math.round(everySeconds * 1000),
    ...(severity === undefined ? {} : { severity }),
    ...(status === undefined ? {} : { status }),
  });
  await send(folder, publication);
  const { revision, body } = publication.message;
  const added = body.emergencies.at(-1);
  say(`Published on ${publication.topic}, revision ${revision}: ${body.emergencies.length} in force`);
  say(`Emergency ${added?.id ?? ''}, until ${added?.endsAt ?? ''}`);
}

/** `cancel`: takes one emergency, or all, out of force. */
export async function cancel({ args, folder, say }: Desk): Promise<void> {
  const by = args.text('as') ?? 'province';
  const publication = await folder.province.emergencyCancel(by, args.slot(), args.text('emergency'));
  await send(folder, publication);
  const { revision, body } = publication.message;
  say(`Published on ${publication.topic}, revision ${revision}: ${body.emergencies.length} in force`);
}

/** `watch`: prints what receivers say until it is told to end. */
export async function watch({ folder, clock, log, signal, say }: Desk): Promise<void> {
  const { broker } = await folder.readEndpoints();
  const ears = await Ears.start({
    ...{ url: broker, identity: folder.operator, anchorsPem: folder.ca.anchorsPem, clock, log },
    clientId: `operator-watch-${randomUUID().slice(0, 8)}`,
    certificateOf: (id) => folder.certificateOf(id),
    onHeard: (heard) => say(heardLine(heard)),
  });
  say(`Listening at ${broker}. Ctrl-C ends.`);
  await ended(signal);
  await ears.close();
}

/** Resolves when the signal is given. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Reads a file that a person named. @throws LoaError `E_USAGE` naming it */
export async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LoaError('E_USAGE', `cannot read ${path}: ${wordsOf(cause)}`, { cause });
  }
}

/** Publishes what was signed. @throws LoaError `E_LINK_CONNECT`, `E_LINK_REFUSED` */
export async function send(folder: ProvinceFolder, publication: Publication): Promise<void> {
  for (const one of await withDesired(folder.province, publication)) await sendOne(folder, one);
}

async function sendOne(folder: ProvinceFolder, { topic, payload, retain }: Publication): Promise<void> {
  // First, so that it stands there also when the broker is the reason that somebody is at this desk.
  if (retain) await folder.writeMirror();
  const { broker } = await folder.readEndpoints();
  const client = await connectOperator({
    ...{ url: broker, identity: folder.operator, anchorsPem: folder.ca.anchorsPem, reconnectMs: 0 },
    clientId: `operator-tool-${randomUUID().slice(0, 8)}`,
  });
  try {
    await client.publishAsync(topic, payload, { qos: 1, retain });
  } catch (cause) {
    throw new LoaError('E_LINK_REFUSED', `${topic}: ${wordsOf(cause)}`, { cause });
  } finally {
    await client.endAsync();
  }
}

/** `mirror`: writes what any web server may serve as the mirror. */
export async function mirror({ args, folder, say }: Desk): Promise<void> {
  const out = args.text('out') ?? folder.mirrorPath;
  const changed = await writeMirror(out, folder.province);
  say(
    `${changed} files written below ${out}: serve that folder over HTTPS, with ETags and without redirects.`,
  );
  say('Run it again after each change, and every 15 minutes: the beats in it tell the time.');
}

/** `--area`, `--receiver` or `--group`. @throws LoaError `E_USAGE` */
export function targetOf(args: Arguments): PlayRequest['target'] {
  const { name, value } = args.exactlyOne('area', 'receiver', 'group');
  if (name === 'area') return { area: value };
  return name === 'receiver' ? { receiver: value } : { group: value };
}

function titleOf(args: Arguments): string {
  const { name, value } = args.exactlyOne('url', 'file', 'stored', 'text');
  return (name === 'file' ? basename(value) : value.replaceAll('\n', ' ')).slice(0, 200);
}

/** A text for the device to speak. @throws LoaError `E_USAGE` */
function textOf(args: Arguments, words: string): TextSound {
  const [voice, speed] = [args.oneOf('voice', voiceName.options), args.number('speed', 80, 300)];
  const parsed = textSource.safeParse({
    kind: 'text',
    text: words,
    lang: args.oneOf('lang', ['vi', 'en']) ?? 'vi',
    ...(voice === undefined ? {} : { voice }),
    ...(speed === undefined ? {} : { speed: Math.round(speed) }),
  });
  if (!parsed.success)
    throw new LoaError('E_USAGE', `--text: ${parsed.error.issues[0]?.message ?? 'not a text to speak'}`);
  return parsed.data;
}

/** What stands in where the source gives no sound: another stream, then a sound of the device. */
function fallbackOf(args: Arguments): NonNullable<PlayRequest['fallback']> {
  const [backup, stored] = [args.text('backup'), args.oneOf('else', ['chime', 'siren'])];
  if (backup !== undefined && !URL.canParse(backup)) throw new LoaError('E_USAGE', `not a URL: ${backup}`);
  return [
    ...(backup === undefined ? [] : [{ kind: 'live', url: backup } as const]),
    ...(stored === undefined ? [] : [{ kind: 'stored', name: stored } as const]),
  ];
}

/** `--pin`: the key that the server of a live stream must have. @throws LoaError `E_USAGE` */
function pinOf(args: Arguments): { pin?: string } {
  const pin = args.text('pin');
  if (pin === undefined) return {};
  if (!/^[0-9a-f]{64}$/.test(pin)) throw new LoaError('E_USAGE', '--pin is 64 hexadecimal digits');
  return { pin };
}

async function sourceOf(
  args: Arguments,
  folder: ProvinceFolder,
  onInterrupt: 'resume' | 'rejoin' = 'resume',
): Promise<Exclude<EmergencyRequest['content'][number], MessageSource>> {
  const { name, value } = args.exactlyOne('url', 'file', 'stored', 'text');
  switch (name) {
    case 'url':
      if (!URL.canParse(value)) throw new LoaError('E_USAGE', `not a URL: ${value}`);
      return { kind: 'live', url: value, ...pinOf(args) };
    case 'text':
      return textOf(args, value);
    case 'stored': {
      const stored = args.oneOf('stored', ['chime', 'siren']);
      return { kind: 'stored', name: stored ?? 'chime' };
    }
    case 'file':
      return { kind: 'file', ...(await served(folder, value)), onInterrupt };
  }
}

/** Puts a file where the media server serves it. @throws LoaError `E_USAGE`, `E_MEDIA_SIZE` */
export async function served(
  folder: ProvinceFolder,
  path: string,
): Promise<{ readonly url: string; readonly sha256: string }> {
  const bytes = await readInput(path);
  if (bytes.length > FILE_LIMIT_BYTES) throw new LoaError('E_MEDIA_SIZE', `${path}: ${bytes.length} bytes`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const held = `${sha256.slice(0, 16)}${extname(path).replace(/[^A-Za-z0-9.]/g, '')}`;
  await writeAtomic(join(folder.mediaPath, held), bytes, 0o644);
  const { media } = await folder.readEndpoints();
  return { url: `${media}/files/${held}`, sha256 };
}

/** `--message`, with `--languages`; undefined where it is not given. @throws LoaError `E_USAGE` */
function messageOf(args: Arguments): MessageSource | undefined {
  const number = args.number('message', 1, 9_999);
  if (number === undefined) return undefined;
  const languages = args.text('languages')?.split(',');
  const asked = { kind: 'message', number, ...(languages === undefined ? {} : { languages }) };
  const parsed = messageSource.safeParse(asked);
  if (parsed.success) return parsed.data;
  throw new LoaError('E_USAGE', `--message: ${parsed.error.issues[0]?.message ?? 'no number'}`);
}
