import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { HeldButton } from '../../../../hardware/lines/held-button.js';
import { Leds } from '../../../../hardware/lines/leds.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

t.test('a light is taken from who blinks it, and written only when it changes', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'ACT'));
  const leds = new Leds({ run: 'ACT', air: 'gone' }, folder);
  t.same(await leds.show({ run: true, air: true, fault: true }), ['air']);
  t.equal(await readFile(join(folder, 'ACT/trigger'), 'utf8'), 'none');
  t.equal(await readFile(join(folder, 'ACT/brightness'), 'utf8'), '1');
  await writeFile(join(folder, 'ACT/brightness'), 'x');
  t.same(await leds.show({ run: true, air: true }), []);
  t.equal(await readFile(join(folder, 'ACT/brightness'), 'utf8'), 'x');
});

t.test('a button counts when it was held, once, and a bump does not', async (t) => {
  const clock = new ManualClock();
  let held = 0;
  const button = new HeldButton(clock, 1_500, () => (held += 1));
  button.take(true);
  clock.advance(1_400);
  button.take(false);
  clock.advance(5_000);
  t.equal(held, 0);
  button.take(true);
  clock.advance(10_000);
  t.equal(held, 1);
});
