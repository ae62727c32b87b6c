import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../agent/core/errors.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { withoutMosquitto } from '../fakes/broker-mosquitto.js';
import { compareSegment } from '../heard/compare.js';
import { decodeReference } from '../heard/decode.js';
import { readWav } from '../heard/wav.js';
import { startSourceSystem } from '../source-system/source-system.js';
import { missingTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { BAD_MESSAGES, OVERSIZED, type BadMessage } from './bad-messages.js';
import { BAD_STARTS, startSpoilt, stoppedReceiver } from './bad-starts.js';
import { mosquittoProvince, openInputBench, type InputBench } from './input-bench.js';
import { reportsLost, type ReportsLost } from './reports-lost.js';

/** How one bad input went. */
export interface BadInputRow {
  readonly input: string;
  readonly expected: ErrorCode;
  /** The code by which the receiver named it, and where: `E_… (event, receipt)`. */
  readonly seen: string;
  /** Named as expected wherever it was named; at a start also with cause and remedy in both languages. */
  readonly named: boolean;
  /** The same process as before; at a start: ended with exit code 1, and runs again once mended. */
  readonly lived: boolean;
  /** The bulletin that was on air meanwhile is sample for sample the one sent, without a jump. */
  readonly unbroken: boolean;
  /** The lowest correlation of a quarter of a second of it. */
  readonly worst: number;
  /** A good command right after was answered with `done`. */
  readonly commandDone: boolean;
  /** What is missing of everything that the receiver had to say in the whole run. */
  readonly lost: ReportsLost;
}

type Pending = Omit<BadInputRow, 'unbroken' | 'worst' | 'lost'> & {
  readonly fromFrame: number;
  readonly toFrame: number;
};

const OVER_MQTT_5: BadMessage = { ...OVERSIZED, input: `${OVERSIZED.input} over MQTT 5` };

/** Every input of the table, in order, with the code that is expected. */
export const BAD_INPUTS: readonly { readonly input: string; readonly expected: ErrorCode }[] = [
  ...BAD_MESSAGES,
  OVER_MQTT_5,
  ...BAD_STARTS,
];

/** Why the scenario cannot run here; false where it can. */
export function withoutInputTools(): string | false {
  return withoutMosquitto() || missingTool('ffmpeg');
}

/**
 * Gives a running receiver everything that it should never get, one after another, under a bulletin on air, and starts
 * another one with spoilt files. Takes about a minute.
 * @param options.folder an empty folder for everything that is made
 */
export async function badInput({ folder }: { readonly folder: string }): Promise<BadInputRow[]> {
  const messages = join(folder, 'embedded-broker');
  const version5 = join(folder, 'mosquitto');
  await mkdir(messages, { recursive: true });
  await mkdir(version5, { recursive: true });
  const [most, starts] = await onEmbeddedBroker(messages);
  return [...most, ...(await onMosquitto(version5)), ...starts];
}

async function onEmbeddedBroker(folder: string): Promise<[BadInputRow[], BadInputRow[]]> {
  const system = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
  const bench = await openInputBench(folder, { ...system, brokerPort: system.broker.port });
  try {
    const pending: Pending[] = [];
    for (const message of BAD_MESSAGES) pending.push(await giveMessage(bench, message));
    const { receiver, playId } = await stoppedReceiver(folder, bench, (id, blocked) =>
      blocked ? system.broker.block(id) : system.broker.allow(id),
    );
    const starting: Pending[] = [];
    for (const start of BAD_STARTS) {
      const fromFrame = await bench.heardFrames();
      const { seen, explained, ...found } = await startSpoilt(receiver, bench, start);
      const { input, expected } = start;
      const named = explained && seen === expected;
      starting.push({
        ...{ input, expected, named, seen: `${seen} (standard error)`, ...found },
        ...{ fromFrame, toFrame: await bench.heardFrames() },
      });
    }
    // What it had to deliver before its files were spoilt.
    await bench.ears.waitFor('receipt', ({ message }) => message.body.playId === playId, 5_000);
    const rows = await judge(bench, [...pending, ...starting]);
    await playNotice(bench);
    await endBulletin(bench);
    const lost = (id: string): { lost: ReportsLost } => ({ lost: reportsLost(bench.ears, id) });
    return [
      rows.slice(0, pending.length).map((row) => ({ ...row, ...lost(bench.receiver.id) })),
      rows.slice(pending.length).map((row) => ({ ...row, ...lost(receiver.id) })),
    ];
  } finally {
    await bench.close();
  }
}

async function onMosquitto(folder: string): Promise<BadInputRow[]> {
  const bench = await openInputBench(folder, await mosquittoProvince(join(folder, 'province')));
  try {
    const { mqttVersion } = (await bench.receiver.status()).link;
    if (mqttVersion !== 5) throw new Error(`connected with MQTT ${mqttVersion}, not 5`);
    const rows = await judge(bench, [await giveMessage(bench, OVER_MQTT_5)]);
    await endBulletin(bench);
    return rows.map((row) => ({ ...row, lost: reportsLost(bench.ears, bench.receiver.id) }));
  } finally {
    await bench.close();
  }
}

async function giveMessage(bench: InputBench, { input, expected, give }: BadMessage): Promise<Pending> {
  const { receiver, ears, bulletin } = bench;
  const before = { pid: receiver.pid, startedAt: (await receiver.status()).startedAt };
  const fromFrame = await bench.heardFrames();
  const known = ears.events.length;
  const playId = await give(bench);
  const event = await ears.waitFor('event', (one) => ears.events.indexOf(one) >= known, 10_000);
  const codes = [event.message.body.code];
  const { playId: bulletinId, source, title } = bulletin.message.body;
  // A good command that does not touch what is heard: it renews the lease of the bulletin on air.
  const outcome = await bench.command({ playId: bulletinId, source, title, forMs: 300_000 });
  if (playId !== undefined) {
    const receipt = await ears.waitFor('receipt', ({ message }) => message.body.playId === playId, 15_000);
    const { code, framesHeard } = receipt.message.body;
    codes.push(framesHeard === 0 ? (code ?? 'none') : `${framesHeard} frames heard`);
  }
  await sleep(300);
  const { startedAt, onAir } = await receiver.status();
  return {
    ...{
      input,
      expected,
      seen: `${[...new Set(codes)].join(', ')} (${codes.length > 1 ? 'event, receipt' : 'event'})`,
    },
    named: codes.every((code) => code === expected),
    lived: receiver.pid === before.pid && startedAt === before.startedAt && onAir?.playId === bulletinId,
    commandDone: outcome === 'done',
    ...{ fromFrame, toFrame: await bench.heardFrames() },
  };
}

/** A bulletin of another kind after all that: heard to its end. */
async function playNotice({ media, province, send, ears }: InputBench): Promise<void> {
  const sound = media.addFile('thong-bao.mp3', await readFile(speechPath('notice.mp3')));
  const start = await province.playStart('tan-hoa', {
    target: { area: 'ap-1' },
    source: { kind: 'file', ...sound, onInterrupt: 'resume' },
    title: 'Thông báo',
    class: 'priority',
    forMs: 60_000,
  });
  await send(start);
  const { playId } = start.message.body;
  const { message } = await ears.waitFor('receipt', (one) => one.message.body.playId === playId, 60_000);
  if (message.body.outcome !== 'completed') throw new Error(`the last bulletin: ${message.body.outcome}`);
}

/**
 * Ends the bulletin, waits until the receiver has delivered everything, and stops it: its farewell has the last number of
 * all, so that a hole is a loss. (Stopped with the bulletin on air it would keep the receipt for its next start.)
 */
async function endBulletin({ receiver, province, send, ears, bulletin }: InputBench): Promise<void> {
  const { playId } = bulletin.message.body;
  await send(await province.playStop('tan-hoa', { target: { area: 'ap-1' }, playId }));
  await ears.waitFor('receipt', ({ message }) => message.body.playId === playId, 10_000);
  await receiver.waitFor('everything delivered', ({ outbox }) => outbox.messages === 0);
  const farewell = ears.waitFor(
    'state',
    ({ receiver: id, message: { body } }) => id === receiver.id && !body.online && body.reason === 'stopped',
    10_000,
  );
  await receiver.stop();
  await farewell;
}

/** Compares what was heard during each input with the stream, at the one lag of the whole time. */
async function judge(bench: InputBench, pending: readonly Pending[]): Promise<Omit<BadInputRow, 'lost'>[]> {
  // The header of the file tells its length once a second.
  await sleep(1_200);
  const { samples: heard, rateHz } = await readWav(bench.heardPath);
  const reference = await decodeReference(bench.media.streamBytes('bulletin').bytes, { format: 'mp3' });
  const whole = {
    fromFrame: Math.min(...pending.map(({ fromFrame }) => fromFrame)),
    toFrame: Math.max(...pending.map(({ toFrame }) => toFrame)),
  };
  const shared = { heard, reference, rateHz, rampFrames: 0 };
  const { lagFrames } = compareSegment({ ...shared, ...whole });
  return pending.map(({ fromFrame, toFrame, ...row }) => {
    const lag = { expectedLagFrames: lagFrames, searchFrames: rateHz / 1_000 };
    const { holds, worst } = compareSegment({ ...shared, ...lag, fromFrame, toFrame });
    return { ...row, worst, unbroken: holds };
  });
}
