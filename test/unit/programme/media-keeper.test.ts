import { createHash } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { MediaFolder } from '../../../agent/programme/media-folder.js';
import { MediaKeeper } from '../../../agent/programme/media-keeper.js';
import { planMedia, spreadOf, type WantedMedia } from '../../../agent/programme/media-plan.js';
import { zoneOf } from '../../../agent/programme/local-days.js';
import { MediaStore } from '../../../agent/sound/sources/media-store.js';
import { schedule } from '../../../protocols/messages/schedule.js';
import { RangeServer, type NextFault } from '../../programme/range-server.js';
import { weekOffline } from '../../programme/week-offline.js';
import { KeptLog } from '../../support/kept-log.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { commune } from './programme-rig.js';
import { scheduleOf } from './schedules.js';

const nowMs = Date.parse('2026-11-23T00:00:00+07:00');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const never = new AbortController().signal;

async function bench(
  t: Teardown,
  options: {
    quotaBytes?: number;
    budgetBytes?: number;
    place?: number;
    mayFetch?: () => boolean;
    prepare?: (path: string, signal: AbortSignal) => Promise<unknown>;
  } = {},
): Promise<{
  server: RangeServer;
  keeper: MediaKeeper;
  cache: MediaFolder;
  folder: string;
  wanted: WantedMedia[];
  readonly want: (letter: string, inMs: number, fault?: NextFault, bytes?: number) => WantedMedia;
}> {
  const server = await RangeServer.start();
  t.teardown(() => server.close());
  const folder = await temporaryFolder(t);
  const cache = new MediaFolder(folder, () => server.access);
  const wanted: WantedMedia[] = [];
  const keeper = new MediaKeeper({
    ...{ folder: cache, wanted: () => wanted, spreadMs: HOUR_MS, place: 0, log: new KeptLog() },
    ...{ quotaBytes: 1_000_000, budgetBytes: 1_000_000, onEvent: () => undefined },
    ...options,
  });
  return {
    ...{ server, keeper, cache, folder, wanted },
    want(letter, inMs, fault, bytes = 1_000) {
      const one = {
        ...server.add(letter, Buffer.alloc(bytes, letter), fault),
        neededMs: inMs === 0 ? 0 : nowMs + inMs,
      };
      wanted.push(one);
      return one;
    },
  };
}

t.test('an emergency’s files come first, then what is needed first, each file once', async (t) => {
  const file = (name: string): object => ({
    kind: 'file',
    url: `https://media.example/${name}`,
    sha256: createHash('sha256').update(name).digest('hex'),
  });
  const entry = (id: string, at: string, source: object): object => ({
    ...{ id, title: id, source, slots: [{ at, durationMs: 60_000 }] },
  });
  const body = {
    entries: [
      entry('evening', '18:00', file('a')),
      entry('morning', '05:00', { kind: 'playlist', items: [{ source: file('b') }, { source: file('a') }] }),
    ],
  };
  const zone = zoneOf('Asia/Ho_Chi_Minh');
  if (zone === undefined) throw new Error('no zone');
  const kept = { slotKey: 's', authority: commune, schedule: schedule.parse(scheduleOf(body)), zone };
  const warning = file('w') as never;
  const plan = planMedia([kept], [warning, { kind: 'stored', name: 'siren' }], nowMs, DAY_MS);
  t.same(
    plan.map(({ url, neededMs }) => [url.slice(-1), neededMs === 0 ? 0 : (neededMs - nowMs) / HOUR_MS]),
    [
      ['w', 0],
      ['b', 5],
      ['a', 5],
    ],
  );
});

