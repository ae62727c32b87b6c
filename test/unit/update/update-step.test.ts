import t from 'tap';
import type { UpdateStage } from '../../../agent/update/update-state.js';
import { ALL, NIGHT_MS, OFFER, stateWith, stepped } from './update-rig.js';

const SEAL = 'b'.repeat(64);
const DOWNLOADING = { kind: 'downloading', offer: OFFER } as const;
const ON_TRIAL = {
  kind: 'trial',
  offer: OFFER,
  slot: 'a',
  seal: SEAL,
  from: 'floor',
  linkBefore: true,
} as const;

t.test('an update goes from an offer to its trial, one stage after the other', async (t) => {
  const stages: string[] = [];
  let step = stepped(stateWith(), { kind: 'checked', offer: OFFER });
  const go = (...[event, facts]: Parameters<typeof stepped> extends [unknown, ...infer R] ? R : never) => {
    stages.push(step.state.stage.kind);
    step = stepped(step.state, event, facts);
  };
  go({ kind: 'look' });
  t.match(step.effects, [{ kind: 'fetch', offer: OFFER }]);
  go({ kind: 'fetched', bytes: OFFER.bytes, whole: true });
  t.match(step.effects, [{ kind: 'verify' }]);
  go({ kind: 'verified' });
  t.match(step.effects, [{ kind: 'unpack', slot: 'a' }]);
  go({ kind: 'unpacked', seal: SEAL });
  go({ kind: 'look' });
  t.match(step.effects, [{ kind: 'try', slot: 'a', seal: SEAL, version: '0.2.0' }, { kind: 'restart' }]);
  go({ kind: 'trial', verdict: 'well', detail: '' });
  t.match(step.effects, [{ kind: 'commit', slot: 'a' }]);
  stages.push(step.state.stage.kind);
  t.same(stages, ['announced', 'downloading', 'verifying', 'unpacking', 'trial-ready', 'trial', 'committed']);
  t.equal(step.state.spent.bytes, OFFER.bytes);
});

t.test('what a death interrupted is begun again by the next look', async (t) => {
  const interrupted: [UpdateStage, string][] = [
    [DOWNLOADING, 'fetch'],
    [{ kind: 'verifying', offer: OFFER }, 'verify'],
    [{ kind: 'unpacking', offer: OFFER, slot: 'a' }, 'unpack'],
  ];
  for (const [stage, effect] of interrupted) {
    t.same(
      stepped(stateWith({ stage }), { kind: 'look' }).effects.map(({ kind }) => kind),
      [effect],
      stage.kind,
    );
  }
});

t.test('nothing is begun while anything is in the way, and the reason is kept', async (t) => {
  const state = stateWith({ stage: { kind: 'announced', offer: OFFER } });
  const cases = [
    ['on-air', { onAir: true }],
    ['emergency', { emergency: true }],
    ['window', { nowMs: Date.parse('2026-11-24T05:00:00+07:00') }],
    ['clock', { clockOk: false }],
    ['safe-mode', { safeMode: true }],
    ['budget', { allowedBytes: 0 }],
    ['no-slots', { slots: false }],
  ] as const;
  for (const [why, facts] of cases) {
    const { state: after, effects } = stepped(state, { kind: 'look' }, facts);
    t.match(after.stage, { kind: 'waiting', why });
    t.same(effects, []);
  }
});

t.test(
  'a window spreads the downloads of a fleet over its first two thirds, and never their order by stage',
  async (t) => {
    const state = stateWith({ stage: { kind: 'announced', offer: OFFER } });
    /** Share of a fleet, of all of it or of the first 5 %, that has begun so long after the window of 210 minutes has opened. */
    const begun = (minutes: number, share: number, window = { from: '00:30', to: '04:00' }): number => {
      const nowMs = Date.parse('2026-11-24T00:30:00+07:00') + minutes * 60_000;
      let count = 0;
      for (let one = 0; one < 1_000; one += 1) {
        const facts = { nowMs, place: ((one + 0.37 * (one % 7)) / 1_003) * share, window };
        if (stepped(state, { kind: 'look' }, facts).effects.length > 0) count += 1;
      }
      return count / 1_000;
    };
    for (const share of [1, 0.05]) {
      t.ok(begun(0, share) < 0.05, 'hardly any at once');
      const half = begun(70, share);
      t.ok(half > 0.4 && half < 0.6, `half of them after half of the time: ${half}`);
      t.equal(begun(140, share), 1);
    }
    t.equal(begun(0, 1, { from: '00:00', to: '00:00' }), 1, 'a window that is all day waits for nobody');
  },
);

t.test(
  'one that waits for its moment says so, and a program that is here already does not wait',
  async (t) => {
    const nowMs = Date.parse('2026-11-24T00:31:00+07:00');
    const late = { nowMs, place: 0.4999 };
    const announced = stateWith({ stage: { kind: 'announced', offer: OFFER } });
    t.match(stepped(announced, { kind: 'look' }, late).state.stage, { kind: 'waiting', why: 'turn' });
    const ready = stateWith({ stage: { kind: 'trial-ready', offer: OFFER, slot: 'a', seal: SEAL } });
    t.match(stepped(ready, { kind: 'look' }, late).state.stage, { kind: 'trial' });
  },
);

