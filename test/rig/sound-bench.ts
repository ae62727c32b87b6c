import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emergency } from '../../protocols/messages/emergency.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { openCard } from '../fixtures/sound-card/card.js';
import type { Enrolment } from '../source-system/province-folder.js';
import type { PlayRequest } from '../source-system/province.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { CardRecord, monotonicMs } from './card-record.js';
import { withoutCardPlay } from './card-play.js';
import { PacedMedia } from './paced-media.js';
import { startRealProvince, type RealProvince } from './real-province.js';

/** The receiver of the bench. */
export const BENCH_RECEIVER = 'cum-01';

/** Where it stands and who speaks. */
const AREA = { area: 'ap-1' };
const AUTHORITY = 'province';
const HOUR_MS = 3_600_000;

/** How a bench is set up. */
export interface SoundBenchOptions {
  /** An existing, empty folder for all that is made. */
  readonly folder: string;
  /** Settings of `sound` over the product's own defaults. */
  readonly sound?: Readonly<Record<string, unknown>>;
  /** Settings beside `sound` and `media`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More hosts that may be asked over plain http. */
  readonly plainHosts?: readonly string[];
  /** Added to the receiver's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** The Node that runs the receiver. */
  readonly node?: string;
  /** How the province's mirror is asked, seconds; not at all where left out. */
  readonly mirror?: { readonly afterS: number; readonly everyS: number };
  /** Its certificate lives no longer, milliseconds. */
  readonly certificateLifeMs?: number;
}

/** A command that was sent: when its message was given to the broker's connection, monotonic milliseconds. */
export interface Sent {
  readonly sentMs: number;
  readonly playId: string;
}

/** `missing tool: NAME` where the bench cannot be set up here, otherwise false. */
export const withoutSoundBench = withoutCardPlay;

/**
 * The whole receiver in a process of its own, connected to mosquitto by mutual TLS, with telemetry, on the software
 * card; a media server that can be made to fail; and the record of the card. It is measured from outside only.
 */
export class SoundBench {
  readonly folder: string;
  readonly rig: RealProvince;
  readonly media: PacedMedia;
  readonly receiver: ReceiverProcess;
  readonly record: CardRecord;
  /** What the receiver finds in its environment beside this process's own: its card, and what was asked for. */
  readonly env: NodeJS.ProcessEnv;
  readonly #closers: (() => Promise<unknown>)[];

  private constructor(
    parts: Pick<SoundBench, 'folder' | 'rig' | 'media' | 'receiver' | 'record' | 'env'>,
    closers: (() => Promise<unknown>)[],
  ) {
    this.folder = parts.folder;
    this.rig = parts.rig;
    this.media = parts.media;
    this.receiver = parts.receiver;
    this.record = parts.record;
    this.env = parts.env;
    this.#closers = closers;
  }

