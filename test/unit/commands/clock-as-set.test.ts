import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { clockAsSet, type ClockFiles } from '../../../agent/commands/clock-as-set.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const SET_S = Date.parse('2026-11-23T03:00:00Z') / 1000;
/** Both clocks `afterS` seconds after the one was set, which was 20 s after the start; stepped since by `stepS`. */
const at = (afterS: number, stepS = 0) => ({
  systemMs: (SET_S + afterS + stepS) * 1000,
  monotonicMs: (20 + afterS) * 1000,
});

async function files(
  t: Parameters<typeof temporaryFolder>[0],
  note?: string,
): Promise<ClockFiles & { readonly timesync: string }> {
  const folder = await temporaryFolder(t);
  const timesync = join(folder, 'timesync');
  const found = { note: join(folder, 'set.json'), synced: join(timesync, 'synchronized'), timesync };
  if (note !== undefined) await writeFile(found.note, note);
  return found;
}
const NOTE = `{"systemS":${SET_S},"uptimeS":20.00}\n`;

t.test('a clock that nobody has set at boot is the system’s own', async (t) => {
  const isAsSet = await clockAsSet(await files(t));
  t.notOk(isAsSet(at(5)));
});

t.test('a clock that was set at boot is no more than that, however long it runs', async (t) => {
  const isAsSet = await clockAsSet(await files(t, NOTE));
  t.ok(isAsSet(at(1)));
  t.ok(isAsSet(at(86_400, -1.5)), 'a second or two are a slow start, no step');
});

t.test('without systemd-timesyncd a step puts it right, for good', async (t) => {
  for (const stepS of [90, -90]) {
    const isAsSet = await clockAsSet(await files(t, NOTE));
    t.ok(isAsSet(at(10)));
    t.notOk(isAsSet(at(20, stepS)), String(stepS));
    t.notOk(isAsSet(at(30)), 'also when it comes back');
  }
});

t.test(
  'with systemd-timesyncd its own kept time is no better: only a time server puts the clock right',
  async (t) => {
    const found = await files(t, NOTE);
    await mkdir(found.timesync);
    const isAsSet = await clockAsSet(found);
    t.ok(isAsSet(at(10, 1_800)), 'stepped by its own file');
    await writeFile(found.synced, '');
    t.notOk(isAsSet(at(20, 7_200)));
  },
);

t.test('a note that cannot be read counts as set', async (t) => {
  for (const note of ['', '{', '{"systemS":"now"}']) {
    const isAsSet = await clockAsSet(await files(t, note));
    t.ok(isAsSet(at(10)), JSON.stringify(note));
  }
});
