import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/core/errors.js';
import { longestHoleMs, quantile, toneShare } from '../../test/heard/transitions.js';
import { monotonicMs, type Heard } from '../../test/rig/card-record.js';
import { firstSamples } from '../../test/rig/first-samples.js';
import { isSteadyTone, leftAfter } from '../../test/rig/interruptions.js';
import { busyCore } from '../../test/rig/loaded-play.js';
import { encoded, pacedSound, toneInput, type PacedFormat } from '../../test/rig/paced-sound.js';
import { Peer } from '../../test/rig/peer.js';
import { treeUse } from '../../test/rig/process-tree.js';
import type { SoundBench } from '../../test/rig/sound-bench.js';
import { missingTool } from '../../test/support/external-tool.js';
import { waitUntil } from '../../test/support/wait-until.js';
import { keptMpv, mpvPlays, PLAYERS } from './players.js';
import type { BenchRow, InterruptionTimes, Times } from './rows.js';
import { startSnapcast, withoutSnapcast, type Snapcast } from './snapcast.js';

const FORMATS: readonly PacedFormat[] = ['mp3-128', 'mp3-64', 'aac-64', 'opus-32'];
const BURST_MS = 2_000;
const TONE_HZ = 480;
const NEW_HZ = 1_250;
const LIMIT_MS = 6_000;
const LOOK_MS = 1_500;
const LOA = 'loa';
const KEPT = 'mpv, kept open';
const IDLE = 'idle Node';
const SNAPCLIENT = 'snapclient';

type Draft = { -readonly [K in keyof BenchRow]: BenchRow[K] } & { notes: string[] };

/** How much to measure. */
export interface SoundRun {
  /** Of each format. */
  readonly seconds: number;
  /** With both cores busy. */
  readonly loadSeconds: number;
  /** First samples and interruptions of each kind. */
  readonly count: number;
  progress(line: string): void;
}

/** Measures the receiver and its peers, all at the same time or turn about, on the same addresses and files. */
export class SoundMeasuring {
  readonly #bench: SoundBench;
  readonly #run: SoundRun;
  readonly #rows = new Map<string, Draft>();
  readonly #players = PLAYERS.filter(({ tool }) => missingTool(tool) === false);

