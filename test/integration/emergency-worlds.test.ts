import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { PathTestResult } from '../../agent/programme/path-test.js';
import { peakOf } from '../heard/transitions.js';
import { hearIn } from '../rig/broken-world.js';
import { brokenWorlds } from '../rig/broken-worlds.js';
import { monotonicMs } from '../rig/card-record.js';
import { SoundBench, withoutSoundBench } from '../rig/sound-bench.js';
import { temporaryFolder } from '../support/temporary-folder.js';

t.setTimeout(600_000);
const skip = await withoutSoundBench();
const worlds = await brokenWorlds();

/** Two of the matrix; all of it is `./build/prove emergency --item 1 --long`. */
for (const name of ['safe mode after five crashes', 'configuration corrupt']) {
  t.test(`an emergency is heard on the card: ${name}`, { skip, timeout: 240_000 }, async (t) => {
    const world = worlds.find((one) => one.name === name);
    if (world === undefined) throw new Error(`no such world: ${name}`);
    const { latenciesMs, failure } = await hearIn({ ...world, times: 1 }, await temporaryFolder(t));
    t.equal(failure, undefined);
    t.ok((latenciesMs[0] ?? Infinity) < 4_000, `${latenciesMs[0] ?? Infinity} ms`);
  });
}

t.test(
  'loa test proves the path to the card, and not one sample of it is heard',
  { skip, timeout: 120_000 },
  async (t) => {
    const folder = join(await temporaryFolder(t), 'bench');
    await mkdir(folder);
    const bench = await SoundBench.open({ folder });
    t.teardown(() => bench.close());
    await bench.record.untilQuiet(300, 20_000);
    const fromMs = monotonicMs();
    const { stdout, stderr } = await bench.receiver.loa(['test', '--json']);
    const result = JSON.parse(stdout) as PathTestResult;
    t.match(result, { ok: true }, `${stdout}${stderr}`);
    t.ok(result.verified > 0);
    t.ok(result.framesConsumed > 12_000);
    const { samples } = await bench.record.between(fromMs, monotonicMs());
    t.equal(peakOf(samples), 0);
  },
);
