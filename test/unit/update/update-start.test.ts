import t from 'tap';
import { FLOOR_ONLY, type SlotChoice } from '../../../agent/update/slot-choice.js';
import { updateAtStart, type StartFound } from '../../../agent/update/update-start.js';
import { NIGHT_MS, OFFER, stateWith } from './update-rig.js';

const seal = 'b'.repeat(64);
const stage = {
  kind: 'trial',
  offer: OFFER,
  slot: 'a',
  seal,
  from: 'floor',
  linkBefore: true,
} as const;
const chosen: SlotChoice = { ...FLOOR_ONLY, trial: 'a', slots: { a: { seal, version: '0.2.0' } } };

function found(parts: Partial<StartFound>): StartFound {
  return { running: 'floor', choice: chosen, tries: { inBoot: 1, all: 1 }, nowMs: NIGHT_MS, ...parts };
}

t.test('a program that starts on trial is on trial', async (t) => {
  const step = updateAtStart(stateWith({ stage }), found({ running: 'a' }));
  t.equal(step.state.stage.kind, 'trial');
  t.same(step.effects, []);
});

t.test('killed before the choice was written, the trial is ready as before', async (t) => {
  const step = updateAtStart(stateWith({ stage }), found({ choice: FLOOR_ONLY }));
  t.equal(step.state.stage.kind, 'trial-ready');
});

t.test('killed after the commit and before it was noted, it is committed', async (t) => {
  const choice = { ...chosen, trial: undefined, committed: 'a' as const };
  const step = updateAtStart(stateWith({ stage }), found({ running: 'a', choice }));
  t.match(step.state.stage, { kind: 'committed', version: '0.2.0' });
});

t.test('an image that the boot loader has left is a failure of the program, with what it was', async (t) => {
  const gaveUp = 'the boot loader started it and went back to the image before';
  const step = updateAtStart(stateWith({ stage }), found({ running: 'b', gaveUp }));
  t.match(step.state.stage, { kind: 'back', to: 'b', code: 'E_UPDATE_TRIAL', detail: gaveUp });
});

t.test('three starts in one boot are a failure of the program', async (t) => {
  const step = updateAtStart(stateWith({ stage }), found({ tries: { inBoot: 3, all: 3 } }));
  t.match(step.state.stage, { kind: 'back', to: 'floor', code: 'E_UPDATE_TRIAL' });
  t.match(step.effects, [{ kind: 'leave', to: 'floor' }]);
  t.equal(step.state.failed.length, 1);
});

t.test('starts in many boots are no verdict, a slot that is not whole is a fault of the disk', async (t) => {
  const many = updateAtStart(stateWith({ stage }), found({ tries: { inBoot: 1, all: 25 } }));
  t.match(many.state.stage, { code: 'E_UPDATE_UNDECIDED' });
  const torn = updateAtStart(stateWith({ stage }), found({ tries: { inBoot: 0, all: 4 } }));
  t.match(torn.state.stage, { code: 'E_UPDATE_SLOT' });
});

t.test('killed after it was given up and before the choice was written, the slot is left now', async (t) => {
  const back = {
    kind: 'back',
    version: '0.2.0',
    to: 'floor',
    code: 'E_UPDATE_TRIAL',
    detail: '',
    atMs: NIGHT_MS,
  } as const;
  const step = updateAtStart(stateWith({ stage: back }), found({ running: 'a' }));
  t.match(step.effects, [{ kind: 'leave', to: 'floor' }, { kind: 'restart' }]);
});
