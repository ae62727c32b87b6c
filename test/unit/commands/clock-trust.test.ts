import t from 'tap';
import {
  ANSWER_LIMIT_MS,
  clockAtStart,
  clockState,
  correctedMs,
  DOUBT_FOR_MS,
  DOUBT_FROM_MS,
  emergencyNow,
  lookAtClock,
  floorNow,
  isStepped,
  LIFT_LIMIT_MS,
  takeBeat,
} from '../../../agent/commands/clock-trust.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse('2026-11-23T03:00:00Z');
const at2099 = Date.parse('2099-01-01T00:00:00Z');
const at = (systemMs: number, monotonicMs = 0) => ({ systemMs, monotonicMs });

t.test('a clock at 1970 counts as the floor, which runs on', (t) => {
  const trust = clockAtStart(now, 0);
  t.equal(clockState(trust, at(0, 5)), 'behind');
  t.equal(correctedMs(trust, at(0, 90 * 60_000)), now + 90 * 60_000);
  t.ok(isStepped(trust, at(0)));
  t.end();
});

t.test('a clock that was only set to the floor counts as behind until a beat has answered', (t) => {
  const trust = clockAtStart(now, 0);
  const asSet = { ...at(now + 60_000, 5_000), isAsSet: true };
  t.equal(clockState(trust, asSet), 'behind');
  t.ok(isStepped(trust, asSet));
  t.equal(correctedMs(trust, asSet), now + 60_000);
  t.equal(clockState(takeBeat(trust, now + HOUR, 0, asSet).trust, asSet), 'trusted');
  t.end();
});

t.test('a clock above the floor is taken, but not confirmed', (t) => {
  const trust = clockAtStart(now, 0);
  t.equal(clockState(trust, at(now + DAY)), 'unconfirmed');
  t.equal(correctedMs(trust, at(now + DAY)), now + DAY);
  t.end();
});

t.test('more than a day beyond all that is known, a clock may be years ahead', (t) => {
  const trust = clockAtStart(now, 0);
  t.equal(clockState(trust, at(now + DAY + 1)), 'ahead');
  t.equal(clockState(trust, at(at2099)), 'ahead');
  t.equal(clockState(clockAtStart(now, 0, now + HOUR), at(now + DAY + 1)), 'unconfirmed', 'seen later');
  const noted = takeBeat(trust, now + DAY, undefined, at(now + 2 * DAY)).trust;
  t.equal(clockState(noted, at(now + 2 * DAY)), 'unconfirmed', 'a beat that answers nothing shows it, too');
  t.equal(floorNow(noted, at(now + 2 * DAY)), now, 'and lifts no floor');
  t.end();
});

t.test(
  'with the clock far ahead emergencies are judged by what is known, from a minute on, for a day',
  (t) => {
    const trust = clockAtStart(now, 0);
    const judged = (ms: number) => emergencyNow(trust, at(at2099 + ms, ms));
    t.equal(judged(DOUBT_FROM_MS - 1), at2099 + DOUBT_FROM_MS - 1, 'first a beat is waited for');
    t.equal(judged(DOUBT_FROM_MS), now + DOUBT_FROM_MS);
    t.equal(judged(DOUBT_FROM_MS + DOUBT_FOR_MS - 1), now + DOUBT_FROM_MS + DOUBT_FOR_MS - 1);
    t.equal(judged(DOUBT_FROM_MS + DOUBT_FOR_MS), at2099 + DOUBT_FROM_MS + DOUBT_FOR_MS);
    const near = at(now + DAY + DOUBT_FROM_MS, DOUBT_FROM_MS);
    t.equal(emergencyNow(trust, near), near.systemMs, 'a clock that is not far ahead is taken');
    const confirmed = takeBeat(trust, now, 0, at(at2099, 10)).trust;
    t.equal(emergencyNow(confirmed, at(at2099, HOUR + 10)), now + HOUR, 'confirmed time is the time');
    t.end();
  },
);

t.test('a clock that was right until it was stepped is run on, at once, for a day', (t) => {
  const trust = lookAtClock(clockAtStart(now, 0), at(now + HOUR, 10_000));
  const judged = (ms: number) => emergencyNow(trust, at(at2099 + ms, ms));
  t.equal(judged(20_000), now + HOUR + 10_000);
  t.equal(judged(10_000 + DOUBT_FOR_MS - 1), now + HOUR + DOUBT_FOR_MS - 1);
  t.equal(judged(10_000 + DOUBT_FOR_MS), at2099 + 10_000 + DOUBT_FOR_MS);
  const ahead = lookAtClock(clockAtStart(now, 0), at(at2099, 10_000));
  t.equal(ahead.plausible, undefined, 'one that is far ahead is not remembered');
  t.end();
});

