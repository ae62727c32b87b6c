import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import type { Receipt } from '../../protocols/messages/up.js';
import {
  buildCard,
  frameAt,
  openCard,
  positionOf,
  type Card,
  type CardEvent,
  type Timeline,
} from '../fixtures/sound-card/card.js';
import { speechPath, type SpeechFile } from '../fixtures/speech/speech.js';
import { decodeReference } from '../heard/decode.js';
import { missingTool } from '../support/external-tool.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import {
  checkReceipt,
  onlyStart,
  orderHeard,
  playedParts,
  quietOutside,
  type CardAccount,
  type PlayedPart,
  type Quiet,
  type ReceiptCheck,
} from './card-account.js';
import type { HeardOf } from '../source-system/ears.js';
import { LiveFeeder, type LiveFormat } from './live-feeder.js';
import { startRealProvince, type RealProvince } from './real-province.js';

/** Where and with what log a run is made. */
export interface CardPlayOptions {
  /** An existing folder; each try makes one of its own in it. */
  readonly folder: string;
  readonly log: Log;
}

/** What one run found, all of it from the card's own time line; receipts only say where to look. */
export interface CardPlayFigures {
  readonly format: LiveFormat;
  /** Live until the emergency, the emergency, live again, the file. */
  readonly parts: readonly PlayedPart[];
  /** How long after it was sent to Icecast the live stream was at the loudspeaker, milliseconds. */
  readonly liveLagMs: number;
  /** By how much that differs after the emergency, milliseconds. */
  readonly liveShiftMs: number;
  /** By sound alone. */
  readonly order: readonly string[];
  readonly quiet: Quiet;
  readonly receipts: readonly ReceiptCheck[];
  /** Every signed record was believed and follows the one before it. */
  readonly chainHolds: boolean;
  /** Of the receiver's connection to mosquitto. */
  readonly mqttVersion: number;
  /** Runs thrown away because the card ran dry. */
  readonly repeats: number;
}

const FILES: Readonly<Record<LiveFormat, SpeechFile>> = {
  mp3: 'notice.mp3',
  aac: 'bulletin.aac',
  opus: 'bulletin.opus',
};
const RECEIVER = 'cum-01';
const BUFFER_MS = 300;
const REPEATS = 2;
/** Of the receiver's log, for the report of a failure. */
const LOG_TAIL = 3_000;
const LIVE_MS = 18_500;
const LIVE_ALONE_MS = 6_500;
const FILE_MS = 9_000;
const QUIET_MS = 1_000;
const RECEIPT_MS = 25_000;
/** Icecast's burst, pre-roll, card: the live stream's delay lies within 0 and twice this. */
const LIVE_DELAY_MS = 2_500;

/** `missing tool: NAME` where a part of the rig is not on this machine, otherwise false. For tap's `skip`. */
export async function withoutCardPlay(): Promise<string | false> {
  for (const tool of ['ffmpeg', 'aplay', 'mosquitto', 'icecast2']) {
    const missing = missingTool(tool);
    if (missing !== false) return missing;
  }
  const built = await buildCard();
  return built.ok ? false : `missing tool: ${built.missing}`;
}

/**
 * The whole way: a live stream of a format from Icecast, an emergency that interrupts it, the stream again until its
 * lease ends, then a file, all commanded over mosquitto and heard on the software card through `aplay`. A run in which
 * the card ran dry (this machine stood still) is thrown away and made again, at most twice.
 */
export async function cardPlay(format: LiveFormat, options: CardPlayOptions): Promise<CardPlayFigures> {
  for (let repeats = 0; ; repeats += 1) {
    const folder = join(options.folder, `${format}-${repeats}`);
    await mkdir(folder);
    const run = await runOnce(format, { ...options, folder });
    const dry = run.events.filter(({ event }) => event === 'xrun').length;
    if (dry === 0) return { ...(await figuresOf(format, run)), repeats };
    if (repeats === REPEATS) throw new Error(`the card ran dry in each of ${repeats + 1} runs`);
    options.log.warn({ format, dry }, 'the card ran dry: once more');
  }
}

interface Run {
  readonly timeline: Timeline;
  /** The card's, until the receiver was told to end. */
  readonly events: readonly CardEvent[];
  readonly wallOffsetMs: number;
  /** Of the live stream, the emergency and the file. */
  readonly receipts: readonly [Receipt, Receipt, Receipt];
  readonly feed: { readonly startedMs: number; readonly reference: Float32Array };
  readonly chainHolds: boolean;
  readonly mqttVersion: number;
}

async function runOnce(format: LiveFormat, { folder, log }: CardPlayOptions): Promise<Run> {
  const rig = await startRealProvince({ folder, log });
  let receiver: ReceiverProcess | undefined;
  let feeder: LiveFeeder | undefined;
  try {
    const { icecast } = rig;
    feeder = await LiveFeeder.start({
      ...{ icecast, mount: 'bulletin', format, input: speechPath('bulletin.mp3') },
    });
    const cardFolder = join(folder, 'card');
    await mkdir(cardFolder);
    const card = await openCard(cardFolder, { tellsPosition: true });
    receiver = await startReceiver(rig, card, folder);
    const { link } = await receiver.waitFor('up', (status) => {
      return status.link.kind === 'up' && status.assignment !== undefined && status.sink.ok;
    });
    const receipts = await play(rig, format);
    const wallOffsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
    return {
      ...{ receipts, wallOffsetMs, timeline: await card.timeline(), events: await card.events() },
      feed: { startedMs: feeder.startedMs, reference: await feeder.reference() },
      chainHolds: chainHolds(rig),
      mqttVersion: link.mqttVersion ?? 0,
    };
  } catch (cause) {
    const tail = receiver?.written.slice(-LOG_TAIL) ?? 'not started';
    throw new Error(`${messageOf(cause)}; the receiver: ${tail}`, { cause });
  } finally {
    await receiver?.stop();
    await feeder?.stop();
    await rig.close();
  }
}

