import { join } from 'node:path';
import { DocumentFolder, TrustFile } from '../../../agent/commands/document-folder.js';
import { Intake } from '../../../agent/commands/intake.js';
import { Journal } from '../../../agent/commands/journal.js';
import { accepted, type Outcome } from '../../../agent/core/errors.js';
import type { Command, SignedDocument } from '../../../protocols/messages/catalogue.js';
import type { EventBody, Reply } from '../../../protocols/messages/up.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import { downTopics } from '../../../protocols/topics.js';
import { keptTrust, type TrustDocument } from '../../../protocols/trust-document.js';
import { memoryStore, type MemoryStore } from '../../fakes/memory-store.js';
import { assignmentWith, nowMs } from '../../fixtures/trust/messages.js';
import { authorityWith, newSigner, signTrust, trustWith, type Signer } from '../../fixtures/trust/signers.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

/** Root, province, commune of the receiver and its neighbour, each with a real key. */
export interface Cast {
  readonly root: Signer;
  readonly province: Signer;
  readonly commune: Signer;
  readonly neighbour: Signer;
}

/** New keys for everybody. */
export async function newCast(): Promise<Cast> {
  const [root, province, commune, neighbour] = await Promise.all([1, 2, 3, 4].map(() => newSigner()));
  if (!root || !province || !commune || !neighbour) throw new Error('too few keys');
  return { root, province, commune, neighbour };
}

/** The trust document of the cast, signed by its root. */
export async function trustOf(cast: Cast, parts: Partial<TrustDocument> = {}): Promise<string> {
  const authorities = [
    authorityWith(cast.province),
    authorityWith(cast.commune, { id: 'xa-001', homeArea: 'xa-001', level: 10 }),
    authorityWith(cast.neighbour, { id: 'xa-002', homeArea: 'xa-002', level: 10 }),
  ];
  return signTrust(trustWith([cast.root], { authorities, ...parts }), [cast.root]);
}

/** An intake with everything it stands on. */
export interface IntakeRig {
  readonly intake: Intake;
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly folder: string;
  readonly commands: Command[];
  readonly documents: string[];
  readonly withdrawn: string[];
  readonly replies: Reply['body'][];
  readonly events: EventBody[];
  readonly trusts: number[];
  /** Signs a message and takes it, on its own topic unless another is given. */
  readonly send: (message: Command | SignedDocument, by: Signer, topic?: string) => Promise<void>;
}

/** What a rig may be started with. */
export interface IntakeSetUp {
  readonly cast: Cast;
  readonly folder?: string;
  readonly store?: MemoryStore;
  readonly boot?: string;
  /** What doing a command gives. */
  readonly outcome?: () => Outcome<unknown>;
  readonly onReply?: () => Promise<void>;
}

/** Opens an intake as the program does, on the trust document in its folder. */
export async function intakeRig(t: Teardown, setUp: IntakeSetUp): Promise<IntakeRig> {
  const folder = setUp.folder ?? (await temporaryFolder(t));
  const trustFile = new TrustFile(join(folder, 'trust.json'));
  if ((await trustFile.read()) === undefined) await trustFile.write(await trustOf(setUp.cast));
  const trust = keptTrust(await trustFile.read());
  if (!trust.ok) throw new Error('the trust document of the rig does not hold');
  const clock = new ManualClock({ nowMs });
  const store = setUp.store ?? memoryStore();
  const told = {
    commands: [] as Command[],
    documents: [] as string[],
    withdrawn: [] as string[],
    replies: [] as Reply['body'][],
    events: [] as EventBody[],
    trusts: [] as number[],
  };
  const intake = await Intake.open(
    {
      receiver: 'loa-0001',
      journal: new Journal(store, setUp.boot ?? 'boot 1'),
      documents: new DocumentFolder(join(folder, 'documents')),
      trustFile,
      clock,
      log: new KeptLog(),
      listener: {
        onCommand: (command) => {
          told.commands.push(command);
          return setUp.outcome?.() ?? accepted(undefined);
        },
        onDocument: (slotKey, { revision }) => told.documents.push(`${slotKey} ${revision}`),
        onWithdrawn: (slotKey) => told.withdrawn.push(slotKey),
        onTrust: ({ version }) => told.trusts.push(version),
        onReply: async (body) => {
          await setUp.onReply?.();
          told.replies.push(body);
        },
        onEvent: (body) => told.events.push(body),
      },
    },
    trust.value,
  );
  return {
    ...told,
    intake,
    clock,
    store,
    folder,
    send: async (message, by, topic = topicOf(message)) =>
      intake.take(topic, Buffer.from(await signMessage(message, TYP[message.type], by))),
  };
}

/** A rig that has been assigned to its hamlet. */
export async function assignedRig(t: Teardown, setUp: IntakeSetUp): Promise<IntakeRig> {
  const rig = await intakeRig(t, setUp);
  await rig.send(assignmentWith(), setUp.cast.province);
  rig.documents.length = 0;
  return rig;
}

function topicOf(message: Command | SignedDocument): string {
  if ('target' in message) {
    const { target } = message;
    if ('receiver' in target) return downTopics.receiverCommand(target.receiver);
    return 'area' in target ? downTopics.areaCommand(target.area) : downTopics.groupCommand(target.group);
  }
  if (message.type === 'assignment') return downTopics.assignment(message.slot.receiver);
  return downTopics.emergency(message.slot, message.authority);
}
