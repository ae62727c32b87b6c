import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { reportOf, reportYear, type AsRunEntry } from '../../../agent/programme/as-run.js';
import { AsRunLog } from '../../../agent/programme/as-run-log.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

const nowMs = Date.parse('2026-11-23T10:00:00+07:00');
const DAY_MS = 86_400_000;

function entryOf(parts: Partial<AsRunEntry> = {}): AsRunEntry {
  return {
    ...{ atMs: nowMs, title: 'Bản tin', authority: 'xa-001', class: 'normal', outcome: 'completed' },
    ...{ heardMs: 60_000, evidence: 'consumed' },
    ...parts,
  };
}

async function bench(t: Teardown): Promise<{ clock: ManualClock; folder: string; open: () => AsRunLog }> {
  const folder = join(await temporaryFolder(t), 'as-run');
  const clock = new ManualClock({ nowMs });
  return { clock, folder, open: () => new AsRunLog(folder, clock, new KeptLog()) };
}

t.test('a line is on the disk once it was added, a file a day of the country', async (t) => {
  const { open, clock, folder } = await bench(t);
  const log = open();
  await log.add(entryOf());
  await log.add(entryOf({ outcome: 'not-played', reason: 'late', heardMs: 0 }));
  clock.advance(DAY_MS);
  await log.add(entryOf());
  t.same(await readdir(folder), ['2026-11-23.json', '2026-11-24.json']);
  const days = await open().days('2026-11-23', '2026-11-24');
  t.same(
    days.map(({ entries }) => entries.length),
    [2, 1],
  );
  t.same(await open().days('2026-11-25', '2026-12-01'), []);
});

t.test('a day goes on after a restart, and is bounded', async (t) => {
  const { open } = await bench(t);
  await open().add(entryOf());
  const log = open();
  for (let i = 0; i < 501; i += 1) await log.add(entryOf());
  const [day] = await log.days('2026-11-23', '2026-11-23');
  t.match({ entries: day?.entries.length, lost: day?.lost }, { entries: 500, lost: 2 });
});

t.test('days are kept for a year and a month', async (t) => {
  const { open, folder } = await bench(t);
  await mkdir(folder, { recursive: true });
  for (let day = 0; day < 450; day += 1) {
    const name = new Date(nowMs - (day + 1) * DAY_MS).toISOString().slice(0, 10);
    await writeFile(join(folder, `${name}.json`), '{}');
  }
  await open().add(entryOf());
  t.equal((await readdir(folder)).length, 401);
  t.notOk((await readdir(folder)).includes('2025-08-30.json'));
});

t.test('what could not be written is written with the next line', async (t) => {
  const { open, folder } = await bench(t);
  await mkdir(folder, { recursive: true });
  await mkdir(join(folder, '2026-11-23.json.new'));
  const log = open();
  await log.add(entryOf());
  t.notOk((await readdir(folder)).includes('2026-11-23.json'));
  await rm(join(folder, '2026-11-23.json.new'), { recursive: true });
  await log.add(entryOf());
  const [day] = await open().days('2026-11-23', '2026-11-23');
  t.equal(day?.entries.length, 2);
});

t.test('the report sums up hours by class, ends, reasons and availability', async (t) => {
  const { open, clock } = await bench(t);
  const log = open();
  await log.add(entryOf({ class: 'priority', heardMs: 3_600_000 }));
  await log.add(entryOf({ outcome: 'not-played', reason: 'E_AUTHORITY_MINUTES', heardMs: 0 }));
  clock.advance(5 * 3_600_000);
  await log.close();
  const days = await open().days('2026-11-01', '2026-11-30');
  const report = reportOf(days, '2026-11-01', '2026-11-30', clock.nowMs());
  t.match(report, {
    ...{ days: 1, lost: 0 },
    heardMsByClass: { priority: 3_600_000, normal: 0 },
    byOutcome: { completed: 1, 'not-played': 1 },
    reasons: { E_AUTHORITY_MINUTES: 1 },
  });
  t.equal(report.availability, 5 / 15, 'it is three in the afternoon, and it began at ten');
  t.same(reportYear(nowMs), { from: '2025-12-15', to: '2026-12-14' });
});