async function startReceiver(rig: RealProvince, card: Card, folder: string): Promise<ReceiverProcess> {
  const receiver = await ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, 'receiver'),
    broker: { host: 'localhost', port: rig.mosquitto.port },
    settings: {
      // The buffer is roomy: stalls of this machine are not what is measured.
      sound: { sink: 'alsa', device: card.device, bufferMs: BUFFER_MS, ...positionOf(card) },
      media: { plainHosts: [rig.icecast.host] },
    },
    env: { ...card.env },
    admit: (csrPem) => rig.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
  await receiver.start();
  return receiver;
}

/** Commands the programme and waits for its receipts. */
async function play(rig: RealProvince, format: LiveFormat): Promise<[Receipt, Receipt, Receipt]> {
  const { province, ears, icecast, media } = rig;
  const receiptOf = async (title: string): Promise<Receipt> => {
    const isIt = ({ message }: HeardOf<'receipt'>): boolean => message.body.title === title;
    try {
      return (await ears.waitFor('receipt', isIt, RECEIPT_MS)).message;
    } catch (cause) {
      throw new Error(`no receipt of ${title} within ${RECEIPT_MS} ms`, { cause });
    }
  };
  const addFile = async (file: SpeechFile) => media.addFile(file, await readFile(speechPath(file)));

  const live = { kind: 'live' as const, url: icecast.urlOf('bulletin') };
  const target = { area: 'tan-hoa' };
  await rig.send(
    await province.playStart('tan-hoa', { target, source: live, title: 'live', forMs: LIVE_MS }),
  );
  await pause(LIVE_ALONE_MS);
  const content = {
    kind: 'file' as const,
    ...(await addFile('emergency.mp3')),
    onInterrupt: 'resume' as const,
  };
  const emergency = { title: 'emergency', content: [content], forMs: 3 * LIVE_MS, repeatEveryMs: 600_000 };
  await rig.send(await province.emergencySet('tan-hoa', { area: 'ap-1' }, [emergency]));
  const ofLive = await receiptOf('live');
  await pause(QUIET_MS);
  const source = { kind: 'file' as const, ...(await addFile(FILES[format])), onInterrupt: 'resume' as const };
  await rig.send(await province.playStart('tan-hoa', { target, source, title: 'file', forMs: FILE_MS }));
  const ofFile = await receiptOf('file');
  await pause(QUIET_MS);
  return [ofLive, await receiptOf('emergency'), ofFile];
}

function chainHolds({ ears }: RealProvince): boolean {
  const records = [...ears.receipts, ...ears.events].filter(({ receiver }) => receiver === RECEIVER);
  const firsts = records.filter(({ chain }) => chain === 'first').length;
  return (
    ears.disbelieved.length === 0 &&
    firsts <= 1 &&
    records.every(({ chain }) => chain === 'first' || chain === 'linked')
  );
}

function fileReference(file: SpeechFile): Promise<Float32Array> {
  return decodeReference(speechPath(file), file === 'bulletin.opus' ? { decoder: 'libopus' } : {});
}

async function figuresOf(format: LiveFormat, run: Run): Promise<Omit<CardPlayFigures, 'repeats'>> {
  const { timeline, wallOffsetMs, receipts, feed, chainHolds, mqttVersion } = run;
  const account: CardAccount = { timeline, wallOffsetMs, sinkStart: onlyStart(run.events) };
  const [ofLive, ofEmergency, ofFile] = receipts;
  const framesOfMs = (ms: number): number => Math.round((ms * timeline.rateHz) / 1000);
  const sentFrame = frameAt(timeline, feed.startedMs);
  // The stream comes round every 41.8 s: only the time line that is now is looked for.
  const reachFrames = framesOfMs(LIVE_DELAY_MS);
  const around = { frame: sentFrame + reachFrames, reachFrames };
  const references = {
    live: feed.reference,
    emergency: await decodeReference(speechPath('emergency.mp3')),
    file: await fileReference(FILES[format]),
  };
  const live = playedParts(account, ofLive, { name: 'live', reference: references.live, around });
  const emergency = playedParts(account, ofEmergency, {
    ...{ name: 'emergency', reference: references.emergency },
  });
  const file = playedParts(account, ofFile, { name: 'file', reference: references.file });
  const lags = live.map(({ comparison }) => comparison.lagFrames);
  const msOf = (frames: number): number => (frames * 1000) / timeline.rateHz;
  return {
    format,
    parts: [...live, ...emergency, ...file].sort((one, other) => one.fromFrame - other.fromFrame),
    liveLagMs: msOf((lags[0] ?? NaN) - sentFrame),
    liveShiftMs: msOf(Math.max(...lags) - Math.min(...lags)),
    order: orderHeard(timeline, references),
    quiet: quietOutside(account, receipts),
    receipts: receipts.map((receipt) => checkReceipt(account, receipt)),
    chainHolds,
    mqttVersion,
  };
}
