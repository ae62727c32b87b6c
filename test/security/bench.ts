import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { DocumentFolder, TrustFile } from '../../agent/commands/document-folder.js';
import { Intake } from '../../agent/commands/intake.js';
import { Journal } from '../../agent/commands/journal.js';
import { downTopics } from '../../protocols/topics.js';
import type { Beat } from '../../protocols/messages/beat.js';
import { SignedTime } from '../../agent/commands/signed-time.js';
import type { MirrorHere } from '../../agent/link/mirror-rounds.js';
import { accepted } from '../../agent/core/errors.js';
import type { EventBody, Reply } from '../../protocols/messages/up.js';
import { Programme } from '../../agent/programme/programme.js';
import type { PlaySpec } from '../../agent/sound/messages.js';
import { keptTrust, type TrustDocument } from '../../protocols/trust-document.js';
import { memoryStore, type MemoryStore } from '../fakes/memory-store.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { signTrust } from '../fixtures/trust/signers.js';
import type { Cast } from './cast.js';

const UNHEARD = {
  failure: undefined,
  framesHeard: 0,
  spans: [],
  peakDb: undefined,
  rmsDbBySecond: [],
  underruns: 0,
  reconnects: 0,
  pcmSha256: undefined,
  evidence: 'none',
} as const;

/**
 * The parts of a receiver through which every message passes, put together as the program does: verification, journal,
 * kept documents, programme. Faked: the clock, the disk of the journal, and the sound engine, which notes what it was
 * asked to play.
 */
export class Bench {
  readonly cast: Cast;
  readonly clock: ManualClock;
  readonly receiver: string;
  /** Plays that reached the sound engine, oldest first. */
  readonly opened: PlaySpec[] = [];
  /** Ids of plays that the sound engine was told to end. */
  readonly closed: string[] = [];
  readonly events: EventBody[] = [];
  readonly replies: Reply['body'][] = [];
  readonly #folder: string;
  #store: MemoryStore = memoryStore();
  #intake!: Intake;
  #time: SignedTime | undefined;
  #programme!: Programme;
  readonly #siblings: Bench[] = [];

  private constructor(cast: Cast, folder: string, receiver: string, clock: ManualClock) {
    this.cast = cast;
    this.#folder = folder;
    this.receiver = receiver;
    this.clock = clock;
  }

  /** A receiver that has been enrolled and assigned to hamlet `thon-01` of commune `xa-001`. */
  static async open(cast: Cast, receiver = 'loa-0001'): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-bench-'));
    const bench = new Bench(cast, folder, receiver, new ManualClock());
    await bench.#trustFile().write(await signTrust(cast.trust(), cast.roots.slice(0, 2)));
    await bench.#start();
    await bench.takes(`loa/v1/receiver/${receiver}/assignment`, await cast.assignment(bench));
    if (bench.#intake.assignment === undefined) throw new Error(`not assigned: ${bench.codes().join()}`);
    return bench;
  }

  /** Another receiver of the same hamlet. */
  async sibling(receiver: string): Promise<Bench> {
    const other = await Bench.open(this.cast, receiver);
    this.#siblings.push(other);
    return other;
  }

  /** What was refused, in order: the codes of security events, and of commands that were answered `refused`. */
  codes(): string[] {
    return this.events.filter(({ kind }) => kind === 'security').map(({ code }) => code);
  }

  /** Titles of the emergencies in force. */
  emergencies(): string[] {
    return this.#programme.emergenciesInForce().map(({ title }) => title);
  }

  /** Home area, as the assignment in force says. */
  get home(): string | undefined {
    return this.#intake.assignment?.body.home;
  }

  /** The trust document in force. */
  get trust(): TrustDocument {
    return this.#intake.trust;
  }

  /** Brings a message as the broker does. */
  async takes(topic: string, payload: string | Uint8Array): Promise<void> {
    await this.#intake.take(topic, typeof payload === 'string' ? Buffer.from(payload) : payload);
  }

  /** What the mirror's rounds know of it, and where what they fetch goes. */
  mirrorHere(): MirrorHere {
    return {
      receiver: this.receiver,
      trust: () => this.#intake.trust,
      areas: () => this.#intake.assignment?.body.areas ?? [],
      awaited: () => this.#intake.awaited(),
      context: () => `${this.trust.version}/${this.#intake.assignment?.revision ?? 0}`,
      offer: (topic, payload) => this.#intake.offer(topic, payload),
    };
  }