  /** Starts everything; returns when the receiver is connected, assigned, and its card runs. */
  static async open(options: SoundBenchOptions): Promise<SoundBench> {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      const { folder } = options;
      const inside = async (name: string): Promise<string> => {
        await mkdir(join(folder, name), { recursive: true });
        return join(folder, name);
      };
      const rig = await startRealProvince({ folder: await inside('rig'), log: new KeptLog() });
      closers.push(() => rig.close());
      const media = await PacedMedia.start();
      closers.push(() => media.close());
      const card = await openCard(await inside('card'));
      const env = { ...card.env, ...options.env };
      const receiver = await ReceiverProcess.enrol({
        id: BENCH_RECEIVER,
        folder: join(folder, 'receiver'),
        broker: { host: 'localhost', port: rig.mosquitto.port },
        settings: {
          sound: { sink: 'alsa', device: card.device, ...options.sound },
          media: { plainHosts: [media.host, ...(options.plainHosts ?? [])] },
          ...(options.mirror === undefined
            ? {}
            : { mirror: { url: rig.mirror.url, publicAnchors: false, ...options.mirror } }),
          ...options.settings,
        },
        env,
        ...(options.node === undefined ? {} : { node: options.node }),
        admit: (csrPem) => admit(rig, csrPem, options.certificateLifeMs),
      });
      closers.push(() => receiver.stop());
      await receiver.start();
      await receiver.waitFor(
        'connected and assigned, its card open',
        ({ link, assignment, sink }) => link.kind === 'up' && assignment !== undefined && sink.ok,
      );
      // Its assignment made it subscribe; the first command must not be faster.
      await sleep(1_000);
      return new SoundBench({ folder, rig, media, receiver, record: new CardRecord(card), env }, closers);
    } catch (error) {
      for (const closer of closers.reverse()) await closer();
      throw error;
    }
  }

  /** The process of the receiver. @throws Error where it does not run */
  get pid(): number {
    const { pid } = this.receiver;
    if (pid === undefined) throw new Error('the receiver does not run');
    return pid;
  }

  /** The card's buffer now, milliseconds. */
  async bufferMs(): Promise<number> {
    return (await this.record.buffersMs()).at(-1) ?? NaN;
  }

  /** Sends a play of the province. */
  async play(
    source: PlayRequest['source'],
    more: Partial<Omit<PlayRequest, 'source' | 'target'>> = {},
  ): Promise<Sent> {
    const start = await this.rig.province.playStart(AUTHORITY, {
      ...{ target: AREA, source, title: 'bench', forMs: HOUR_MS },
      ...more,
    });
    const sentMs = monotonicMs();
    await this.rig.send(start);
    return { sentMs, playId: start.message.body.playId };
  }

  /** Sends a stop. */
  async stop(playId: string): Promise<Sent> {
    const stop = await this.rig.province.playStop(AUTHORITY, { target: AREA, playId });
    const sentMs = monotonicMs();
    await this.rig.send(stop);
    return { sentMs, playId };
  }

  /** Puts one emergency in force, which sounds at once; what was in force before is not any more. */
  async emergency(content: Emergency['content']): Promise<{ readonly sentMs: number; readonly id: string }> {
    const { province } = this.rig;
    const request = { title: 'bench emergency', content, repeatEveryMs: HOUR_MS };
    const set = await province.emergencySet(AUTHORITY, AREA, [request]);
    const sentMs = monotonicMs();
    await this.rig.send(set);
    return { sentMs, id: set.message.body.emergencies[0]?.id ?? '' };
  }

  /** Takes every emergency out of force. Returns when, monotonic milliseconds. */
  async endEmergencies(): Promise<number> {
    const set = await this.rig.province.emergencySet(AUTHORITY, AREA, []);
    const sentMs = monotonicMs();
    await this.rig.send(set);
    return sentMs;
  }

  /** Serves a file over HTTPS, as the source of a play. */
  file(name: string, bytes: Uint8Array): Extract<PlayRequest['source'], { kind: 'file' }> {
    return { kind: 'file', ...this.rig.media.addFile(name, bytes), onInterrupt: 'resume' };
  }

  /** The receipt of a play, or of the newest sounding of an emergency. */
  async receiptOf(which: { playId: string } | { emergencyId: string }, limitMs = 20_000): Promise<Receipt> {
    const isIt = ({ body }: Receipt): boolean =>
      'playId' in which ? body.playId === which.playId : body.emergencyId === which.emergencyId;
    return (await this.rig.ears.waitFor('receipt', ({ message }) => isIt(message), limitMs)).message;
  }

  /** Codes of the alarms and notices that came since an instant of the wall clock, each once. */
  codesSince(nowMs: number): string[] {
    const events = this.rig.ears.events.filter(({ atMs }) => atMs >= nowMs);
    return [...new Set(events.map(({ message }) => message.body.code))];
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer();
  }
}

async function admit(rig: RealProvince, csrPem: string, lifeMs: number | undefined): Promise<Enrolment> {
  const enrolment = await rig.enrol({ id: BENCH_RECEIVER, csrPem, home: AREA.area });
  if (lifeMs === undefined) return enrolment;
  const notAfter = new Date(Date.now() + lifeMs);
  return {
    ...enrolment,
    certificatePem: await rig.home.ca.signRequest(csrPem, BENCH_RECEIVER, { notAfter }),
  };
}