  constructor(bench: SoundBench, run: SoundRun) {
    this.#bench = bench;
    this.#run = run;
    for (const name of [LOA, ...this.#players.map((player) => player.name)]) this.#row(name);
    if (this.#hasMpv) this.#row(KEPT);
    const noSnapcast = withoutSnapcast();
    const { notes } = this.#row(SNAPCLIENT);
    notes.push(
      noSnapcast === false ? 'its own stream of the same sound, from snapserver' : `left out: ${noSnapcast}`,
    );
    this.#row(IDLE);
    for (const { name, tool } of PLAYERS)
      if (missingTool(tool) !== false) this.#row(name).notes.push(`left out: missing tool ${tool}`);
  }

  /** All of it; the rows in the order of the table. */
  async all(): Promise<BenchRow[]> {
    for (const format of FORMATS) {
      this.#run.progress(`cost of ${format}: ${this.#run.seconds} s`);
      await this.#cost(format);
    }
    for (const burstMs of [BURST_MS, 0]) {
      this.#run.progress(`first samples, burst of ${burstMs} ms`);
      await this.#first(burstMs);
    }
    const files = await this.#files();
    this.#run.progress('interruptions by a stored sound');
    await this.#interruptions('byFile', files.base, files.other);
    this.#run.progress('interruptions by a live stream');
    await this.#interruptions('byLive', files.base, files.live);
    this.#run.progress(`underruns with both cores busy: ${this.#run.loadSeconds} s`);
    await this.#underruns();
    return [...this.#rows.values()];
  }

  get #hasMpv(): boolean {
    return missingTool('mpv') === false;
  }

  #row(player: string): Draft {
    const known = this.#rows.get(player) ?? { player, cpuS: {}, notes: [] };
    this.#rows.set(player, known);
    return known;
  }

  /** Starts all players of a format on one address at the same moment; the receiver plays it too. */
  async #together(format: PacedFormat, work: (peers: readonly Peer[]) => Promise<void>): Promise<void> {
    const { media, folder } = this.#bench;
    const sound = await pacedSound(toneInput(TONE_HZ, this.#run.seconds + 60), format);
    const url = media.serve(`/all-${format}`, { sound, burstMs: BURST_MS, fromStart: true });
    const peers: Peer[] = [];
    const able = this.#players.filter((player) => player.formats.includes(format));
    await this.#bench.record.untilQuiet(300, 10_000);
    for (const player of able) peers.push(await Peer.start(folder, player.name, player.command(url)));
    const socket = join(folder, `mpv-${format}.sock`);
    if (this.#hasMpv) {
      peers.push(await Peer.start(folder, KEPT, keptMpv(socket)));
      await waitUntil('mpv listens', () =>
        mpvPlays(socket, url)
          .then(() => true)
          .catch(() => false),
      );
    }
    let snapcast: Snapcast | undefined;
    if (format === 'mp3-128' && withoutSnapcast() === false) {
      snapcast = await startSnapcast(folder, url);
      peers.push(await Peer.start(folder, SNAPCLIENT, snapcast.clientCommand));
    }
    peers.push(
      await Peer.start(folder, IDLE, [process.execPath, '-e', 'setInterval(() => undefined, 1000)']),
    );
    const { playId } = await this.#bench.play({ kind: 'live', url });
    try {
      await work(peers);
    } finally {
      for (const peer of peers) await peer.kill();
      await snapcast?.close();
      await this.#bench.stop(playId);
      await this.#bench.receiptOf({ playId });
    }
  }

  async #cost(format: PacedFormat): Promise<void> {
    const before = await treeUse(this.#bench.pid);
    await this.#together(format, async (peers) => {
      await sleep(this.#run.seconds * 1000);
      const own = await treeUse(this.#bench.pid);
      this.#keepUse(LOA, format, { ...own, cpuS: own.cpuS - before.cpuS });
      for (const peer of peers) {
        if (peer.running) this.#keepUse(peer.name, format, await treeUse(peer.pid));
        else this.#row(peer.name).notes.push(`${format}: ended by itself: ${peer.said.trim().slice(-120)}`);
      }
    });
  }

  #keepUse(
    name: string,
    format: PacedFormat,
    use: { cpuS: number; rssMb: number; pssMb: number; ussMb: number },
  ): void {
    const row = this.#row(name);
    row.cpuS = { ...row.cpuS, [format]: use.cpuS };
    if (format !== 'mp3-128') return;
    row.rssMb = use.rssMb;
    row.pssMb = use.pssMb;
    row.ussMb = use.ussMb;
  }

  /** From the start of a player, or from the command to one that runs, to the first sample of a live stream. */
  async #first(burstMs: number): Promise<void> {
    const { media, folder } = this.#bench;
    const { count } = this.#run;
    const key = burstMs > 0 ? 'firstWithBurst' : 'firstWithoutBurst';
    const own = await firstSamples(this.#bench, 'mp3-128', { burstMs, count });
    this.#row(LOA)[key] = timesOf(own.latenciesMs);
    const sound = await pacedSound(toneInput(TONE_HZ, 300), 'mp3-128');
    const url = media.serve(`/first-${burstMs}`, { sound, burstMs });
    for (const player of this.#players) {
      const found = await this.#repeated(player.name, async () => {
        const peer = await Peer.start(folder, player.name, player.command(url));
        try {
          return (await peer.record.firstSound(peer.startedMs, LIMIT_MS)) - peer.startedMs;
        } finally {
          await peer.kill();
        }
      });
      if (found.length > 0) this.#row(player.name)[key] = timesOf(found);
    }
    if (!this.#hasMpv) return;
    const found = await this.#repeated(KEPT, async () =>
      this.#withKeptMpv(async (peer, play) => {
        const sentMs = monotonicMs();
        await play(url);
        return (await peer.record.firstSound(sentMs, LIMIT_MS)) - sentMs;
      }),
    );
    if (found.length > 0) this.#row(KEPT)[key] = timesOf(found);
  }

  async #files(): Promise<{ base: string; other: string; live: string }> {
    const { folder, media } = this.#bench;
    const base = join(folder, 'base.mp3');
    const other = join(folder, 'other.mp3');
    const words = ['-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3'];
    await writeFile(base, await encoded(toneInput(TONE_HZ, 120), words));
    await writeFile(other, await encoded(toneInput(NEW_HZ, 20), words));
    const sound = await pacedSound(toneInput(NEW_HZ, 120), 'mp3-128');
    return { base, other, live: media.serve('/other', { sound, burstMs: BURST_MS }) };
  }

  async #interruptions(key: 'byFile' | 'byLive', base: string, other: string): Promise<void> {
    const { folder } = this.#bench;
    const own = await this.#ownInterruptions(key === 'byFile' ? undefined : other);
    if (own !== undefined) this.#row(LOA)[key] = own;
    for (const player of this.#players) {
      const found = await this.#repeated(player.name, async () => {
        const first = await Peer.start(folder, player.name, player.command(base));
        let second: Peer | undefined;
        try {
          await first.record.firstSound(first.startedMs, LIMIT_MS);
          await sleep(600);
          const sentMs = monotonicMs();
          await first.kill();
          second = Peer.on(first.record, player.name, player.command(other));
          return newSound(await first.record.between(sentMs - 200, sentMs + LOOK_MS), sentMs);
        } finally {
          await first.kill();
          await second?.kill();
        }
      });
      if (found.length > 0) this.#row(player.name)[key] = interruptionOf(found);
    }
    if (!this.#hasMpv) return;
    const found = await this.#repeated(KEPT, () =>
      this.#withKeptMpv(async (peer, play) => {
        const startMs = monotonicMs();
        await play(base);
        await peer.record.firstSound(startMs, LIMIT_MS);
        await sleep(600);
        const sentMs = monotonicMs();
        await play(other);
        return newSound(await peer.record.between(sentMs - 200, sentMs + LOOK_MS), sentMs);
      }),
    );
    if (found.length > 0) this.#row(KEPT)[key] = interruptionOf(found);
  }

  /** The receiver is told by an emergency over MQTT, signed, from the province; a chime comes first also over a live one. */
  async #ownInterruptions(liveUrl: string | undefined): Promise<InterruptionTimes | undefined> {
    const bench = this.#bench;
    const tone = await encoded(toneInput(TONE_HZ, 300), ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac']);
    const { playId } = await bench.play(bench.file('bench-base.flac', tone));
    const found = await this.#repeated(LOA, async () => {
      await bench.record.until('the base sounds', 300, (heard) => isSteadyTone(heard, TONE_HZ), 15_000);
      const { sentMs } = await bench.emergency([
        liveUrl === undefined ? { kind: 'stored', name: 'siren' } : { kind: 'live', url: liveUrl },
      ]);
      const left = await leftAfter(bench, sentMs);
      await bench.endEmergencies();
      if (left === undefined) throw new Error('the base was not steady before the command');
      return { latencyMs: left.atMs - sentMs, gapMs: left.holeMs };
    });
    await bench.stop(playId);
    await bench.receiptOf({ playId });
    return found.length === 0 ? undefined : interruptionOf(found);
  }

  async #underruns(): Promise<void> {
    await this.#together('mp3-128', async (peers) => {
      await sleep(2_000);
      const calm = [busyCore(), busyCore()];
      const fromMs = monotonicMs();
      await sleep(this.#run.loadSeconds * 1000);
      const toMs = monotonicMs();
      for (const end of calm) await end();
      this.#row(LOA).underruns = (await this.#bench.record.underruns(fromMs, toMs)).length;
      for (const peer of peers)
        if (peer.name !== IDLE && peer.running)
          this.#row(peer.name).underruns = (await peer.record.underruns(fromMs, toMs)).length;
    });
  }

  async #withKeptMpv<T>(
    work: (peer: Peer, play: (source: string) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const socket = join(this.#bench.folder, `mpv-${monotonicMs().toFixed(0)}.sock`);
    const peer = await Peer.start(this.#bench.folder, KEPT, keptMpv(socket));
    try {
      await waitUntil('mpv listens', () =>
        access(socket).then(
          () => true,
          () => false,
        ),
      );
      await sleep(200);
      return await work(peer, (source) => mpvPlays(socket, source));
    } finally {
      await peer.kill();
    }
  }

  /** A measurement that fails is told once and left out. */
  async #repeated<T>(name: string, once: () => Promise<T>): Promise<T[]> {
    const found: T[] = [];
    const failures: string[] = [];
    for (let n = 0; n < this.#run.count; n += 1) {
      await once().then(
        (one) => found.push(one),
        (error: unknown) => failures.push(messageOf(error).slice(0, 120)),
      );
    }
    const [failure] = failures;
    if (failure !== undefined) {
      this.#row(name).notes.push(`${failures.length} of ${this.#run.count} not measured: ${failure}`);
    }
    return found;
  }
}