t.test('a bundle that RAUC refuses is given up at once: it is what was signed', async (t) => {
  const state = stateWith({ stage: { kind: 'unpacking', offer: OFFER, slot: 'b' } });
  const event = { kind: 'failed', code: 'E_UPDATE_BUNDLE', detail: 'rauc info error' } as const;
  const { state: after, effects } = stepped(state, event, {}, { running: 'a' });
  t.match(after.stage, { kind: 'back', to: 'a', code: 'E_UPDATE_BUNDLE' });
  t.same(effects, [{ kind: 'drop-archive' }]);
  t.equal(after.failed.length, 1);
  const again = { kind: 'failed', code: 'E_UPDATE_RAUC', detail: 'no answer' } as const;
  const waiting = stepped(state, again, {}, { running: 'a' });
  t.match(
    waiting.state.stage,
    { kind: 'unpacking' },
    'one that does not answer is asked again, and nothing is fetched anew',
  );
  t.same(waiting.effects, []);
});

t.test('a trial does not begin shortly before a bulletin; a download does', async (t) => {
  const ready = stateWith({ stage: { kind: 'trial-ready', offer: OFFER, slot: 'a', seal: SEAL } });
  t.match(stepped(ready, { kind: 'look' }, { soonOnAir: true }).state.stage, { why: 'soon-on-air' });
  t.equal(
    stepped(stateWith({ stage: DOWNLOADING }), { kind: 'look' }, { soonOnAir: true }).effects.length,
    1,
  );
});

t.test('without a word of the province nothing is installed', async (t) => {
  const state = stateWith({ stage: { kind: 'announced', offer: OFFER } });
  delete state.policy;
  t.match(stepped(state, { kind: 'look' }).state.stage, { why: 'no-word' });
});

t.test('stage, group, version and hold of the province decide who begins', async (t) => {
  const begins = (policy: Partial<typeof ALL>, facts: Parameters<typeof stepped>[2] = {}): boolean =>
    stepped(
      stateWith({ stage: { kind: 'announced', offer: OFFER }, policy: { ...ALL, ...policy } }),
      { kind: 'look' },
      facts,
    ).effects.length > 0;
  t.equal(begins({ percent: 50 }, { place: 0.49 }), true);
  t.equal(begins({ percent: 50 }, { place: 0.5 }), false);
  t.equal(begins({ percent: 0 }, { place: 0 }), false);
  t.equal(begins({ groups: ['pilot'] }), false);
  t.equal(begins({ groups: ['pilot'] }, { groups: ['pilot'] }), true);
  t.equal(begins({ version: '0.2.1' }), false);
  t.equal(begins({ hold: true }), false);
});

t.test("a technician's hold stops an update until it is released, whatever the province says", async (t) => {
  const held = stepped(stateWith({ stage: DOWNLOADING }), { kind: 'hold', on: true }).state;
  const policy = { ...ALL, issuedMs: NIGHT_MS + 1 };
  const after = stepped(held, { kind: 'policy', policy }).state;
  t.match(stepped(after, { kind: 'look' }).state.stage, { why: 'held-here' });
});

t.test('an older word of the province does not replace a newer one', async (t) => {
  const state = stateWith();
  t.equal(stepped(state, { kind: 'policy', policy: { ...ALL, hold: true } }).state.policy?.hold, false);
  const newer = { ...ALL, hold: true, issuedMs: NIGHT_MS + 1 };
  t.equal(stepped(state, { kind: 'policy', policy: newer }).state.policy?.hold, true);
});

t.test(
  'a failure of the network waits longer each time, and at once less where something came',
  async (t) => {
    const failing = { kind: 'fetch-failed', bytes: 0, code: 'E_UPDATE_FETCH', detail: 'x' } as const;
    let { state } = stepped(stateWith({ stage: DOWNLOADING }), failing);
    t.equal(state.retry.notBeforeMs - NIGHT_MS, 60_000);
    state = stepped(state, failing).state;
    t.equal(state.retry.notBeforeMs - NIGHT_MS, 120_000);
    for (let i = 0; i < 20; i += 1) state = stepped(state, failing).state;
    t.equal(state.retry.notBeforeMs - NIGHT_MS, 3_600_000, 'an hour at most');
    t.same(stepped(state, { kind: 'look' }).effects, []);
    state = stepped(state, { ...failing, bytes: 1 }).state;
    t.equal(state.retry.notBeforeMs - NIGHT_MS, 60_000);
  },
);

