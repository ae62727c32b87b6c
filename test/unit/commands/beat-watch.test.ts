import t from 'tap';
import { BEAT_EVERY_MS, BeatWatch } from '../../../agent/commands/beat-watch.js';
import type { EventBody } from '../../../protocols/messages/up.js';
import { ManualClock } from '../../support/manual-clock.js';

function watchOf(): { watch: BeatWatch; clock: ManualClock; events: EventBody[] } {
  const clock = new ManualClock();
  const events: EventBody[] = [];
  return { watch: new BeatWatch({ clock, onEvent: (body) => events.push(body) }), clock, events };
}

t.test('one missing beat is no alarm, two are one', async (t) => {
  const { watch, clock, events } = watchOf();
  watch.heard();
  clock.advance(BEAT_EVERY_MS * 2);
  t.same([watch.missing, events.length], [false, 0]);
  clock.advance(60_000);
  t.equal(watch.missing, true);
  t.match(events, [{ kind: 'alarm', code: 'E_BEAT_MISSING', fields: { since: '2026-11-23T03:00:00.000Z' } }]);
  clock.advance(10 * BEAT_EVERY_MS);
  t.equal(events.length, 1, 'told once');
});

t.test('a beat that comes again clears the alarm and says how long none came', async (t) => {
  const { watch, clock, events } = watchOf();
  clock.advance(BEAT_EVERY_MS * 3);
  t.match(events, [{ kind: 'alarm', detail: 'no beat since the start' }]);
  watch.heard();
  t.match(events[1], { kind: 'cleared', code: 'E_BEAT_MISSING', fields: { awayMs: BEAT_EVERY_MS * 3 } });
  t.same([watch.missing, watch.ageMs], [false, 0]);
});

t.test('beats that come in time never raise it', async (t) => {
  const { watch, clock, events } = watchOf();
  for (let i = 0; i < 100; i += 1) {
    clock.advance(BEAT_EVERY_MS);
    watch.heard();
  }
  t.same(events, []);
});

t.test('a watch that is closed waits for nothing', async (t) => {
  const { watch, clock, events } = watchOf();
  watch.close();
  clock.advance(BEAT_EVERY_MS * 9);
  t.same([events, clock.waiting], [[], 0]);
});
