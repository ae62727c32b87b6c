import t from 'tap';
import { TRIAL_BEGUN, trialStep, type TrialLook } from '../../../agent/update/trial-health.js';

const RULES = { looks: 10, linkBefore: true };
const WELL: TrialLook = { stuck: [], linkUp: true, safeMode: false, heard: false };
const PASSED = { outcome: 'passed', detail: '' } as const;
const FAILED = { outcome: 'failed', detail: 'sink: 0 frames none' } as const;

/** Looks until there is a verdict. */
function judge(lookAt: (look: number) => Partial<TrialLook>, rules = RULES): [string, number, string] {
  let health = TRIAL_BEGUN;
  for (let look = 1; look <= 100; look += 1) {
    const step = trialStep(health, { ...WELL, ...lookAt(look) }, rules);
    if (step.verdict !== 'open') return [step.verdict, look, step.detail];
    health = step.health;
  }
  return ['open', 100, ''];
}

t.test('a program that plays, reports and gets on is well at the end of its trial, not sooner', async (t) => {
  t.same(judge((look) => (look === 3 ? { test: PASSED } : {})).slice(0, 2), ['well', 10]);
});

t.test('healthy but deaf: two self-tests that fail are enough', async (t) => {
  const [verdict, look, detail] = judge((at) => (at % 2 === 0 ? { test: FAILED } : {}));
  t.same([verdict, look], ['ill', 4]);
  t.match(detail, /0 frames/);
});

t.test('one test that failed and one that passed afterwards are well', async (t) => {
  t.equal(judge((at) => (at === 2 ? { test: FAILED } : at === 5 ? { test: PASSED } : {}))[0], 'well');
});

t.test('a program that never consumed sound is not kept, though nothing failed', async (t) => {
  t.same(judge(() => ({})).slice(0, 2), ['ill', 20]);
  t.equal(judge((at) => ({ heard: at === 15 }))[0], 'well', 'a bulletin that the sink took is sound, too');
});

t.test('a part that stands still and safe mode end the trial at once', async (t) => {
  t.same(judge((at) => ({ stuck: at === 2 ? ['outbox'] : [] })).slice(0, 2), ['ill', 2]);
  t.same(judge((at) => ({ safeMode: at === 3 })).slice(0, 2), ['ill', 3]);
});

t.test('the link must come up only where it was up before', async (t) => {
  const away = { linkUp: false, test: PASSED };
  t.equal(judge(() => away)[0], 'ill');
  t.equal(judge(() => away, { ...RULES, linkBefore: false })[0], 'well');
});