t.test('a file that came with the image is not fetched, one that is not what its name says is', async (t) => {
  const { folder, want, server } = await bench(t);
  const image = await temporaryFolder(t);
  const [right, wrong] = [want('a', HOUR_MS), want('b', HOUR_MS)];
  await writeFile(join(image, right.sha256), Buffer.alloc(1_000, 'a'));
  await writeFile(join(image, wrong.sha256), Buffer.alloc(1_000, 'x'));
  const cache = new MediaFolder(folder, () => server.access, image);
  t.ok(await cache.holds(right.sha256));
  t.ok(await cache.holds(right.sha256), 'by its link');
  t.notOk(await cache.holds(wrong.sha256));
  t.same(
    (await cache.files()).map(({ sha256, bytes }) => [sha256, bytes]),
    [[right.sha256, 1_000]],
  );
  t.same(server.asked, []);
});

t.test('a crowd is spread, but not for what is needed at once', async (t) => {
  const needed = (inMs: number): WantedMedia => ({ url: '', sha256: '', neededMs: nowMs + inMs });
  t.equal(spreadOf(needed(DAY_MS), nowMs, 0.5, HOUR_MS), HOUR_MS / 2);
  t.equal(spreadOf(needed(60_000), nowMs, 0.5, HOUR_MS), 7_500);
  t.equal(spreadOf({ url: '', sha256: '', neededMs: 0 }, nowMs, 0.9, HOUR_MS), 0);
});

t.test('a receiver waits for its place in the crowd', async (t) => {
  const { keeper, want, server } = await bench(t, { place: 0.5 });
  want('a', DAY_MS);
  t.match(await keeper.round(nowMs, never), { wanted: [{ state: 'waiting' }] });
  t.match(await keeper.round(nowMs + HOUR_MS / 2, never), {
    wanted: [{ state: 'here' }],
    files: 1,
    bytes: 1_000,
  });
  t.same(server.asked, ['/a']);
});

t.test('what was cut goes on where it ended; what came broken is asked for again', async (t) => {
  const { keeper, want, server, cache } = await bench(t);
  const [cut, broken] = [want('a', HOUR_MS, 'cut', 800_000), want('b', HOUR_MS, 'broken')];
  const view = await keeper.round(nowMs, never);
  const begun = view.wanted[0]?.bytes ?? 0;
  t.ok(begun > 0 && begun <= 400_000, `${begun} bytes came`);
  t.match(view, {
    wanted: [
      { state: 'failed', code: 'E_MEDIA_CONNECT' },
      { state: 'failed', bytes: 0, code: 'E_MEDIA_DIGEST' },
    ],
  });
  await keeper.round(nowMs + 1_000, never);
  t.equal(server.asked.length, 2, 'not at once');
  t.match(await keeper.round(nowMs + 60_000, never), { wanted: [{ state: 'here' }, { state: 'here' }] });
  t.same(server.asked.slice(2), [`/a bytes=${begun}-`, '/b']);
  for (const { sha256 } of [cut, broken]) t.equal(await cache.holds(sha256), true);
});

t.test('a file damaged on the disk is found and fetched again', async (t) => {
  const { keeper, want, folder, server } = await bench(t);
  const { sha256 } = want('a', HOUR_MS);
  await keeper.round(nowMs, never);
  await writeFile(join(folder, sha256), 'damaged');
  t.match(await keeper.round(nowMs + 60_000, never), { wanted: [{ state: 'here' }] });
  t.equal(server.asked.length, 2);
});

t.test('a file that has come is got ready for its time, once; a fault of that costs nothing', async (t) => {
  const prepared: string[] = [];
  const { signal } = new AbortController();
  const prepare = async (path: string, until: AbortSignal): Promise<void> => {
    prepared.push(basename(path));
    t.equal(until, signal, 'and the end of the program ends it');
    throw new Error('made to fail');
  };
  const { keeper, want } = await bench(t, { prepare });
  const { sha256 } = want('w', 0);
  t.match((await keeper.round(nowMs, signal)).wanted, [{ state: 'here' }]);
  await keeper.round(nowMs + 60_000, signal);
  t.same(prepared, [sha256]);
});

