import { reportsLost } from '../../faults/reports-lost.js';
import type { Scenario } from '../scenario.js';
import { RECEIVER, type Stage } from '../stage.js';
import { assertUnbroken, beginEmergency, cutInPlay } from './power-cut.js';

const CUTS = 5;

/** The mains go in mid-play; what is judged is what the province was told, not what was heard. */
export const powerCutRecords: Scenario = {
  name: 'power-cut-records',
  about: `the mains go ${CUTS} times while it plays; every record that it had kept arrives`,
  long: true,
  steps: [
    { title: 'an emergency is in force, and is heard', run: beginEmergency },
    ...Array.from({ length: CUTS }, (_, index) => ({
      title: `the mains go in the middle of a play (${index + 1} of ${CUTS}), and it reports again`,
      run: cutAndReport,
    })),
    { title: 'every record kept over the cuts has come', run: accountFor },
  ],
};

async function cutAndReport(stage: Stage): Promise<string> {
  const { title, before, birth, seconds } = await cutInPlay(stage);
  await stage.receipt(title, 240_000, before, birth.message.boot);
  await assertUnbroken(stage);
  stage.figures.cuts.survived += 1;
  return `birth ${seconds.toFixed(0)} s after the mains came back, and a receipt of the new boot`;
}

/** Records are chained by hash: one that was kept and never came is a hole. */
async function accountFor(stage: Stage): Promise<string> {
  const { province, figures } = stage;
  await province.send(await province.province.emergencyCancel('tan-hoa', { area: 'ap-1' }));
  await stage.statusUntil('the outbox is empty', ({ outbox }) => outbox.messages === 0);
  const reports = reportsLost(province.ears, RECEIVER);
  figures.reports = reports;
  if (reports.chainBreaks > 0) throw new Error(`${reports.chainBreaks} holes in the chain of records`);
  return `${province.ears.receipts.length + province.ears.events.length} records, no hole in their chain`;
}
