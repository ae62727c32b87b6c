import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import type { Log } from '../../agent/core/log.js';
import type { Status } from '../../agent/technician/status.js';
import type { ReceiverImage, SimulatedArchitecture } from '../../build/images/image.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { speechPath, type SpeechFile } from '../fixtures/speech/speech.js';
import type { ReportsLost } from '../faults/reports-lost.js';
import { startRealProvince, type RealProvince } from '../rig/real-province.js';
import { startBeats } from '../source-system/beats.js';
import type { HeardOf } from '../source-system/ears.js';
import { waitUntil } from '../support/wait-until.js';
import type { AmplifierVerdict } from './amplifier-lines.js';
import { Machine } from './machine.js';

/** What a stage is set with. */
export interface StageOptions {
  readonly architecture: SimulatedArchitecture;
  readonly image: ReceiverImage;
  /** Console, recordings and journal are left here. It exists. */
  readonly out: string;
  readonly log: Log;
  readonly onConsole?: (line: string) => void;
}

/** What was measured on the way, for the claims. */
export interface StageFigures {
  /** Milliseconds of a bare `node -e 0` in the guest, each try. */
  readonly bareNodeMs: number[];
  /** From the unit's start, milliseconds: until systemd is told that it runs, and until it sent its birth. */
  readonly starts: { readonly readyMs: number; readonly birthMs: number }[];
  /** Memory that only the receiver's processes have (USS), MB. */
  readonly ussMb: { idle?: number; playing?: number };
  /** Power cuts that it came back from, and those made. */
  readonly cuts: { made: number; survived: number };
  /** Holes in what was heard of the receiver, once the cuts were over and its outbox empty. */
  reports?: ReportsLost;
  /** How the amplifier was driven, each time that it was looked at. */
  readonly amplifier: AmplifierVerdict[];
  /** What was heard, by what it was. */
  readonly heard: {
    readonly title: string;
    readonly windowsLoud: number;
    readonly windowsMatched: number;
    readonly worst: number;
  }[];
}

/** Name of the host in the simulated receiver. */
export const HOST = 'province.test';
/** How long is waited here for what takes so long by the receiver's clock, which waits for a slow host. Milliseconds. */
function patience(limitMs: number): number {
  return 60_000 + 10 * limitMs;
}
/** So often at most. */
const MOST_ROUNDS = 4;
/** What `loa … --json` asks, without Node: that takes a second of the receiver's and many of a slow host's each time. */
const ASK =
  `perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => "/run/loa/loa.sock") or exit 1; ` +
  `print $s "GET $ARGV[0] HTTP/1.0\\r\\nHost: loa\\r\\nLoa-User: simulation\\r\\n\\r\\n"; $s->flush; ` +
  `undef $/; $_ = <$s>; s/^HTTP.1.. 200 .*?\\r\\n\\r\\n//s or exit 1; print'`;
/** The id of the simulated receiver. */
export const RECEIVER = 'sim-01';

/** A province on the host and a receiver in QEMU. */
export class Stage {
  readonly figures: StageFigures = {
    ...{ bareNodeMs: [], starts: [], ussMb: {} },
    ...{ cuts: { made: 0, survived: 0 }, heard: [], amplifier: [] },
  };

  readonly #shared = new Map<string, Promise<unknown>>();

  private constructor(
    readonly architecture: SimulatedArchitecture,
    readonly machine: Machine,
    readonly province: RealProvince,
    private readonly closers: (() => Promise<unknown>)[],
  ) {}

  /** Undoes all of it. */
  async close(): Promise<void> {
    for (const closer of this.closers.splice(0).reverse()) await closer();
  }

  /** What is to be undone with the rest, before it. */
  whenClosed(closer: () => Promise<unknown>): void {
    this.closers.push(closer);
  }

