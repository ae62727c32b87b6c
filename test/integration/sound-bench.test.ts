import t from 'tap';
import { interruptByStored } from '../rig/interruptions.js';
import { chirpOf } from '../rig/first-samples.js';
import { leftovers } from '../rig/leftovers.js';
import { soundFaults } from '../rig/sound-faults.js';
import { SoundBench, withoutSoundBench } from '../rig/sound-bench.js';
import { Witness } from '../rig/witness.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';

// Short forms of the claims of area sound, without their times: a test machine may stall.
t.setTimeout(290_000);
const skip = await withoutSoundBench();

async function benchFor(t: Teardown): Promise<SoundBench> {
  // A roomy buffer: what is tested is not how soon.
  const bench = await SoundBench.open({ folder: await temporaryFolder(t), sound: { bufferMs: 200 } });
  t.teardown(() => bench.close());
  return bench;
}

t.test('interruptions by a stored emergency leave no hole and do not click', { skip }, async (t) => {
  const bench = await benchFor(t);
  const witness = await Witness.start(bench.folder, 200);
  t.teardown(() => witness.close());
  const { counted, repeated } = await interruptByStored(bench, witness, { count: 5 });
  // Where the machine let the card run dry, nothing is said of the change; the claims count that.
  const whole = [...counted, ...repeated].filter(({ underruns }) => underruns === 0);
  t.ok(whole.length >= 3, `${whole.length} without an underrun`);
  t.same(
    whole.filter(({ holeMs, holeBackMs, stepOfRamp }) => holeMs > 0 || holeBackMs > 0 || stepOfRamp > 1),
    [],
  );
});

t.test('a stored file is heard from its first sample to its last', { skip }, async (t) => {
  const bench = await benchFor(t);
  for (const format of ['MP3', 'Ogg Opus', 'FLAC'] as const) {
    const { headDb, tailDb, worst } = await chirpOf(bench, format);
    t.ok(headDb >= -20 && tailDb >= -12 && worst > 0.98, `${format}: ${headDb} ${tailDb} ${worst}`);
  }
});

t.test('a live bulletin comes back after a clean end and a dead sink', { skip }, async (t) => {
  const bench = await benchFor(t);
  const seen = await soundFaults(bench, (line) => t.comment(line), [
    'clean end',
    'sink killed',
    'TLS failure',
  ]);
  t.equal(seen.length, 3);
  t.same(
    seen.filter(({ failure }) => failure !== undefined),
    [],
  );
});

t.test(
  'forty interruptions and changes of source leave no process and no descriptor',
  { skip },
  async (t) => {
    const bench = await benchFor(t);
    const { before, after } = await leftovers(bench, 40);
    t.equal(after.pids.length, before.pids.length);
    t.ok(after.descriptors <= before.descriptors + 2, `${before.descriptors} → ${after.descriptors}`);
  },
);