t.test('an archive that is not what was signed is fetched three times, then given up for good', async (t) => {
  let state = stateWith({ stage: { kind: 'verifying', offer: OFFER } });
  const bad = { kind: 'failed', code: 'E_UPDATE_DIGEST', detail: 'x' } as const;
  for (let i = 0; i < 2; i += 1) {
    const step = stepped({ ...state, stage: { kind: 'verifying', offer: OFFER } }, bad);
    t.match(step.effects, [{ kind: 'drop-archive' }]);
    t.equal(step.state.stage.kind, 'downloading');
    t.equal(step.tell[0]?.kind, 'security');
    state = step.state;
  }
  const given = stepped({ ...state, stage: { kind: 'verifying', offer: OFFER } }, bad).state;
  t.match(given.stage, { kind: 'back', code: 'E_UPDATE_DIGEST', version: '0.2.0' });
  t.equal(stepped(given, { kind: 'checked', offer: OFFER }).state.stage.kind, 'back', 'not offered again');
  const other = { ...OFFER, sha256: 'c'.repeat(64) };
  t.equal(stepped(given, { kind: 'checked', offer: other }).state.stage.kind, 'announced');
});

t.test('an ill program is left at once, and is not tried again', async (t) => {
  const step = stepped(stateWith({ stage: ON_TRIAL }), { kind: 'trial', verdict: 'ill', detail: 'deaf' });
  t.match(step.state.stage, { kind: 'back', to: 'floor', code: 'E_UPDATE_TRIAL', detail: 'deaf' });
  t.match(step.effects, [{ kind: 'leave', to: 'floor' }, { kind: 'restart' }]);
  t.equal(stepped(step.state, { kind: 'checked', offer: OFFER }).state.stage.kind, 'back');
});

t.test('a trial that power cuts left undecided may be had again after a day', async (t) => {
  const failed = [
    { version: '0.2.0', sha256: OFFER.sha256, code: 'E_UPDATE_UNDECIDED', atMs: NIGHT_MS },
  ] as const;
  const state = stateWith({ failed: [...failed] });
  t.equal(stepped(state, { kind: 'checked', offer: OFFER }).state.stage.kind, 'idle');
  const tomorrow = { nowMs: NIGHT_MS + 86_400_000 };
  t.equal(stepped(state, { kind: 'checked', offer: OFFER }, tomorrow).state.stage.kind, 'announced');
});

t.test('a newer offer takes the place of the one on its way; one that is withdrawn is dropped', async (t) => {
  const state = stateWith({ stage: DOWNLOADING });
  const newer = { ...OFFER, version: '0.3.0', sha256: 'd'.repeat(64) };
  const step = stepped(state, { kind: 'checked', offer: newer });
  t.match(step.state.stage, { kind: 'announced', offer: { version: '0.3.0' } });
  t.match(step.effects, [{ kind: 'drop-archive' }]);
  t.equal(stepped(state, { kind: 'checked', offer: undefined }).state.stage.kind, 'idle');
  t.equal(
    stepped(stateWith({ stage: ON_TRIAL }), { kind: 'checked', offer: newer }).state.stage.kind,
    'trial',
  );
});

t.test('going back leaves the slot, and the version left is not installed again by itself', async (t) => {
  const state = stateWith({ stage: { kind: 'committed', version: '0.2.0', atMs: NIGHT_MS } });
  const rules = { running: 'a', previous: 'b' } as const;
  const step = stepped(state, { kind: 'back', by: 'province', running: '0.2.0' }, {}, rules);
  t.match(step.effects, [{ kind: 'leave', to: 'b' }, { kind: 'restart' }]);
  t.equal(stepped(step.state, { kind: 'checked', offer: OFFER }).state.stage.kind, 'back');
  const floor = stepped(state, { kind: 'back', by: 'x', running: '0.1.0' }, {}, { running: 'floor' });
  t.same(floor.effects, [], 'there is nothing below the floor');
});

t.test('a refusal of the repository is told once as a security event, and ends nothing', async (t) => {
  const refusal = { kind: 'check-failed', code: 'E_UPDATE_METADATA', detail: 'x' } as const;
  const first = stepped(stateWith({ stage: DOWNLOADING }), refusal);
  t.match(first.tell, [{ kind: 'security', code: 'E_UPDATE_METADATA' }]);
  t.equal(first.state.stage.kind, 'downloading');
  t.same(stepped(first.state, refusal).tell, []);
});

t.test('the free slot is taken: never the one that runs', async (t) => {
  const verifying = stateWith({ stage: { kind: 'verifying', offer: OFFER } });
  const slotOf = (running: 'a' | 'b' | 'floor') => {
    const { stage } = stepped(verifying, { kind: 'verified' }, {}, { running }).state;
    return stage.kind === 'unpacking' ? stage.slot : undefined;
  };
  t.same([slotOf('a'), slotOf('b'), slotOf('floor')], ['b', 'a', 'a']);
});

t.test('a window over midnight holds on both sides of it', async (t) => {
  const policy = { ...ALL, window: { from: '23:00', to: '02:00' } };
  const at = (time: string) =>
    stepped(
      stateWith({ stage: { kind: 'announced', offer: OFFER }, policy, checkedMs: NIGHT_MS }),
      { kind: 'look' },
      { nowMs: Date.parse(`2026-11-24T${time}:00+07:00`) },
    ).state.stage.kind;
  t.same([at('01:59'), at('02:00')], ['downloading', 'waiting']);
});
