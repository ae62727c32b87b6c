/** One enrolment or renewal of a process that dies before its n-th change of the disk. Told what to do by its argument. */
import { readFile } from 'node:fs/promises';
import { watchDisk, type Death } from './disk-effects.js';

/** What the child is told. */
export interface KillOrder {
  readonly step: 'enrol' | 'renew';
  readonly at: number;
  readonly death: Death;
  readonly folder: string;
  readonly receiverId: string;
  readonly url: string;
  readonly fingerprint: string;
  /** File with the one-time token. */
  readonly tokenPath: string;
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
} else {
  const { readIdentity } = await import('../../certs/load-identity.js');
  const { askForNext } = await import('../../certs/renewal-steps.js');
  const { promote, recoverIdentity } = await import('../../certs/staged-identity.js');
  await recoverIdentity(folder);
  const identity = await readIdentity(folder);
  const asked = await askForNext({ folder, identity, url, nowMs });
  if (asked.kind !== 'issued') throw new Error(`not issued: ${JSON.stringify(asked)}`);
  await promote(folder);
}
process.stdout.write(`effects ${effects()}\n`);
