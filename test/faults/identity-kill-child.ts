/** One enrolment, renewal, rotation of anchors or trust update of a process that dies before its n-th change of the disk. */
import { readFile } from 'node:fs/promises';
import { watchDisk, type Death } from './disk-effects.js';

/** What the child is told. */
export interface KillOrder {
  readonly step: 'enrol' | 'renew' | 'anchors' | 'trust';
  readonly at: number;
  readonly death: Death;
  readonly folder: string;
  readonly receiverId: string;
  readonly url: string;
  readonly fingerprint: string;
  /** File with the one-time token. */
  readonly tokenPath: string;
  /** File with the next trust document. */
  readonly trustPath: string;
}

const order = JSON.parse(process.argv[2] ?? '') as KillOrder;
const { folder, receiverId, url, fingerprint } = order;
const effects = await watchDisk(order.at, order.death);
const nowMs = (): number => Date.now();
if (order.step === 'enrol') {
  const { enrolOverNetwork } = await import('../../certs/est/enrol.js');
  const token = await readFile(order.tokenPath, 'utf8');
  const credentials = { kind: 'token', receiverId, token } as const;
  const wait = (): Promise<boolean> => Promise.resolve(false);
  await enrolOverNetwork({ folder, receiverId, url, fingerprint, credentials, replace: false, nowMs, wait });
} else if (order.step === 'renew') {
  const { readIdentity } = await import('../../certs/load-identity.js');
  const { askForNext } = await import('../../certs/renewal-steps.js');
  const { promote, recoverIdentity } = await import('../../certs/staged-identity.js');
  await recoverIdentity(folder);
  const identity = await readIdentity(folder);
  const asked = await askForNext({ folder, identity, url, nowMs });
  if (asked.kind !== 'issued') throw new Error(`not issued: ${JSON.stringify(asked)}`);
  await promote(folder);
} else if (order.step === 'anchors') {
  const { rotateAnchors } = await import('./identity-steps.js');
  await rotateAnchors(folder, url);
} else {
  const { takeTrust } = await import('./identity-steps.js');
  await takeTrust(folder, await readFile(order.trustPath, 'utf8'));
}
process.stdout.write(`effects ${effects()}\n`);
