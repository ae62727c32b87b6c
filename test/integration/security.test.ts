import t from 'tap';
import { wireThreats } from '../security/attacks-wire.js';
import { Stage } from '../security/stage.js';
import { testNameOf } from '../security/threat.js';

// Each attack waits for real connections, the false brokers for two starts of the program.
t.setTimeout(280_000);
const stage = await Stage.set();
t.teardown(() => stage.close());

for (const threat of wireThreats) {
  t.test(testNameOf(threat), { timeout: 60_000 }, async (t) => {
    const verdict = await threat.attackProcess(stage);
    t.comment(verdict.seen);
    if (threat.open === undefined) t.ok(verdict.stopped, verdict.seen);
    else t.notOk(verdict.stopped, `the table says that this is open, but it was stopped (${verdict.seen})`);
  });
}