  /** Makes what the steps of a scenario share, at its first use. @param key names it; the type must be the same at each use */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(key) ?? make();
    this.#shared.set(key, known);
    return known as Promise<T>;
  }

  /** Starts the province; the receiver is switched off yet. */
  static async set(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-stage-'));
    const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
    const close = async (): Promise<void> => {
      for (const closer of closers.splice(0).reverse()) await closer();
    };
    try {
      const machine = await Machine.prepare({
        folder: options.out,
        image: options.image,
        ...(options.onConsole === undefined ? {} : { onConsole: options.onConsole }),
      });
      closers.push(() => machine.cutPower());
      const province = await startRealProvince({
        ...{ folder, log: options.log, names: [HOST] },
        // A live stream comes at the pace of the receiver, whose time waits for a slow host.
        mediaClock: { ...systemClock, monotonicMs: () => machine.soundMs },
      });
      closers.push(() => province.close());
      const beats = startBeats({
        ...{ province: province.province, ears: province.ears, clock: systemClock, log: options.log },
        ...{
          broker: { publish: (message) => province.send(message) },
          // Its clock waits for a slow host: signed time must not run away from it.
          everyMs: 20_000,
          onBeat: () => Promise.resolve(),
        },
      });
      closers.push(async () => beats.close());
      return new Stage(options.architecture, machine, province, closers);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** An address of the host as the receiver reaches it. */
  reached(url: string): string {
    return url.replace('//localhost:', `//${HOST}:`);
  }

  /** A file of speech as a source of a command. */
  async file(
    name: SpeechFile,
  ): Promise<{ kind: 'file'; url: string; sha256: string; onInterrupt: 'resume' }> {
    const { url, sha256 } = this.province.media.addFile(name, await readFile(speechPath(name)));
    return { kind: 'file', url: this.reached(url), sha256, onInterrupt: 'resume' };
  }

  /** A new live stream of the long bulletin, by its own name, so that it begins now. */
  async live(name: string): Promise<{ kind: 'live'; url: string }> {
    const { url } = this.province.media.addLive(name, await readFile(speechPath('bulletin.mp3')));
    return { kind: 'live', url: this.reached(url) };
  }

  /**
   * The first receipt with a title that was heard after `afterOrder`, and from one run of the program where `boot` is given.
   * @param limitMs of the receiver's time
   * @throws when it has not come by then, here and by the pace of the slowest host
   */
  async receipt(title: string, limitMs: number, afterOrder = 0, boot?: string): Promise<Receipt> {
    const isIt = ({ message, order }: HeardOf<'receipt'>): boolean =>
      message.body.title === title && order > afterOrder && (boot === undefined || message.boot === boot);
    try {
      const wait = (hereMs: number) => this.province.ears.waitFor('receipt', isIt, hereMs);
      return (await this.#patiently(limitMs, wait)).message;
    } catch (cause) {
      throw new Error(`no receipt of ${title} within ${limitMs} ms of the receiver's time`, { cause });
    }
  }

  /** Waits until something is so. @param limitMs of the receiver's time */
  async until(what: string, isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    await this.#patiently(limitMs, (deadlineMs) => waitUntil(what, isSo, { deadlineMs, everyMs: 200 }));
  }

  /** Waits until the receiver has played so long, by its own time: a slow host makes it later here. */
  async played(forMs: number): Promise<void> {
    const endMs = this.machine.soundMs + forMs;
    await this.until(`the receiver plays ${forMs} ms`, () => this.machine.soundMs >= endMs, forMs);
  }

  /** Waits until something is heard from its loudspeaker. @throws after `limitMs` of its time, by the pace of the slowest host */
  async heard(limitMs: number): Promise<void> {
    await this.until('something is heard', () => this.machine.sounds(), limitMs);
  }

  /** Waits until it is silent for `forMs`. @throws as {@link Stage.heard} */
  async silent(forMs: number, limitMs: number): Promise<void> {
    let sinceMs = this.machine.soundMs;
    await this.until(
      `it is silent for ${forMs} ms`,
      async () => {
        if (await this.machine.sounds()) sinceMs = this.machine.soundMs;
        return this.machine.soundMs - sinceMs >= forMs;
      },
      limitMs,
    );
  }

  /** As a time server would: the receiver's clock, which waits for a slow host, is put right. */
  async setClock(): Promise<void> {
    await this.machine.must(`date -u -s @${(Date.now() / 1000).toFixed(3)}`);
  }

  /** The newest thing heard so far: what comes later has a higher order. */
  get newestOrder(): number {
    const { ears } = this.province;
    const all = [ears.states, ears.receipts, ears.events, ears.replies, ears.telemetry];
    return Math.max(0, ...all.flatMap((list) => list.map(({ order }) => order)));
  }

  /** The next birth after `afterOrder`. @param limitMs as for {@link Stage.receipt} */
  async birth(limitMs: number, afterOrder: number): Promise<HeardOf<'state'>> {
    return this.#patiently(limitMs, (hereMs) =>
      this.province.ears.waitFor(
        'state',
        ({ message, order, retained }) => message.body.online && order > afterOrder && !retained,
        hereMs,
      ),
    );
  }

  /** Asks the receiver as its verbs do. @param path of its unix socket's interface */
  async ask(path: string): Promise<unknown> {
    return JSON.parse(await this.machine.must(`${ASK} ${path}`));
  }

  /** What `loa status` tells in the receiver. */
  async status(): Promise<Status> {
    return (await this.ask('/v1/status')) as Status;
  }

  /** Waits until `loa status` is as wanted. */
  async statusUntil(what: string, wanted: (status: Status) => boolean, limitMs = 120_000): Promise<Status> {
    const look = async (): Promise<Status | undefined> => {
      const status = await this.status().catch(() => undefined);
      return status !== undefined && wanted(status) ? status : undefined;
    };
    return this.#patiently(limitMs, (deadlineMs) => waitUntil(what, look, { deadlineMs, everyMs: 1_000 }));
  }

  /**
   * Waits for so long as a slow host may take, and once more while the receiver's own clock has not come so far: then it is the
   * host that is late.
   * @param wait may be called again; its limit is the host's time, milliseconds
   */
  async #patiently<T>(limitMs: number, wait: (hereMs: number) => Promise<T>): Promise<T> {
    // A monitor that is silent leaves one round.
    const endS = (await this.machine.clockS().catch(() => -Infinity)) + limitMs / 1000;
    for (let round = 1; ; round += 1) {
      try {
        return await wait(patience(limitMs));
      } catch (error) {
        const nowS = await this.machine.clockS().catch(() => Infinity);
        if (round === MOST_ROUNDS || nowS >= endS) throw error;
      }
    }
  }
}
