import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../faults/child-processes.js';
import { messageOf } from '../../agent/core/errors.js';
import { peakOf } from '../heard/transitions.js';
import { openssl, OpensslAuthority } from '../fixtures/certificates/openssl-authority.js';
import { monotonicMs } from './card-record.js';
import { PacedMedia } from './paced-media.js';
import { pacedSound, toneInput, type PacedFormat, type PacedSound } from './paced-sound.js';
import { receiptAgainstCard, soundingOf, type ReceiptOff } from './receipt-against-card.js';
import type { SoundBench } from './sound-bench.js';

/** One fault as the card's record shows it. */
export interface FaultSeen {
  readonly fault: string;
  readonly bound: string;
  /** From the first sample of the play to its end: the longest stretch below −50 dBFS, milliseconds. */
  readonly silentMs: number;
  /** From the instant at which nothing stood in the way any more to the source heard again, milliseconds; 0 where it never stopped. */
  readonly backMs: number;
  /** How far the receipt is from the record; undefined where there is nothing to compare. */
  readonly receipt: ReceiptOff | undefined;
  /** Codes that the receiver reported. */
  readonly codes: readonly string[];
  /** Why it falls short; empty where it holds. */
  readonly shortfalls: readonly string[];
  /** The fault could not be made: nothing is known. */
  readonly failure?: string;
}

interface Scene {
  readonly bench: SoundBench;
  readonly path: string;
  readonly sound: PacedSound;
}

/** How a fault is made and what must be seen. */
interface Fault {
  readonly fault: string;
  readonly format?: PacedFormat;
  /** What was buffered goes on for so long that the fault can be heard only then; 1 s where left out. */
  readonly effectMs?: number;
  /** At most, milliseconds. */
  readonly backMs: number;
  readonly silentMs?: number;
  /** How the path is served at first. */
  readonly route?: { readonly contentType?: string; readonly redirect?: boolean };
  /** The source is not heard before the cure. */
  readonly silentAtFirst?: boolean;
  /** Makes the fault; returns the instant (monotonic milliseconds) from which nothing stands in the way. */
  inject(scene: Scene): Promise<number>;
  readonly boundText: string;
}

const TONE_HZ = 880;
const STREAM_S = 240;
const BURST_MS = 1_000;
const RECEIPT_MS = 20;
const PLAYS_BEFORE_MS = 2_500;
const AGAIN_MS = 1_000;

/** Names of all faults, in the order of {@link soundFaults}. */
export function faultNames(): string[] {
  return [...FAULTS.map(({ fault }) => fault), TLS_FAULT];
}

const now = async (): Promise<number> => monotonicMs();

const FAULTS: readonly Fault[] = [
  {
    fault: 'silent stall',
    effectMs: 5_000,
    backMs: 4_500,
    boundText: 'source heard again ≤ 4.5 s after the last byte (3 s are the stall)',
    inject: ({ bench, path }) => (bench.media.fault(path, 'stall'), now()),
  },
  {
    fault: 'clean end',
    effectMs: 2_500,
    backMs: 1_500,
    boundText: 'source heard again ≤ 1.5 s after the end',
    inject: ({ bench, path }) => (bench.media.end(path), now()),
  },
  {
    fault: 'burst after a pause',
    backMs: 700,
    silentMs: 2_000,
    boundText: 'pause of 2 s: silence ≤ 2 s, source heard ≤ 0.7 s after the burst',
    async inject({ bench, path }) {
      bench.media.fault(path, 'hold');
      await sleep(2_000);
      bench.media.fault(path, undefined);
      return monotonicMs();
    },
  },
  {
    fault: 'corrupted frames',
    backMs: 1_500,
    silentMs: 2_000,
    boundText: 'a third of the frames noise for 1.5 s: source whole ≤ 1.5 s after it',
    async inject({ bench, path }) {
      bench.media.fault(path, 'corrupt');
      await sleep(1_500);
      bench.media.fault(path, undefined);
      return monotonicMs();
    },
  },
  {
    fault: 'wrong content type',
    backMs: 0,
    route: { contentType: 'audio/aac' },
    boundText: 'MP3 that says audio/aac is heard, without a silence',
    silentMs: 0,
    inject: now,
  },
  {
    fault: 'slow trickle',
    effectMs: 6_000,
    backMs: 12_000,
    boundText: '100 bytes a second are a fault: source heard again ≤ 12 s after they began',
    inject: ({ bench, path }) => (bench.media.fault(path, 'trickle'), now()),
  },
  {
    fault: 'redirect loop',
    backMs: 9_000,
    route: { redirect: true },
    silentAtFirst: true,
    boundText: 'at most 40 requests in 6 s, told; source heard ≤ 9 s after the loop is gone',
    async inject({ bench, path, sound }) {
      await sleep(6_000);
      const requests = bench.media.requests.get(path) ?? 0;
      if (requests < 2 || requests > 40) throw new Error(`${requests} requests in the loop`);
      bench.media.serve(path, { sound, burstMs: BURST_MS });
      return monotonicMs();
    },
  },
  {
    fault: 'server gone for 60 s',
    backMs: 9_000,
    boundText: 'source heard ≤ 9 s after the server is back',
    async inject({ bench }) {
      await bench.media.goAway();
      await sleep(60_000);
      await bench.media.comeBack();
      return monotonicMs();
    },
  },
  {
    fault: 'decoder killed',
    effectMs: 3_000,
    format: 'aac-64',
    backMs: 2_000,
    boundText: 'source heard ≤ 2 s after the kill',
    async inject({ bench }) {
      const decoder = (await childrenOf(bench.pid)).find(({ program }) => program === 'ffmpeg');
      if (decoder === undefined) throw new Error('the receiver has no decoder process');
      process.kill(decoder.pid, 'SIGKILL');
      return monotonicMs();
    },
  },
  {
    fault: 'sink killed',
    backMs: 500,
    boundText: 'heard ≤ 500 ms after the kill',
    async inject({ bench }) {
      process.kill(await sinkOf(bench), 'SIGKILL');
      return monotonicMs();
    },
  },
  {
    fault: 'sink hung',
    backMs: 600,
    boundText: 'heard ≤ 600 ms after SIGSTOP (500 ms and what the card still held)',
    async inject({ bench }) {
      process.kill(await sinkOf(bench), 'SIGSTOP');
      return monotonicMs();
    },
  },
  {
    fault: 'card removed and back',
    backMs: 500,
    boundText: 'away for 3 s; heard ≤ 500 ms after the card is back',
    async inject({ bench }) {
      await bench.record.card.unplug(true);
      await sleep(3_000);
      await bench.record.card.unplug(false);
      return monotonicMs();
    },
  },
];

