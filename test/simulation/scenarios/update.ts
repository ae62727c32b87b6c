import { speechPath } from '../../fixtures/speech/speech.js';
import { decodeReference } from '../../heard/decode.js';
import { hearAll } from '../hearing.js';
import type { Scenario } from '../scenario.js';
import { assertHeard, judgeSound, verdictText } from '../sound.js';
import type { Stage } from '../stage.js';
import { UpdateDepot, untilUpdate, updateView } from '../update-depot.js';

const GOOD = '0.74.10';
const BAD = '0.75.10';
/** Between two pieces of 8 kB of a program, milliseconds: there is time for an emergency in its download. */
const SLOWLY_MS = 300;
/** Of the receiver's time; a download is slow, and a bad program is tried three times. */
const DOWNLOAD_MS = 180_000;
const TRIAL_MS = 240_000;

/** A good update is kept, a bad one goes back, and emergencies are heard meanwhile. */
export const update: Scenario = {
  name: 'update',
  about:
    'a good program is fetched, tried and kept, a bad one goes back; an emergency is heard in the download and in the trial',
  long: true,
  steps: [
    {
      title: 'an emergency is heard while the new program is fetched',
      async run(stage) {
        const depot = await depotOf(stage);
        await depot.publishGood(GOOD);
        depot.server.pauseMs = SLOWLY_MS;
        await letUpdate(stage);
        const view = await untilUpdate(
          stage,
          'it fetches the program',
          ({ stage: kind, heldBytes = 0 }) => kind === 'downloading' && heldBytes > 0,
          DOWNLOAD_MS,
        );
        const heard = await emergencyHeard(stage, 'in the download');
        const { stage: after } = await updateView(stage);
        if (after !== 'downloading' && after !== 'waiting')
          throw new Error(`it was ${after} before the sound ended`);
        depot.server.pauseMs = 0;
        return `${view.heldBytes ?? 0} of ${view.offered?.bytes ?? 0} bytes were there; ${heard}`;
      },
    },
    {
      title: 'an emergency is heard while the new program is on trial, which is then kept',
      async run(stage) {
        await untilUpdate(
          stage,
          'it is on trial',
          ({ stage: kind, version }) => kind === 'trial' && version === GOOD,
          DOWNLOAD_MS,
        );
        const heard = await emergencyHeard(stage, 'in the trial');
        const { stage: after } = await updateView(stage);
        if (after !== 'trial') throw new Error(`it was ${after} before the sound ended`);
        await untilUpdate(stage, 'it is kept', ({ stage: kind }) => kind === 'committed', TRIAL_MS);
        const { version, running } = await updateView(stage);
        if (version !== GOOD || (running !== 'a' && running !== 'b'))
          throw new Error(`${version} runs from ${running ?? 'nowhere'}`);
        return `${heard}; ${version} is kept in slot ${running}`;
      },
    },
    {
      title: 'a bad program goes back, and the one before plays and reports',
      async run(stage) {
        const depot = await depotOf(stage);
        await depot.publishBad(BAD);
        await letUpdate(stage);
        await stage.machine.must('loa update check');
        const before = stage.newestOrder;
        const { back, version } = await untilUpdate(
          stage,
          'it is back',
          ({ stage: kind }) => kind === 'back',
          DOWNLOAD_MS + TRIAL_MS,
        );
        if (version !== GOOD || back?.version !== BAD)
          throw new Error(`${version} runs, and back went ${back?.version ?? 'nothing'}`);
        const told = await stage.province.ears.waitFor(
          'event',
          ({ message, order }) => order > before && message.body.code === back.code,
          120_000,
        );
        const heard = await emergencyHeard(stage, 'afterwards');
        return `${BAD} went back (${told.message.body.code}), ${version} runs; ${heard}`;
      },
    },
  ],
};

function depotOf(stage: Stage): Promise<UpdateDepot> {
  return stage.once('depot of updates', () => UpdateDepot.open(stage));
}

/** The province's word: everybody, now. */
async function letUpdate(stage: Stage): Promise<void> {
  await stage.setClock();
  const { province } = stage.province;
  await stage.province.send(await province.update('province', { area: 'ap-1' }));
}

/** Sets an emergency, hears all of it, and takes it back. */
async function emergencyHeard(stage: Stage, title: string): Promise<string> {
  const { province, machine } = stage;
  await stage.setClock();
  const before = stage.newestOrder;
  const fromFrame = machine.recordedFrames;
  const content = await stage.file('emergency.mp3');
  const emergency = { title, content: [content], forMs: 3_600_000, repeatEveryMs: 600_000 };
  await province.send(await province.province.emergencySet('tan-hoa', { area: 'ap-1' }, [emergency]));
  const receipt = await stage.receipt(title, 120_000, before);
  const reference = await decodeReference(speechPath('emergency.mp3'));
  const verdict = judgeSound({ heard: await hearAll(stage), fromFrame, parts: [{ receipt, reference }] });
  await province.send(await province.province.emergencyCancel('tan-hoa', { area: 'ap-1' }));
  for (const { title: of, comparison } of verdict.spans)
    stage.figures.heard.push({ title: of, ...comparison });
  assertHeard(verdict);
  return verdictText(verdict);
}
