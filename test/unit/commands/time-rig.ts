import { join } from 'node:path';
import { DocumentFolder, TrustFile } from '../../../agent/commands/document-folder.js';
import { Intake } from '../../../agent/commands/intake.js';
import { Journal } from '../../../agent/commands/journal.js';
import { SignedTime } from '../../../agent/commands/signed-time.js';
import { accepted } from '../../../agent/core/errors.js';
import type { Beat } from '../../../protocols/messages/beat.js';
import type { DownMessage } from '../../../protocols/messages/catalogue.js';
import type { EventBody, Reply } from '../../../protocols/messages/up.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import { downTopics, subscriptionsOf } from '../../../protocols/topics.js';
import { keptTrust, type TrustDocument } from '../../../protocols/trust-document.js';
import { memoryStore, type MemoryStore } from '../../fakes/memory-store.js';
import { assignmentWith, nowMs } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, signTrust, trustWith, type Signer } from '../../fixtures/trust/signers.js';
import { stepClock, type StepClock } from '../../support/step-clock.js';
import { keptLog } from '../link/support.js';

/** The receiver's own topics, and one of an area. */
export const TOPIC = {
  assignment: downTopics.assignment('loa-0001'),
  command: downTopics.areaCommand('xa-001'),
  ownCommand: downTopics.receiverCommand('loa-0001'),
  emergency: downTopics.emergency({ area: 'xa-001' }, 'province'),
  beat: downTopics.receiverBeat('loa-0001'),
} as const;

/** A receiver's intake with signed time on a folder and a store, everything else recorded. */
export interface Rig {
  readonly clock: StepClock;
  readonly time: SignedTime;
  readonly intake: Intake;
  readonly store: MemoryStore;
  readonly province: Signer;
  readonly roots: readonly Signer[];
  readonly trust: TrustDocument;
  readonly done: string[];
  readonly inForce: Map<string, number>;
  readonly events: EventBody[];
  readonly replies: Reply['body'][];
  readonly asked: { births: number };
  /** Signs as the province (or with another key) and takes; the codes of what was refused meanwhile. */
  say(topic: string, message: DownMessage, signer?: Signer): Promise<string[]>;
  /** Takes a trust document on a topic; the codes of what was refused meanwhile. */
  publish(topic: string, text: string): Promise<string[]>;
  beat(parts?: Partial<Beat>): Beat;
  /** The topics that it would subscribe to. */
  topics(): string[];
  /** The same folder and keys in a new run. */
  restart(parts?: { store?: MemoryStore; clockMs?: number }): Promise<Rig>;
}

/** What a rig is made of; the rest is made up. */
export interface RigOptions {
  readonly folder: string;
  /** The test: before its folder goes, the last write of the rig is waited for. */
  readonly t?: { teardown(run: () => Promise<void>): void };
  readonly clockMs?: number;
  readonly store?: MemoryStore;
  readonly province?: Signer;
  readonly roots?: readonly Signer[];
  readonly threshold?: number;
}

/** Opens it; the first time with version 1 of a trust document that the roots signed. */
export async function openRig(options: RigOptions): Promise<Rig> {
  const { folder, threshold = 1 } = options;
  const province = options.province ?? (await newSigner());
  const roots = options.roots ?? [await newSigner()];
  const store = options.store ?? memoryStore();
  const clock = stepClock(options.clockMs ?? nowMs);
  const first = trustWith(roots, {
    root: { threshold, keys: roots.map(({ jwk }) => jwk) },
    authorities: [authorityWith(province)],
  });
  const trustFile = new TrustFile(join(folder, 'trust.json'));
  if ((await trustFile.read()) === undefined) await trustFile.write(await signTrust(first, roots));
  const trust = keptTrust(await trustFile.read());
  if (!trust.ok) throw new Error(trust.refusal.detail);
  const events: EventBody[] = [];
  const replies: Reply['body'][] = [];
  const done: string[] = [];
  const inForce = new Map<string, number>();
  const asked = { births: 0 };
  const time = await SignedTime.open({
    clock,
    path: join(folder, 'clock.json'),
    markPath: join(folder, 'identity', 'started.json'),
    floorMs: Date.parse(trust.value.issuedAt),
    staleAfterMs: 24 * 3_600_000,
    log: keptLog(),
    onEvent: (body) => events.push(body),
    onAskAgain: () => (asked.births += 1),
  });
  const journal = new Journal(
    store,
    `run ${Math.random()}`,
    await time.journalSince(await Journal.idIn(store)),
  );
  const intake = await Intake.open(
    {
      ...{ receiver: 'loa-0001', journal, trustFile, clock, time, log: keptLog() },
      documents: new DocumentFolder(join(folder, 'documents')),
      listener: {
        onCommand: (command) => {
          done.push(command.type);
          return accepted(undefined);
        },
        onDocument: (key, document) => void inForce.set(key, document.revision),
        onWithdrawn: (key) => void inForce.delete(key),
        onTrust: () => undefined,
        onReply: async (body) => void replies.push(body),
        onEvent: (body) => void events.push(body),
      },
    },
    trust.value,
  );
  const take = async (topic: string, text: string): Promise<string[]> => {
    const before = events.length;
    await intake.take(topic, Buffer.from(text));
    return events.slice(before).flatMap(({ kind, code }) => (kind === 'security' ? [code] : []));
  };
  options.t?.teardown(() => time.close());
  return {
    ...{ clock, time, intake, store, province, roots, done, inForce, events, replies, asked },
    trust: first,
    say: async (topic, message, signer = province) =>
      take(topic, await signMessage(message, TYP[message.type], signer)),
    publish: take,
    beat: (parts = {}) => ({
      type: 'beat',
      authority: 'province',
      slot: { receiver: 'loa-0001' },
      at: new Date(nowMs).toISOString(),
      trustVersion: 1,
      documents: [],
      ...parts,
    }),
    topics: () =>
      subscriptionsOf(
        'loa-0001',
        intake.assignment?.body.areas ?? [],
        [],
        intake.trust.version,
        intake.heard(),
      ),
    restart: async (parts = {}) => {
      await time.close();
      intake.close();
      const { store: next = store, clockMs = clock.nowMs() } = parts;
      return openRig({
        ...(options.t === undefined ? {} : { t: options.t }),
        folder,
        clockMs,
        store: next,
        province,
        roots,
        threshold,
      });
    },
  };
}

/** A rig whose receiver stands in its hamlet. */
export async function assignedRig(options: RigOptions): Promise<Rig> {
  const rig = await openRig(options);
  const refused = await rig.say(TOPIC.assignment, assignmentWith());
  if (refused.length > 0) throw new Error(refused.join());
  return rig;
}
