import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { RAISES_AN_HOUR } from '../../../agent/telemetry/alarm-state.js';
import { coldStartInHeat, flap, HealthBench, injectFaults } from '../../health/injected-faults.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

async function folders(t: Teardown): Promise<(name: string) => Promise<string>> {
  const base = await temporaryFolder(t);
  return async (name) => {
    const folder = join(base, name);
    await mkdir(folder);
    return folder;
  };
}

t.test('each fault is the right alarm, once, cleared once; what depends on it is silent', async (t) => {
  for (const { name, wanted, told } of await injectFaults(await folders(t)))
    t.same(told, [`+${wanted}`, `-${wanted}`], name);
});

t.test('a start in heat is told once, and cleared when it has cooled', async (t) => {
  const { told } = await coldStartInHeat(await (await folders(t))('hot'));
  t.same(told, ['+E_HOT', '-E_HOT']);
});

t.test('a fault that comes and goes does not flood', async (t) => {
  for (const { name, mostAnHour, events } of await flap(await folders(t), [180_000])) {
    // Both are told, and a window of an hour may begin with a clearing.
    t.ok(mostAnHour <= 2 * RAISES_AN_HOUR + 1, `${name}: ${mostAnHour} an hour`);
    t.ok(events > 0, `${name} is told at all`);
  }
});

t.test('a well board tells nothing', async (t) => {
  const bench = await HealthBench.open(await (await folders(t))('well'));
  await bench.pass(3_600_000);
  t.same(bench.codes(), []);
});
