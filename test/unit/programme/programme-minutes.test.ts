import t from 'tap';
import { NOTHING_HEARD, type HeardToday } from '../../../agent/programme/heard-minutes.js';
import { Programme } from '../../../agent/programme/programme.js';
import { nowMs, playStartWith } from '../../fixtures/trust/messages.js';
import { authorityWith, grantWith, newSigner, uuidOf } from '../../fixtures/trust/signers.js';
import { stepClock } from '../../support/step-clock.js';
import { keptLog } from '../link/support.js';

const authority = authorityWith(await newSigner(), { grants: [grantWith({ minutesADay: 10 })] });

function rig(heard: HeardToday = NOTHING_HEARD) {
  const clock = stepClock(nowMs);
  const closed: string[] = [];
  let kept = heard;
  const programme = new Programme({
    engine: { open: () => undefined, order: () => undefined, close: (_, outcome) => closed.push(outcome) },
    ...{ clock, log: keptLog(), newId: () => uuidOf('new'), memory: {}, heard },
    listener: {
      onReceipt: () => undefined,
      onEvent: () => undefined,
      onSounded: () => undefined,
      onHeard: (minutes) => (kept = minutes),
    },
  });
  t.teardown(() => programme.close());
  const onAir = (): string => {
    const message = playStartWith({}, { until: new Date(nowMs + 3_600_000).toISOString() });
    const taken = programme.play(message, authority);
    if (!taken.ok) throw new Error(taken.refusal.code);
    programme.onSound({ kind: 'air', playId: message.body.playId });
    return message.body.playId;
  };
  return { clock, programme, closed, onAir, kept: () => kept };
}

t.test('a bulletin ends when its authority’s minutes of the day are used up', (t) => {
  const { clock, programme, closed, onAir } = rig();
  onAir();
  clock.advance(9 * 60_000);
  t.same(closed, []);
  clock.advance(60_000);
  t.equal(closed[0], 'lease-ended');
  t.equal(programme.heardTodayMs('province'), 600_000);
  t.end();
});

t.test('only what has the air counts', (t) => {
  const { clock, programme, closed, onAir } = rig();
  onAir();
  clock.advance(60_000);
  programme.onSound({ kind: 'air', playId: undefined });
  clock.advance(20 * 60_000);
  t.same(closed, []);
  t.equal(programme.heardTodayMs('province'), 60_000);
  t.end();
});

t.test('what was heard before a restart counts', (t) => {
  const first = rig();
  first.onAir();
  first.clock.advance(8 * 60_000);
  first.programme.onSound({ kind: 'air', playId: undefined });
  const { clock, closed, onAir } = rig(first.kept());
  onAir();
  clock.advance(119_000);
  t.same(closed, []);
  clock.advance(1_000);
  t.equal(closed[0], 'lease-ended');
  t.end();
});
