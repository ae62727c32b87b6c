import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { RunMarksFile } from '../../../agent/run-marks-file.js';
import {
  CRASH_WINDOW_MS,
  goodTimeMs,
  GOOD_TIME_MS,
  NO_RUNS,
  runBegins,
  runEnds,
  safeModeLeft,
  type RunMarks,
} from '../../../agent/safe-mode.js';
import { SafeWatch } from '../../../agent/safe-watch.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Runs that each crash, `everyMs` apart, after a first start at 0. */
function crashed(times: number, everyMs: number, from: RunMarks = NO_RUNS): RunMarks {
  let marks = runBegins(from, 0);
  for (let i = 1; i <= times; i += 1) marks = runBegins(marks, i * everyMs);
  return marks;
}

t.test('five crashes in ten minutes are safe mode, four are not', async (t) => {
  t.equal(crashed(4, 10_000).safe, false);
  t.match(crashed(5, 10_000), { safe: true, entered: 1 });
});

t.test('five crashes over more than ten minutes are not', async (t) => {
  t.equal(crashed(20, CRASH_WINDOW_MS / 4).safe, false);
});

t.test('a run that ended in order is no crash', async (t) => {
  let marks = NO_RUNS;
  for (let i = 0; i < 20; i += 1) marks = runEnds(runBegins(marks, i * 1_000));
  t.same(marks, { ...NO_RUNS, crashes: [], running: false });
});

t.test('safe mode stays on over further crashes and stops, until it is left', async (t) => {
  const safe = crashed(5, 1_000);
  t.equal(runBegins(runEnds(safe), CRASH_WINDOW_MS * 9).safe, true);
  t.equal(runBegins(safe, 7_000).entered, 1);
  const left = safeModeLeft(safe);
  t.match(left, { safe: false, crashes: [] });
  t.equal(runBegins(left, 8_000).safe, false, 'one more crash is one, not six');
});

t.test('each time that it is entered again it must run well for twice as long, a day at most', async (t) => {
  t.equal(goodTimeMs({ ...NO_RUNS, entered: 1 }), GOOD_TIME_MS);
  t.equal(goodTimeMs({ ...NO_RUNS, entered: 2 }), 2 * GOOD_TIME_MS);
  t.equal(goodTimeMs({ ...NO_RUNS, entered: 60 }), 24 * 3_600_000);
});

t.test('marks of another boot, whose clock had run further, do not count', async (t) => {
  const marks = runBegins({ ...NO_RUNS, crashes: [9e6, 9e6, 9e6, 9e6, 9e6] }, 1_000);
  t.same([marks.safe, marks.crashes], [false, []]);
});

t.test(
  'safe mode is left after its good time, not while anything has the air, or at once when asked',
  async (t) => {
    const clock = new ManualClock();
    let onAir = true;
    let left = 0;
    const watch = new SafeWatch(clock, GOOD_TIME_MS, () => onAir);
    void watch.left.then(() => (left += 1));
    const after = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      return left;
    };
    t.equal(await after(GOOD_TIME_MS + 120_000), 0);
    onAir = false;
    t.equal(await after(60_000), 1);
    const other = new SafeWatch(clock, GOOD_TIME_MS, () => true);
    other.leave();
    await other.left;
    t.equal(clock.waiting, 0);
  },
);

t.test(
  'marks stand beside the socket, in the state folder where that takes nothing, and are none where both fail',
  async (t) => {
    const folder = await temporaryFolder(t);
    const log = new KeptLog();
    const file = (run: string, state: string): RunMarksFile =>
      new RunMarksFile({ socketPath: join(folder, run, 'loa.sock'), stateFolder: join(folder, state), log });
    const marks = crashed(5, 1_000);
    await file('run', 'state').write(marks);
    t.same(await file('run', 'elsewhere').read(), marks);
    // A file in the place of the folder: nothing can be written there, whoever asks.
    await writeFile(join(folder, 'blocked'), '');
    await file('blocked', 'state').write(marks);
    t.same(await file('blocked', 'state').read(), marks);
    await file('blocked', 'blocked').write(marks);
    t.same(await file('blocked', 'blocked').read(), NO_RUNS);
    await mkdir(join(folder, 'torn'));
    await writeFile(join(folder, 'torn', 'runs.json'), '{"crashes":[1,');
    t.same(await file('torn', 'torn').read(), NO_RUNS);
  },
);
