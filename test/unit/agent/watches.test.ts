import t from 'tap';
import { LinkWatch } from '../../../agent/link-watch.js';
import { SinkWatch } from '../../../agent/sink-watch.js';
import type { EventBody } from '../../../protocols/messages/up.js';
import { ManualClock } from '../../support/manual-clock.js';

const lost = { code: 'E_LINK_LOST', detail: 'gone' } as const;

t.test(
  'a link that goes is one alarm, however often it fails again, and one clearing with how long it was away',
  async (t) => {
    const clock = new ManualClock();
    const events: EventBody[] = [];
    const watch = new LinkWatch(clock, (body) => events.push(body));
    watch.up();
    t.same(events, []);
    watch.down(lost);
    clock.advance(1_500);
    watch.down({ code: 'E_LINK_CONNECT', detail: 'x' });
    clock.advance(1_500);
    watch.up();
    watch.up();
    t.match(events, [
      { kind: 'alarm', code: 'E_LINK_LOST', fields: { since: '2026-11-23T03:00:00.000Z' } },
      { kind: 'cleared', code: 'E_LINK_LOST', fields: { awayMs: 3_000 } },
    ]);
    t.equal(events.length, 2);
  },
);

t.test('a link that is lost and then refused is told as refused too, once', async (t) => {
  const events: EventBody[] = [];
  const watch = new LinkWatch(new ManualClock(), (body) => events.push(body));
  watch.down(lost);
  for (let again = 0; again < 3; again += 1) watch.down({ code: 'E_LINK_TLS', detail: 'revoked' });
  watch.up();
  t.same(
    events.map(({ kind, code }) => `${kind} ${code}`),
    ['alarm E_LINK_LOST', 'alarm E_LINK_TLS', 'cleared E_LINK_LOST', 'cleared E_LINK_TLS'],
  );
});

t.test('a link that the receiver itself leaves is no alarm', async (t) => {
  const events: EventBody[] = [];
  const watch = new LinkWatch(new ManualClock(), (body) => events.push(body));
  watch.close();
  watch.down(lost);
  t.same(events, []);
});

t.test('a sink that goes is one alarm and one clearing, and status tells why meanwhile', async (t) => {
  const events: EventBody[] = [];
  const watch = new SinkWatch('alsa', (body) => events.push(body));
  t.equal(watch.reading().ok, false, 'not before it was opened');
  watch.take({ kind: 'sink', ok: true, sink: 'alsa' });
  t.same(events, []);
  watch.take({ kind: 'sink', ok: false, code: 'E_SINK_DIED', detail: 'killed' });
  watch.take({ kind: 'sink', ok: false, code: 'E_SINK_OPEN', detail: 'busy' });
  t.match(watch.status(), { kind: 'alsa', ok: false, code: 'E_SINK_DIED', detail: 'killed' });
  watch.take({ kind: 'sink', ok: true, sink: 'alsa' });
  t.same(
    events.map(({ kind, code }) => [kind, code]),
    [
      ['alarm', 'E_SINK_DIED'],
      ['cleared', 'E_SINK_DIED'],
    ],
  );
  t.same(watch.status(), { kind: 'alsa', ok: true, underruns: 0 });
});

t.test('sound handed to a sink that dies again and again was not taken by it', async (t) => {
  const clock = new ManualClock();
  const watch = new SinkWatch('alsa', () => undefined, clock);
  const second = (): void => {
    clock.advance(1_000);
    watch.take({ kind: 'level', rmsDb: -20 });
  };
  for (let death = 0; death < 10; death += 1) {
    watch.take({ kind: 'sink', ok: true, sink: 'alsa' });
    second();
    watch.take({ kind: 'sink', ok: false, code: 'E_SINK_DIED', detail: 'player takes no more sound' });
    second();
    t.same([watch.heardWithin(3_000), watch.tookSoundWithin(3_000)], [true, false]);
  }
  watch.take({ kind: 'sink', ok: true, sink: 'alsa' });
  for (const took of [false, false, true]) {
    second();
    t.equal(watch.tookSoundWithin(3_000), took);
  }
  clock.advance(3_001);
  t.equal(watch.tookSoundWithin(3_000), false);
});

t.test('underruns are counted and the last level is kept', async (t) => {
  const watch = new SinkWatch('alsa', () => undefined);
  watch.take({ kind: 'underrun', gapMs: 3 });
  watch.take({ kind: 'underrun', gapMs: 3 });
  watch.take({ kind: 'level', rmsDb: -21.5 });
  t.equal(watch.reading().underruns, 2);
  t.equal(watch.levelDb, -21.5);
});