t.test(
  'what came while the clock is far ahead is judged by when it was signed, for as long as it lasts',
  (t) => {
    const trust = clockAtStart(now, 0);
    const fresh = { issuedMs: now + 3 * DAY, arrivedMs: 30_000 };
    const judged = (ms: number) => emergencyNow(trust, at(at2099 + ms, ms), fresh);
    t.equal(judged(40_000), at2099 + 40_000, 'in the first minute a beat is waited for');
    t.equal(judged(DOUBT_FROM_MS), now + 3 * DAY + DOUBT_FROM_MS - 30_000);
    t.equal(judged(20 * DAY), now + 23 * DAY - 30_000);
    const old = { issuedMs: now - 3 * DAY, arrivedMs: 30_000 };
    t.equal(
      emergencyNow(trust, at(at2099, DAY), old),
      now + DAY,
      'nothing brings back what is over by what is known',
    );
    t.equal(
      emergencyNow(trust, at(now + HOUR, DAY), fresh),
      now + DAY,
      'a clock that is not far ahead is taken',
    );
    t.end();
  },
);

t.test('a beat that answers the nonce confirms the time, whatever the system clock says', (t) => {
  for (const systemMs of [0, now + HOUR, at2099]) {
    const taken = takeBeat(clockAtStart(now, 0), now + HOUR, 0, at(systemMs, 100));
    t.equal(taken.verdict, 'confirmed', String(systemMs));
    t.equal(clockState(taken.trust, at(systemMs, 100)), 'trusted');
    t.equal(correctedMs(taken.trust, at(systemMs, 100)), now + HOUR);
  }
  t.end();
});

t.test('stepped to 2099 while trusted, the time goes on as if nothing had happened', (t) => {
  const { trust } = takeBeat(clockAtStart(now, 0), now, 0, at(now, 10));
  t.equal(correctedMs(trust, at(at2099, HOUR + 10)), now + HOUR);
  t.ok(isStepped(trust, at(at2099, HOUR + 10)));
  t.notOk(isStepped(trust, at(now + HOUR, HOUR + 10)));
  t.end();
});

t.test('within five minutes of signed time the system clock is taken: it is the finer one', (t) => {
  const { trust } = takeBeat(clockAtStart(now, 0), now, 0, at(now + 2_000, 10));
  t.equal(correctedMs(trust, at(now + 2_000, 10)), now + 2_000);
  t.equal(correctedMs(trust, at(now + 301_000, 10)), now);
  t.end();
});

t.test('a beat far beyond what is known lifts the floor by 24 h and no more', (t) => {
  const start = clockAtStart(now, 0);
  const taken = takeBeat(start, at2099, 0, at(0, 0));
  t.equal(taken.verdict, 'limited');
  t.equal(floorNow(taken.trust, at(0, 0)), now + LIFT_LIMIT_MS);
  t.equal(clockState(taken.trust, at(0, 0)), 'behind');
  t.equal(takeBeat(start, now + LIFT_LIMIT_MS, 0, at(0, 0)).verdict, 'confirmed');
  t.equal(takeBeat(start, now + LIFT_LIMIT_MS + 1, 0, at(0, 0)).verdict, 'limited');
  t.end();
});

t.test('after a long time off a system clock that agrees with the beat makes it certain', (t) => {
  const later = now + 550 * DAY;
  t.equal(takeBeat(clockAtStart(now, 0), later, 0, at(later + HOUR)).verdict, 'confirmed');
  t.equal(takeBeat(clockAtStart(now, 0), later, 0, at(later + DAY + 1)).verdict, 'limited');
  t.end();
});

t.test('once the time is confirmed, a system clock that agrees with a false beat does not help it', (t) => {
  const { trust } = takeBeat(clockAtStart(now, 0), now, 0, at(now, 0));
  t.equal(takeBeat(trust, at2099, 0, at(at2099, 1)).verdict, 'limited');
  t.end();
});

t.test('a beat that was held back, answers nothing, or is older than known confirms nothing', (t) => {
  const start = clockAtStart(now, 0);
  const late = ANSWER_LIMIT_MS + 1;
  t.equal(takeBeat(start, now, 0, at(now, late)).trust.confirmed, undefined);
  t.equal(takeBeat(start, now, undefined, at(now, 0)).trust.confirmed, undefined);
  t.equal(takeBeat(start, now - HOUR, 0, at(now, 0)).verdict, 'old');
  t.equal(takeBeat(start, at2099, undefined, at(now, 0)).verdict, 'future');
  t.end();
});

t.test('the floor never sinks, by no beat', (t) => {
  let trust = clockAtStart(now, 0);
  let floor = floorNow(trust, at(0, 0));
  const beats = [now - DAY, now + HOUR, now, at2099, now + 3 * DAY, 0, now + DAY];
  beats.forEach((beatMs, i) => {
    trust = takeBeat(
      trust,
      beatMs,
      i % 3 === 0 ? undefined : i * 100,
      at(i % 2 === 0 ? 0 : now, i * 100),
    ).trust;
    const next = floorNow(trust, at(0, i * 100));
    t.ok(next >= floor, `${floor} → ${next}`);
    floor = next;
  });
  t.end();
});