function timesOf(latenciesMs: readonly number[]): Times {
  return {
    medianMs: quantile(latenciesMs, 0.5),
    longestMs: Math.max(...latenciesMs),
    count: latenciesMs.length,
  };
}

function interruptionOf(found: readonly { latencyMs: number; gapMs: number }[]): InterruptionTimes {
  const times = timesOf(found.map(({ latencyMs }) => latencyMs));
  return { ...times, longestGapMs: Math.max(...found.map(({ gapMs }) => gapMs)) };
}

const WINDOW_MS = 10;

/** The first window of 10 ms, 2.5 ms apart, that is mostly the new tone, and the longest silence until it. */
function newSound({ samples, rateHz, fromMs }: Heard, sentMs: number): { latencyMs: number; gapMs: number } {
  const size = Math.round((rateHz * WINDOW_MS) / 1000);
  const begin = Math.max(0, Math.round(((sentMs - fromMs) * rateHz) / 1000));
  for (let at = begin; at + size <= samples.length; at += size / 4) {
    const window = samples.subarray(at, at + size);
    if (toneShare(window, NEW_HZ, rateHz) < 0.5) continue;
    const gapMs = longestHoleMs(samples, rateHz, 0, at + size);
    return { latencyMs: fromMs + (at * 1000) / rateHz - sentMs, gapMs };
  }
  throw new Error(`the new sound was not heard within ${LOOK_MS} ms`);
}
