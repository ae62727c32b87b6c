import { speechPath } from '../../fixtures/speech/speech.js';
import { decodeReference } from '../../heard/decode.js';
import { hearAll } from '../hearing.js';
import { monotonicOf, unitTimes } from '../measure.js';
import type { HeardOf } from '../../source-system/ears.js';
import type { Scenario, Step } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';
import type { Stage } from '../stage.js';

/** It lasts 9 s; what sounds again by then was cut off. */
const REPEAT_MS = 600_000;
const CUTS = 5;
const LONG_CUTS = 20;
/** What must not be in the journal after a cut: something that was kept is broken. */
const BROKEN = 'E_STORE_|E_TRUST_|E_IDENTITY_|E_CONFIG_|is lost|EXT4-fs error';

/** The mains go while an emergency sounds; it boots, sounds it again from what it kept, and reports. */
export const powerCut: Scenario = {
  name: 'power-cut',
  about: `the mains go ${CUTS} times while it plays; each time it boots, sounds the stored emergency again, and reports`,
  steps: stepsFor(CUTS),
};

/** The same, {@link LONG_CUTS} times. */
export const powerCutLong: Scenario = {
  name: 'power-cut-long',
  about: `the mains go ${LONG_CUTS} times while it plays`,
  long: true,
  steps: stepsFor(LONG_CUTS),
};

function stepsFor(cuts: number): Step[] {
  return [
    { title: 'an emergency is in force and sounds', run: beginEmergency },
    ...Array.from({ length: cuts }, (_, index) => ({
      title: `the mains go in the middle of a play (${index + 1} of ${cuts}), and it comes back`,
      run: cutOnce,
    })),
    {
      title: 'the emergency is over',
      async run({ province }: Stage) {
        await province.send(await province.province.emergencyCancel('tan-hoa', { area: 'ap-1' }));
        return 'cancelled';
      },
    },
  ];
}

/** An emergency of 9 s, heard once. */
export async function beginEmergency(stage: Stage): Promise<string> {
  const before = stage.newestOrder;
  await setEmergency(stage, 'storm');
  const receipt = await stage.receipt('storm', 120_000, before);
  return `heard ${(receipt.body.framesHeard / 48_000).toFixed(1)} s of it`;
}

/** A new one takes the place of the one before, and sounds at once. */
async function setEmergency(stage: Stage, title: string): Promise<void> {
  const { province } = stage;
  const emergency = {
    title,
    content: [await stage.file('emergency.mp3')],
    forMs: 3_600_000,
    repeatEveryMs: REPEAT_MS,
  };
  await province.send(await province.province.emergencySet('tan-hoa', { area: 'ap-1' }, [emergency]));
}

/** What a cut in mid-play and the boot after it brought. */
export interface Cut {
  /** Of the emergency that sounded. */
  readonly title: string;
  /** What came after the cut has a higher order. */
  readonly before: number;
  readonly birth: HeardOf<'state'>;
  /** From the cut to the birth. */
  readonly seconds: number;
}

/** A cut in mid-play, each a little later in it than the one before, and the boot after it. */
export async function cutInPlay(stage: Stage): Promise<Cut> {
  const { machine, figures } = stage;
  const title = `storm ${figures.cuts.made + 1}`;
  // Asking the receiver what is on air takes seconds in emulation: what its card is fed is seen at once.
  await stage.silent(1_000, 60_000);
  await setEmergency(stage, title);
  await stage.heard(30_000);
  await stage.played(1_000 + (figures.cuts.made % 5) * 900);
  const before = stage.newestOrder;
  figures.cuts.made += 1;
  await machine.cutPower();
  const cutMs = performance.now();
  await machine.powerOn();
  await machine.booted();
  const birth = await stage.birth(60_000, before);
  return { title, before, birth, seconds: (performance.now() - cutMs) / 1000 };
}

/** Throws where something that was kept is broken after a cut, or was said by no receiver of the province's. */
export async function assertUnbroken({ machine, province }: Stage): Promise<void> {
  const broken = (await machine.run(`journalctl -b -q --no-pager | grep -E '${BROKEN}'`)).output.trim();
  if (broken !== '') throw new Error(`after the cut: ${broken.slice(0, 500)}`);
  const believed = province.ears.disbelieved.length;
  if (believed > 0) throw new Error(`the province does not believe ${believed} messages`);
}

async function cutOnce(stage: Stage): Promise<string> {
  const { figures } = stage;
  const { title, before, birth, seconds } = await cutInPlay(stage);
  const atBirthMs = await monotonicOf(stage, birth.message.at);
  const { startedMs, readyMs } = await unitTimes(stage);
  figures.starts.push({ readyMs: readyMs - startedMs, birthMs: atBirthMs - startedMs });
  const receipt = await stage.receipt(title, 120_000, before, birth.message.boot);
  const reference = await decodeReference(speechPath('emergency.mp3'));
  const verdict = judgeSound({ heard: await hearAll(stage), fromFrame: 0, parts: [{ receipt, reference }] });
  assertHeard({ ...verdict, quietDb: -Infinity });
  await assertUnbroken(stage);
  figures.cuts.survived += 1;
  return `birth ${seconds.toFixed(0)} s after the mains came back; ${verdictText(verdict)}`;
}
