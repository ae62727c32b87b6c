import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UpdateRepository } from '../../build/updates/update-repository.js';
import { makeKeys, RepositoryRig } from '../unit/update/repository-rig.js';

/** What came of an attack: nothing is offered, and the code that it was refused with. */
export interface TufAttack {
  readonly attack: string;
  readonly offered: string | undefined;
  readonly code: string | undefined;
}

const DAY_MS = 86_400_000;

const ATTACKS: Readonly<Record<string, (rig: RepositoryRig) => Promise<number | void>>> = {
  async 'rollback of the timestamp'(rig) {
    const old = await rig.metadata('timestamp.json');
    await rig.publish('0.3.0');
    await rig.check();
    await writeFile(join(rig.repository.folder, 'metadata', 'timestamp.json'), old);
  },
  async 'rollback of the snapshot'(rig) {
    const old = await rig.metadata('2.snapshot.json');
    await rig.publish('0.3.0');
    rig.instead.set('metadata/3.snapshot.json', old);
  },
  'freeze, seen by trusted time': async () => Date.now() + 8 * DAY_MS,
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
  async 'keys that were rotated away'(rig) {
    await rig.repository.rotate(rig.keys.root.slice(0, 2), makeKeys());
    await rig.check();
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

/** Each attack against a receiver's client that has asked the repository before. */
export async function tufAttacks(): Promise<TufAttack[]> {
  const found: TufAttack[] = [];
  for (const [attack, run] of Object.entries(ATTACKS)) {
    const rig = await RepositoryRig.open();
    try {
      await rig.publish('0.2.0');
      await rig.check();
      const nowMs = await run(rig);
      const { offer, failure } = await rig.check(nowMs ?? Date.now());
      found.push({ attack, offered: offer?.version, code: failure?.code });
    } finally {
      await rig.close();
    }
  }
  return found;
}

/** Keys are rotated twice while a receiver is away: it follows, and takes what the newest have signed. */
export async function followsRotation(): Promise<string | undefined> {
  const rig = await RepositoryRig.open();
  try {
    await rig.publish('0.2.0');
    await rig.check();
    const [second, third] = [makeKeys(), makeKeys()];
    await rig.repository.rotate(rig.keys.root.slice(0, 2), second);
    await rig.repository.rotate(second.root.slice(1), third);
    return (await rig.check()).offer?.version;
  } finally {
    await rig.close();
  }
}
