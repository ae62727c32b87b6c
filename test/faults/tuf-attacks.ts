import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UpdateRepository } from '../../build/updates/update-repository.js';
import { makeKeys, RepositoryRig } from '../unit/update/repository-rig.js';

/** What a client made of a repository: the version that it would take, or the code that it refused it with. */
export interface TufAnswer {
  readonly offered?: string;
  /** Of the archive that was fetched, by a client that fetches at once. */
  readonly sha256?: string;
  readonly code?: string;
}

/** A client of the framework, asked again and again of one repository. */
export interface TufClient {
  /** @param nowMs trusted time, for a client that takes one */
  check(rig: RepositoryRig, nowMs?: number): Promise<TufAnswer>;
}

/** The receiver's. */
export const ownClient: TufClient = {
  async check(rig, nowMs) {
    const { offer, failure } = await rig.check(nowMs);
    return {
      ...(offer === undefined ? {} : { offered: offer.version }),
      ...(failure === undefined ? {} : { code: failure.code }),
    };
  },
};

/** What came of an attack: nothing is offered, and the code that it was refused with. */
export interface TufAttack extends TufAnswer {
  readonly attack: string;
}

const DAY_MS = 86_400_000;

/** Attack by its name: changes what is served. @returns trusted time, where that is what the attack lacks */
type Attack = (rig: RepositoryRig, client: TufClient) => Promise<number | void>;

/** Seen by trusted time alone, which a client that goes by the machine's clock does not have. */
const BY_TRUSTED_TIME = 'freeze, seen by trusted time';

const ATTACKS: Readonly<Record<string, Attack>> = {
  async 'rollback of the timestamp'(rig, client) {
    const old = await rig.metadata('timestamp.json');
    await rig.publish('0.3.0');
    await client.check(rig);
    await writeFile(join(rig.repository.folder, 'metadata', 'timestamp.json'), old);
  },
  async 'rollback of the snapshot'(rig) {
    const old = await rig.metadata('2.snapshot.json');
    await rig.publish('0.3.0');
    rig.instead.set('metadata/3.snapshot.json', old);
  },
  [BY_TRUSTED_TIME]: async () => Date.now() + 8 * DAY_MS,
  async 'freeze, seen by the clock'(rig) {
    await UpdateRepository.at(rig.repository.folder, () => Date.now() - 8 * DAY_MS).refresh(rig.keys);
  },
  async 'mix-and-match of targets and snapshot'(rig) {
    const old = await rig.metadata('2.targets.json');
    await rig.publish('0.3.0');
    rig.instead.set('metadata/3.targets.json', old);
  },
  async 'targets by a key that is not of the repository'(rig) {
    await rig.repository.publish([], { ...rig.keys, targets: makeKeys().targets });
  },
  async 'a timestamp by a key that is not of the repository'(rig) {
    await rig.repository.refresh({ ...rig.keys, timestamp: makeKeys().timestamp });
  },
  async 'a root that one key of two has signed'(rig) {
    await UpdateRepository.at(rig.repository.folder).rotate(rig.keys.root.slice(0, 1), makeKeys());
  },
  async 'a root that none of the keys before has signed'(rig) {
    await UpdateRepository.at(rig.repository.folder).rotate([], makeKeys());
  },
  async 'keys that were rotated away'(rig, client) {
    await rig.repository.rotate(rig.keys.root.slice(0, 2), makeKeys());
    await client.check(rig);
    await rig.repository.publish([], rig.keys);
  },
  async 'a signed text that was altered'(rig) {
    const text = await rig.metadata('timestamp.json');
    rig.instead.set('metadata/timestamp.json', text.replace('"version": 2', '"version": 9'));
  },
  async 'a timestamp without end'(rig) {
    rig.instead.set('metadata/timestamp.json', ' '.repeat(1_000_000));
  },
};

/** Each attack against a client that has asked the repository before, and was offered what is in it. */
export async function tufAttacks(client: TufClient = ownClient): Promise<TufAttack[]> {
  const found: TufAttack[] = [];
  for (const [attack, run] of Object.entries(ATTACKS)) {
    if (client !== ownClient && attack === BY_TRUSTED_TIME) continue;
    const rig = await RepositoryRig.open();
    try {
      await rig.publish('0.2.0');
      const before = await client.check(rig);
      if (before.offered !== '0.2.0')
        throw new Error(`before ${attack}: ${before.code ?? 'nothing offered'}`);
      const nowMs = await run(rig, client);
      found.push({ attack, ...(await client.check(rig, nowMs ?? undefined)) });
    } finally {
      await rig.close();
    }
  }
  return found;
}

/** Keys are rotated twice while a receiver is away: it follows, and takes what the newest have signed. */
export async function followsRotation(client: TufClient = ownClient): Promise<string | undefined> {
  const rig = await RepositoryRig.open();
  try {
    await rig.publish('0.2.0');
    await client.check(rig);
    const [second, third] = [makeKeys(), makeKeys()];
    await rig.repository.rotate(rig.keys.root.slice(0, 2), second);
    await rig.repository.rotate(second.root.slice(1), third);
    return (await client.check(rig)).offered;
  } finally {
    await rig.close();
  }
}

/** A program is fetched as it was published, and not where one byte of its archive was changed on the way. */
export async function fetchesWhatWasSigned(
  client: TufClient,
): Promise<{ readonly whole: boolean; readonly altered: TufAnswer }> {
  const rig = await RepositoryRig.open();
  try {
    await rig.publish('0.2.0');
    const archive = await readFile(join(rig.folder, '0.2.0.tar.gz'));
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const whole = (await client.check(rig)).sha256 === sha256;
    const other = Buffer.from(archive);
    other[0] = (other[0] ?? 0) ^ 1;
    rig.instead.set(`targets/${sha256}.loa-agent_amd64.tar.gz`, other.toString('latin1'));
    return { whole, altered: await client.check(rig) };
  } finally {
    await rig.close();
  }
}