const TLS_FAULT = 'TLS failure';

/** Makes every fault in turn under a live bulletin, a steady tone; one that cannot be made does not keep the others away. */
export async function soundFaults(
  bench: SoundBench,
  progress: (line: string) => void = () => undefined,
  only: readonly string[] = faultNames(),
): Promise<FaultSeen[]> {
  const seen: FaultSeen[] = [];
  for (const [index, fault] of FAULTS.entries()) {
    if (!only.includes(fault.fault)) continue;
    const one = await makeFault(bench, fault, `/fault-${index}`).catch((error: unknown) =>
      failed(fault.fault, fault.boundText, error),
    );
    progress(faultText(one));
    seen.push(one);
  }
  if (only.includes(TLS_FAULT)) {
    const tls = await tlsFailure(bench).catch((error: unknown) => failed(TLS_FAULT, TLS_BOUND, error));
    progress(faultText(tls));
    seen.push(tls);
  }
  return seen;
}

/** One line of figures. */
export function faultText(one: FaultSeen): string {
  if (one.failure !== undefined) return `${one.fault}: not measured: ${one.failure}`;
  const { receipt } = one;
  const off =
    receipt === undefined
      ? 'no receipt to compare'
      : `receipt off by ${receipt.lengthMs.toFixed(0)} ms in length, ${receipt.beginMs.toFixed(0)} ms at its begin`;
  const codes = one.codes.join(' ') || 'no code';
  return (
    `${one.fault}: silent ${one.silentMs.toFixed(0)} ms, back after ${one.backMs.toFixed(0)} ms, ${off}, ${codes}` +
    (one.shortfalls.length === 0 ? '' : ` — falls short: ${one.shortfalls.join('; ')}`)
  );
}

async function makeFault(bench: SoundBench, fault: Fault, path: string): Promise<FaultSeen> {
  const sound = await pacedSound(toneInput(TONE_HZ, STREAM_S), fault.format ?? 'mp3-128');
  const url = bench.media.serve(path, { sound, burstMs: BURST_MS, ...fault.route });
  await bench.record.untilQuiet(200, 15_000);
  const sinceMs = Date.now();
  const { sentMs, playId } = await bench.play({ kind: 'live', url }, { title: fault.fault });
  let stopped = false;
  let stopMs = NaN;
  const end = async (): Promise<void> => {
    stopped = true;
    await bench.stop(playId);
    stopMs = monotonicMs();
  };
  try {
    if (fault.silentAtFirst !== true) {
      await bench.record.firstSound(sentMs, 10_000);
      await sleep(PLAYS_BEFORE_MS);
    }
    const curedMs = await fault.inject({ bench, path, sound });
    await sleep(fault.effectMs ?? AGAIN_MS);
    await bench.record.until(
      'the source is heard again',
      AGAIN_MS,
      (heard) => soundingOf(heard, TONE_HZ).every(({ isTone }) => isTone),
      fault.backMs + 20_000,
    );
    await end();
    const receipt = await bench.receiptOf({ playId });
    await bench.record.untilQuiet(200, 10_000);
    const heard = await bench.record.between(sentMs, stopMs + 300);
    const windows = soundingOf(heard, TONE_HZ);
    const first = windows.findIndex(({ sounds }) => sounds);
    const until = windows.filter(({ fromMs }) => fromMs < stopMs - 50);
    const lastBad = until.findLastIndex(({ isTone }, index) => !isTone && index > first);
    const backAtMs = lastBad < 0 ? curedMs : (until[lastBad + 1]?.fromMs ?? NaN);
    const firstMs = fault.silentAtFirst === true ? (windows[first]?.fromMs ?? NaN) : backAtMs;
    const backMs = Math.max(0, firstMs - curedMs);
    const silentMs = longestSilent(until.slice(first));
    const off = receiptAgainstCard(receipt, heard);
    const codes = bench.codesSince(sinceMs);
    const one = { fault: fault.fault, bound: fault.boundText, silentMs, backMs, receipt: off, codes };
    return { ...one, shortfalls: shortfallsOf(fault, one) };
  } finally {
    if (!stopped) await end();
  }
}

