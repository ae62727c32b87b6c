import t from 'tap';
import { killProgramme } from '../faults/programme-kill.js';
import { temporaryFolder } from '../support/temporary-folder.js';

t.setTimeout(170_000);

t.test(
  'killed at every third change of the disk, a schedule, a file and the log are old or new',
  async (t) => {
    const reports = await killProgramme(await temporaryFolder(t), ['kill', 'power-cut'], { stride: 3 });
    for (const { step, effects, deaths, faults } of reports) {
      t.same(faults, [], step);
      t.ok(deaths > 0 && effects > 0, `${step}: ${deaths} deaths`);
    }
  },
);
