import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createBoundedQueue } from '../../../agent/core/bounded-queue.js';
import { MemoryStore } from '../../../agent/core/memory-store.js';
import { entriesOf, openStore, type Store } from '../../../agent/core/store.js';
import { memoryStore } from '../../fakes/memory-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);

async function contract(t: Tap, store: Store): Promise<void> {
  t.equal(await store.get('a/1'), undefined, 'a key that was never written is absent');
  await store.write([1, 2, 3, 4].map((n) => ({ put: `a/${n}`, value: bytes(`v${n}`) })));
  await store.write([
    { put: 'b/1', value: bytes('other') },
    { del: 'a/2' },
    { put: 'a/3', value: bytes('new') },
  ]);
  t.equal(text(await store.get('a/3')), 'new', 'the newest value is read');
  t.equal(await store.get('a/2'), undefined, 'a deleted key is absent');
  const keys = async (options: Parameters<Store['range']>[1], prefix = 'a/'): Promise<string[]> =>
    (await store.range(prefix, options)).map(({ key }) => key);
  t.same(await keys({ limit: 10 }), ['a/1', 'a/3', 'a/4'], 'a range has its prefix only, in order');
  t.same(await keys({ limit: 2 }), ['a/1', 'a/3'], 'a range is limited');
  t.same(await keys({ limit: 2, reverse: true }), ['a/4', 'a/3'], 'a range can be read from its end');
  t.same(await keys({ limit: 2, after: 'a/1' }), ['a/3', 'a/4'], 'a page goes on after a key');
  t.same(await keys({ limit: 9, after: 'a/4', reverse: true }), ['a/3', 'a/1'], 'backwards as well');
  const all: string[] = [];
  for await (const { key, value } of entriesOf(store, 'a/', 1)) all.push(`${key}=${text(value) ?? ''}`);
  t.same(all, ['a/1=v1', 'a/3=new', 'a/4=v4'], 'all pages together are all entries');
}
type Tap = typeof t;

t.test('the store in memory of a receiver without a disk keeps the contract', async (t) => {
  await contract(t as Tap, new MemoryStore());
});

t.test('the store on disk keeps its contract and its content', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'loa-store-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const store = await openStore(join(folder, 'state'));
  await contract(t as Tap, store);
  await t.rejects(openStore(join(folder, 'state')), { code: 'E_STORE_OPEN' }, 'a second opener is refused');
  await store.close();
  await store.close();
  await t.rejects(store.write([{ del: 'a/1' }]), { code: 'E_STORE_WRITE' }, 'a closed store takes no writes');
  const again = await openStore(join(folder, 'state'));
  t.equal(text(await again.get('a/3')), 'new', 'what was written is there after reopening');
  await again.close();
});

t.test(
  'a store that a power cut has damaged is repaired, and its owner told until it has heard',
  async (t) => {
    const torn = async (folder: string): Promise<void> => {
      const name = (await readdir(folder)).find((one) => one.startsWith('MANIFEST')) ?? '';
      await truncate(join(folder, name), (await stat(join(folder, name))).size - 9);
    };
    const damages: Readonly<Record<string, (folder: string) => Promise<void>>> = {
      'a torn description': torn,
      'an empty pointer to it': (folder) => truncate(join(folder, 'CURRENT'), 0),
      'a description that is gone': async (folder) => {
        for (const name of await readdir(folder))
          if (name.startsWith('MANIFEST')) await rm(join(folder, name));
      },
    };
    for (const [what, damage] of Object.entries(damages)) {
      const folder = join(await temporaryFolder(t), 'state');
      const store = await openStore(folder);
      for (let n = 0; n < 20; n += 1) await store.write([{ put: `a/${n}`, value: bytes('v'.repeat(300)) }]);
      await store.close();
      await damage(folder);
      const dies = (): Promise<void> => Promise.reject(new Error('died before it was told'));
      await t.rejects(openStore(folder, dies), { code: 'E_STORE_OPEN' }, what);
      let told = 0;
      const again = await openStore(folder, async () => void (told += 1));
      t.equal((await again.range('a/', { limit: 99 })).length, 20, `${what}: nothing synced is lost`);
      await again.close();
      await (await openStore(folder, async () => void (told += 1))).close();
      t.equal(told, 1, `${what}: told once`);
    }
  },
);

t.test('a store that cannot be opened says E_STORE_OPEN', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'loa-store-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), 'in the way');
  await t.rejects(openStore(join(folder, 'file', 'state')), { code: 'E_STORE_OPEN' });
});

t.test('the store in memory keeps the same contract', async (t) => contract(t as Tap, memoryStore()));

t.test('a write of the store in memory that is made to fail changes nothing', async (t) => {
  const store = memoryStore();
  store.failWrite(2);
  await store.write([{ put: 'a', value: bytes('1') }]);
  await t.rejects(
    store.write([
      { put: 'a', value: bytes('2') },
      { put: 'b', value: bytes('2') },
    ]),
    { code: 'E_STORE_WRITE' },
  );
  t.equal(text(await store.get('a')), '1');
  t.equal(await store.get('b'), undefined);
});

t.test(
  'a bounded queue runs in order, one at a time, past failures, and refuses what is too much',
  async (t) => {
    const queue = createBoundedQueue(2, 'work');
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const first = queue.run(async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('first ends');
      throw new Error('failed');
    });
    const second = queue.run(async () => {
      order.push('second');
      return 2;
    });
    await t.rejects(
      queue.run(async () => 3),
      { code: 'E_INTERNAL' },
      'a third is refused',
    );
    finish();
    await t.rejects(first, { message: 'failed' });
    t.equal(await second, 2);
    await queue.idle();
    t.same(order, ['first begins', 'first ends', 'second']);
    t.equal(await queue.run(async () => 4), 4, 'and there is room again');
  },
);
