import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { UpdateRepository } from '../../../build/updates/update-repository.js';
import { makeKeys, RepositoryRig } from './repository-rig.js';

type Test = { teardown(run: () => Promise<void>): void };

async function rigOf(t: Test, now?: () => number): Promise<RepositoryRig> {
  const rig = await RepositoryRig.open(now);
  t.teardown(() => rig.close());
  return rig;
}

/** Puts an earlier state of a file back, as who holds the server could. */
async function putBack(rig: RepositoryRig, name: string, text: string): Promise<void> {
  await writeFile(join(rig.repository.folder, 'metadata', name), text);
}

t.test('a program that the repository has signed is offered, with what is told of it', async (t) => {
  const rig = await rigOf(t);
  t.same((await rig.check()).offer, undefined, 'nothing yet');
  await rig.publish('0.2.0');
  const { offer, failure } = await rig.check();
  t.equal(failure, undefined);
  t.match(offer, { version: '0.2.0', architecture: 'amd64', bytes: 'program 0.2.0'.length });
  t.match(offer?.path, /^targets\/[0-9a-f]{64}\.loa-agent_amd64\.tar\.gz$/);
});

t.test('asked again, only the timestamp and the next root are asked for', async (t) => {
  const rig = await rigOf(t);
  await rig.publish('0.2.0');
  await rig.check();
  rig.asked.length = 0;
  t.match((await rig.check()).offer, { version: '0.2.0' });
  t.same(rig.asked, ['metadata/2.root.json', 'metadata/timestamp.json']);
});

t.test('rollback: an older timestamp is refused, and what was known stays', async (t) => {
  const rig = await rigOf(t);
  await rig.publish('0.2.0');
  const old = await rig.metadata('timestamp.json');
  await rig.publish('0.3.0');
  t.match((await rig.check()).offer, { version: '0.3.0' });
  await putBack(rig, 'timestamp.json', old);
  const { failure, trusted } = await rig.check();
  t.match(failure, { code: 'E_UPDATE_METADATA' });
  t.match(trusted.timestamp, /"version": 3/);
});

t.test(
  'freeze: a timestamp that has expired by trusted time is refused, whatever the machine says',
  async (t) => {
    const rig = await rigOf(t);
    await rig.publish('0.2.0');
    t.match((await rig.check(Date.now() + 8 * 86_400_000)).failure, { code: 'E_UPDATE_EXPIRED' });
    t.equal((await rig.check(Date.now() + 8 * 86_400_000)).offer, undefined);
  },
);

t.test('freeze: metadata that has expired by the clock of the machine is refused', async (t) => {
  const rig = await rigOf(t, () => Date.now() - 8 * 86_400_000);
  await rig.publish('0.2.0');
  t.match((await rig.check()).failure, { code: 'E_UPDATE_EXPIRED' });
});

t.test('mix-and-match: targets of another snapshot are refused', async (t) => {
  const rig = await rigOf(t);
  await rig.publish('0.2.0');
  const [targets, snapshot] = [await rig.metadata('2.targets.json'), await rig.metadata('2.snapshot.json')];
  await rig.publish('0.3.0');
  rig.instead.set('metadata/3.snapshot.json', snapshot);
  t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
  rig.instead.clear();
  rig.instead.set('metadata/3.targets.json', targets);
  t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
  rig.instead.clear();
  t.match((await rig.check()).offer, { version: '0.3.0' });
});

t.test(
  'threshold: targets that one unknown key has signed, and a root that one key of two has signed',
  async (t) => {
    const rig = await rigOf(t);
    await rig.publish('0.2.0');
    const foreign = makeKeys();
    const other = UpdateRepository.at(rig.repository.folder);
    await other.publish([], { ...rig.keys, targets: foreign.targets });
    t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
    await other.publish([], rig.keys);
    await other.rotate(rig.keys.root.slice(0, 1), foreign);
    t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
    t.match(rig.kept?.root, /"version": 1/);
  },
);

t.test(
  'rotation: a root that the keys before have signed takes their place; the old keys count no more',
  async (t) => {
    const rig = await rigOf(t);
    await rig.publish('0.2.0');
    await rig.check();
    const next = makeKeys();
    await rig.repository.rotate(rig.keys.root.slice(0, 2), next);
    t.match((await rig.check()).offer, { version: '0.2.0' });
    t.match(rig.kept?.root, /"version": 2/);
    await rig.repository.publish([], rig.keys);
    t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
  },
);

t.test('a receiver that was away for two rotations follows both', async (t) => {
  const rig = await rigOf(t);
  await rig.check();
  const [second, third] = [makeKeys(), makeKeys()];
  await rig.repository.rotate(rig.keys.root.slice(0, 2), second);
  await rig.repository.rotate(second.root.slice(1), third);
  t.equal((await rig.check()).failure, undefined);
  t.match(rig.kept?.root, /"version": 3/);
});

t.test('what is no metadata, and what is too long, is refused', async (t) => {
  const rig = await rigOf(t);
  await rig.publish('0.2.0');
  rig.instead.set('metadata/timestamp.json', '{"signed":1}');
  t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
  rig.instead.set('metadata/timestamp.json', 'x'.repeat(20_000));
  t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
});

t.test('a server that has nothing, or is not there, is a fault of the network', async (t) => {
  const rig = await rigOf(t);
  await rm(join(rig.repository.folder, 'metadata', 'timestamp.json'));
  t.match((await rig.check()).failure, { code: 'E_UPDATE_FETCH' });
  await rig.close();
  t.match((await rig.check()).failure, { code: 'E_UPDATE_FETCH' });
});

t.test('a program of which nothing can be understood is refused', async (t) => {
  const rig = await rigOf(t);
  await rig.publish('latest');
  t.match((await rig.check()).failure, { code: 'E_UPDATE_METADATA' });
});