t.test('while the SIM’s budget is used up, ordinary files wait; an emergency’s does not', async (t) => {
  let mayFetch = false;
  const { keeper, want } = await bench(t, { mayFetch: () => mayFetch });
  want('a', HOUR_MS);
  want('w', 0);
  const states = async (atMs: number): Promise<string[]> =>
    (await keeper.round(atMs, never)).wanted.map(({ state }) => state);
  t.same(await states(nowMs), ['waiting', 'here']);
  mayFetch = true;
  t.same(await states(nowMs + 60_000), ['here', 'here']);
});

t.test('a day’s budget is kept; an emergency’s file comes all the same', async (t) => {
  const { keeper, want } = await bench(t, { budgetBytes: 1_500 });
  const states = ({ wanted }: { wanted: readonly { state: string }[] }): string =>
    wanted.map(({ state }) => state).join();
  want('a', HOUR_MS);
  want('b', 2 * HOUR_MS);
  want('c', 3 * HOUR_MS);
  t.match(states(await keeper.round(nowMs, never)), /^here,(here|begun),waiting$/);
  want('d', 0);
  t.match(states(await keeper.round(nowMs, never)), /waiting,here$/);
  t.match(states(await keeper.round(nowMs + DAY_MS, never)), /^here,here,here,here$/, 'another day');
});

t.test(
  'room is made from what nobody wants, then from what is needed last; never from 48 hours',
  async (t) => {
    const { keeper, want, wanted, cache } = await bench(t, { quotaBytes: 2_500 });
    const soon = want('a', HOUR_MS);
    const late = want('b', 5 * DAY_MS);
    const later = want('c', 6 * DAY_MS);
    await keeper.round(nowMs, never);
    const names = async (): Promise<string[]> => (await cache.files()).map(({ sha256 }) => sha256).sort();
    t.same(await names(), [soon, late, later].map(({ sha256 }) => sha256).sort());
    const next = want('d', 3 * DAY_MS);
    wanted.sort((x, y) => x.neededMs - y.neededMs);
    const view = await keeper.round(nowMs, never);
    t.ok((await names()).includes(soon.sha256));
    t.ok((await names()).includes(next.sha256));
    t.notOk((await names()).includes(later.sha256), 'the last');
    t.equal(view.wanted.find(({ sha256 }) => sha256 === later.sha256)?.state, 'no-room');
  },
);

t.test('the sound thread drops nothing that is needed soon', async (t) => {
  const { keeper, want, server, folder } = await bench(t);
  const { sha256 } = want('a', HOUR_MS);
  await keeper.round(nowMs, never);
  await utimes(join(folder, sha256), 1, 1);
  const store = new MediaStore(folder, server.access, 500);
  const other = server.add('z', Buffer.alloc(1_000, 'z'));
  await store.fetch(other.url, other.sha256, never);
  const another = server.add('y', Buffer.alloc(1_000, 'y'));
  await store.fetch(another.url, another.sha256, never);
  t.ok((await readdir(folder)).includes(sha256));
  t.notOk((await readdir(folder)).includes(other.sha256), 'but what nobody will want');
});

t.test('what was begun of a file that nobody wants any more is taken away', async (t) => {
  const { keeper, want, wanted, folder } = await bench(t);
  want('a', HOUR_MS, 'cut', 800_000);
  await keeper.round(nowMs, never);
  t.equal((await readdir(folder)).filter((name) => name.endsWith('.begun')).length, 1);
  wanted.splice(0);
  await keeper.round(nowMs, never);
  t.same(
    (await readdir(folder)).filter((name) => name.endsWith('.begun')),
    [],
  );
});

t.test('a week without a network plays from the cache', { timeout: 55_000 }, async (t) => {
  const week = await weekOffline(await temporaryFolder(t));
  t.ok(week.due > 300);
  t.equal(week.opened, week.due);
  t.ok(week.filesAsked > week.due);
  t.equal(week.filesFromCache, week.filesAsked);
  t.match(week, { resumed: 1, again: 1 });
});