function shortfallsOf(fault: Fault, seen: Omit<FaultSeen, 'shortfalls'>): string[] {
  const found: string[] = [];
  if (!(seen.backMs <= fault.backMs)) found.push(`back after ${seen.backMs.toFixed(0)} ms`);
  if (fault.silentMs !== undefined && seen.silentMs > fault.silentMs)
    found.push(`silent for ${seen.silentMs.toFixed(0)} ms`);
  if (fault.silentAtFirst === true && seen.codes.length === 0) found.push('told no code');
  for (const [what, ms] of Object.entries(seen.receipt ?? {}) as [string, number][])
    if (!(Math.abs(ms) <= RECEIPT_MS)) found.push(`receipt ${what} ${ms.toFixed(0)}`);
  return found;
}

function longestSilent(windows: readonly { sounds: boolean; fromMs: number; toMs: number }[]): number {
  let longest = 0;
  let sinceMs: number | undefined;
  for (const { sounds, fromMs, toMs } of windows) {
    if (sounds) sinceMs = undefined;
    else {
      sinceMs ??= fromMs;
      longest = Math.max(longest, toMs - sinceMs);
    }
  }
  return longest;
}

/** The process that last opened the card. */
async function sinkOf(bench: SoundBench): Promise<number> {
  const opened = (await bench.record.card.events()).findLast(({ event }) => event === 'open');
  if (opened === undefined || opened.pid === bench.pid) throw new Error('the receiver has no sink process');
  return opened.pid;
}

const TLS_BOUND = 'nothing heard within 5 s, told with a code, the receipt claims no frame';

/** A server whose certificate leads to an authority that nobody here knows. */
async function tlsFailure(bench: SoundBench): Promise<FaultSeen> {
  const authority = new OpensslAuthority('Unknown');
  const server = await PacedMedia.start(await strangersIdentity(authority));
  try {
    const sound = await pacedSound(toneInput(TONE_HZ, 30), 'mp3-128');
    server.serve('/live', { sound, burstMs: BURST_MS });
    await bench.record.untilQuiet(200, 15_000);
    const sinceMs = Date.now();
    const url = `https://localhost:${server.port}/live`;
    const { sentMs, playId } = await bench.play({ kind: 'live', url }, { title: TLS_FAULT });
    const heard = await bench.record.between(sentMs, sentMs + 5_000);
    await bench.stop(playId);
    const { body } = await bench.receiptOf({ playId });
    const codes = bench.codesSince(sinceMs);
    return {
      ...{ fault: TLS_FAULT, bound: TLS_BOUND, silentMs: 0, backMs: 0, receipt: undefined, codes },
      shortfalls: [
        ...(peakOf(heard.samples) > 0.003 ? ['it was heard'] : []),
        ...(codes.length === 0 ? ['told no code'] : []),
        ...(body.framesHeard > 0 ? [`the receipt claims ${body.framesHeard} frames`] : []),
      ],
    };
  } finally {
    await server.close();
    authority.close();
  }
}

async function strangersIdentity(
  authority: OpensslAuthority,
): Promise<{ readonly keyPem: string; readonly certificatePem: string }> {
  const keyPath = join(authority.folder, 'server.key');
  const requestPem = openssl(
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-subj', '/CN=localhost', '-keyout', keyPath],
  );
  const extensions = 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n';
  const keyPem = await readFile(keyPath, 'utf8');
  return { keyPem, certificatePem: authority.sign(requestPem, { extensions }) };
}

function failed(fault: string, bound: string, error: unknown): FaultSeen {
  const nothing = { silentMs: NaN, backMs: NaN, receipt: undefined, codes: [], shortfalls: [] };
  return { fault, bound, ...nothing, failure: messageOf(error).slice(0, 200) };
}