  /** A beat of the province answers a birth: from here on the time is known by what was signed. */
  async confirmTime(): Promise<void> {
    const beat: Beat = {
      type: 'beat',
      authority: 'province',
      slot: { receiver: this.receiver },
      at: new Date(this.clock.nowMs()).toISOString(),
      nonce: this.#time?.newNonce() ?? '',
      trustVersion: this.trust.version,
      documents: [],
    };
    await this.takes(downTopics.receiverBeat(this.receiver), await this.cast.sign(beat, 'province'));
    if (this.#time?.state() !== 'trusted') throw new Error(`the beat was not taken: ${this.codes().join()}`);
  }

  /**
   * The program ends and starts again on the same disk. What was on air is gone.
   * @param lost what a failing disk has lost meanwhile: the journal (and all else of the store), what was known of the time
   */
  async reboot(lost: { readonly journal?: boolean; readonly time?: boolean } = {}): Promise<void> {
    this.#programme.close();
    this.#store = lost.journal === true ? memoryStore() : this.#store.reopened();
    if (lost.time === true) {
      for (const name of ['clock.json', 'clock.json.good'])
        await rm(join(this.#folder, name), { force: true });
    }
    await this.#start();
  }

  /** Removes what it wrote. */
  async close(): Promise<void> {
    this.#programme.close();
    await this.#time?.close();
    for (const sibling of this.#siblings) await sibling.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #trustFile(): TrustFile {
    return new TrustFile(join(this.#folder, 'trust.json'));
  }

  async #start(): Promise<void> {
    const { clock } = this;
    const log = new KeptLog();
    const trustFile = this.#trustFile();
    const trust = keptTrust(await trustFile.read());
    if (!trust.ok) throw new Error(trust.refusal.detail);
    await this.#time?.close();
    const time = await SignedTime.open({
      clock,
      path: join(this.#folder, 'clock.json'),
      markPath: join(this.#folder, 'identity', 'started.json'),
      floorMs: Date.parse(trust.value.issuedAt),
      staleAfterMs: 24 * 3_600_000,
      log,
      onEvent: (body) => void this.events.push(body),
      onAskAgain: () => undefined,
    });
    this.#time = time;
    const programme = new Programme({
      engine: {
        open: (spec) => void this.opened.push(spec),
        order: () => undefined,
        close: (playId, outcome) => {
          this.closed.push(playId);
          queueMicrotask(() => programme.onSound({ kind: 'ended', tally: { ...UNHEARD, playId, outcome } }));
        },
      },
      clock: time,
      emergencyNowMs: (fresh) => time.emergencyMs(fresh),
      log,
      newId: uuidv7,
      memory: {},
      listener: {
        onReceipt: () => undefined,
        onEvent: (body) => void this.events.push(body),
        onSounded: () => undefined,
        onHeard: () => undefined,
      },
    });
    this.#programme = programme;
    const journal = new Journal(
      this.#store,
      uuidv7(),
      await time.journalSince(await Journal.idIn(this.#store)),
    );
    await journal.prune(time.floorMs());
    this.#intake = await Intake.open(
      {
        receiver: this.receiver,
        journal,
        documents: new DocumentFolder(join(this.#folder, 'documents')),
        trustFile,
        clock,
        time,
        log,
        listener: {
          onCommand: (command, authority) => {
            if (command.type === 'play.start') return programme.play(command, authority);
            if (command.type === 'play.stop') return programme.stop(command, authority);
            return accepted(undefined);
          },
          onDocument: (slotKey, document, authority, from) => {
            if (document.type === 'emergency.set')
              programme.setEmergencies(slotKey, document, authority, from);
          },
          onWithdrawn: (slotKey) => programme.dropEmergencies(slotKey),
          onTrust: () => programme.endUnlessAllowed((authority) => this.#intake.validKeys(authority) > 0),
          onReply: async (body) => void this.replies.push(body),
          onEvent: (body) => void this.events.push(body),
        },
      },
      trust.value,
    );
  }
}
