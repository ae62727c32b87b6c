import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FLOOR_ONLY, type SlotChoice } from '../../../agent/update/slot-choice.js';
import { Slots } from '../../../agent/update/slots.js';
import type { Slot } from '../../../agent/update/update-state.js';
import { repositoryRoot } from '../../heard/repository-root.js';
import { KeptLog } from '../../support/kept-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const LAUNCH = join(repositoryRoot(import.meta.url), 'build/packages/files/launch.sh');

/** The launcher with a stand-in for Node that tells what would be started. */
class Rig {
  readonly slots: Slots;
  boot = 'boot-1';
  private seals: Partial<Record<Slot, string>> = {};

  constructor(private readonly folder: string) {
    this.slots = new Slots(join(folder, 'slots'), new KeptLog());
  }

  static async open(t: Parameters<typeof temporaryFolder>[0]): Promise<Rig> {
    const rig = new Rig(await temporaryFolder(t));
    await mkdir(rig.slots.folder, { recursive: true });
    const node = join(rig.folder, 'node');
    await writeFile(node, '#!/bin/sh\necho "$LOA_SLOT $*"\n');
    await chmod(node, 0o755);
    for (const slot of ['a', 'b'] as const) await rig.fill(slot);
    return rig;
  }

  async fill(slot: Slot): Promise<void> {
    const folder = join(this.slots.folder, slot);
    await mkdir(folder, { recursive: true });
    const main = `program ${slot}`;
    const sums = `${createHash('sha256').update(main).digest('hex')}  main.js\n`;
    await writeFile(join(folder, 'main.js'), main);
    await writeFile(join(folder, 'SHA256SUMS'), sums);
    this.seals[slot] = createHash('sha256').update(sums).digest('hex');
  }

  async choose(parts: Partial<SlotChoice>): Promise<void> {
    const { a = '', b = '' } = this.seals;
    const slots = { a: { seal: a, version: '0.2.0' }, b: { seal: b, version: '0.3.0' } };
    await this.slots.choose({ ...FLOOR_ONLY, slots, ...parts });
  }

  /** What is started. */
  async launch(watchdog = '0'): Promise<string> {
    await writeFile(join(this.folder, 'boot_id'), `${this.boot}\n`);
    await writeFile(join(this.folder, 'bootstatus'), `${watchdog}\n`);
    return execFileSync('sh', [LAUNCH, '/floor', 'run', '--config', 'x'], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        LOA_NODE: join(this.folder, 'node'),
        LOA_SLOTS: this.slots.folder,
        LOA_BOOT_ID: join(this.folder, 'boot_id'),
        LOA_WATCHDOG: join(this.folder, 'bootstatus'),
      },
    }).trim();
  }

  /** The slot alone. */
  async starts(watchdog?: string): Promise<string> {
    return (await this.launch(watchdog)).split(' ')[0] ?? '';
  }

  path(...names: string[]): string {
    return join(this.slots.folder, ...names);
  }
}

t.test('without a choice the floor starts, with the words that were given', async (t) => {
  const rig = await Rig.open(t);
  t.equal(await rig.launch(), 'floor --max-semi-space-size=2 /floor/main.js run --config x');
});

t.test('the slot on trial starts before the one that has proved itself', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ committed: 'a', trial: 'b' });
  t.match(await rig.launch(), `b --max-semi-space-size=2 ${rig.path('b', 'main.js')}`);
});

t.test('a slot on trial is started three times in a boot, then what has proved itself', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ committed: 'a', trial: 'b' });
  const started = [];
  for (let i = 0; i < 5; i += 1) started.push(await rig.starts());
  t.same(started, ['b', 'b', 'b', 'a', 'a']);
});

t.test('power cuts are not counted as failures, but they end somewhere', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ trial: 'b' });
  const started = [];
  for (let i = 0; i < 27; i += 1) {
    rig.boot = `boot-${i}`;
    started.push(await rig.starts());
  }
  t.equal(started.lastIndexOf('b'), 24);
  t.equal(started[25], 'floor');
});

t.test('a board that its watchdog has reset is counted, though its boot is another', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ trial: 'b' });
  const started = [await rig.starts()];
  for (let i = 2; i < 6; i += 1) {
    rig.boot = `boot-${i}`;
    started.push(await rig.starts('32'));
  }
  t.same(started, ['b', 'b', 'b', 'floor', 'floor']);
});

t.test(
  'a file that was altered, one that is missing, and another list: the next in the row starts',
  async (t) => {
    const rig = await Rig.open(t);
    await rig.choose({ committed: 'a', trial: 'b' });
    await writeFile(rig.path('b', 'main.js'), 'altered');
    t.equal(await rig.starts(), 'a');
    await rm(rig.path('a', 'main.js'));
    t.equal(await rig.starts(), 'floor');
    await rig.fill('a');
    await writeFile(rig.path('a', 'SHA256SUMS'), await readFile(rig.path('b', 'SHA256SUMS')));
    t.equal(await rig.starts(), 'floor');
  },
);

t.test('with both slots bad the floor starts, and the one before is tried first', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ committed: 'b', previous: 'a' });
  await rm(rig.path('b', 'main.js'));
  t.equal(await rig.starts(), 'a');
  await rm(rig.path('a'), { recursive: true });
  t.equal(await rig.starts(), 'floor');
});

t.test(
  'whatever piece of the choice a power cut leaves, something starts: the new choice, the one before, or the floor',
  async (t) => {
    const rig = await Rig.open(t);
    await rig.choose({ committed: 'a' });
    await rig.choose({ committed: 'b' });
    const whole = await readFile(rig.path('choice'));
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(rig.path('choice'), whole.subarray(0, length));
      await rm(rig.path('tries'), { force: true });
      t.equal(await rig.starts(), 'a', `${length} of ${whole.length} bytes`);
    }
    await writeFile(rig.path('choice.good'), 'torn');
    t.equal(await rig.starts(), 'floor');
  },
);

t.test('what has proved itself and does not last gives way to the floor, for this boot', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ committed: 'a' });
  const started = [];
  for (let i = 0; i < 14; i += 1) started.push(await rig.starts());
  t.equal(started.filter((one) => one === 'a').length, 12);
  t.equal(started.at(-1), 'floor');
  rig.boot = 'boot-2';
  t.equal(await rig.starts(), 'a');
});

t.test('a run that ended in order is not counted', async (t) => {
  const rig = await Rig.open(t);
  await rig.choose({ trial: 'b' });
  for (let i = 0; i < 6; i += 1) {
    t.equal(await rig.starts(), 'b');
    await rig.slots.wentWell('b', rig.boot);
  }
  t.same(await rig.slots.tries('b', rig.boot), { inBoot: 0, all: 0 });
});
