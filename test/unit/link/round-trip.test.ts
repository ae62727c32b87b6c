import t from 'tap';
import { RoundTrip } from '../../../agent/link/round-trip.js';

t.test('a ping, a message and a SUBSCRIBE are timed until their own answer', async (t) => {
  const trip = new RoundTrip();
  t.equal(trip.latestMs, undefined);
  trip.sent({ cmd: 'pingreq' }, 1_000);
  trip.received({ cmd: 'pingresp' }, 1_040);
  t.equal(trip.latestMs, 40);
  trip.sent({ cmd: 'publish', messageId: 7 }, 2_000);
  trip.received({ cmd: 'puback', messageId: 6 }, 2_010);
  t.equal(trip.latestMs, 40, 'another message’s answer');
  trip.received({ cmd: 'puback', messageId: 7 }, 2_100);
  t.equal(trip.latestMs, 100);
  trip.sent({ cmd: 'subscribe', messageId: 8 }, 3_000);
  trip.received({ cmd: 'suback', messageId: 8 }, 3_060);
  t.equal(trip.latestMs, 60);
});

t.test('what is sent while another is timed, and what has no answer, is not', async (t) => {
  const trip = new RoundTrip();
  trip.sent({ cmd: 'publish', messageId: 0 }, 0);
  trip.sent({ cmd: 'puback', messageId: 3 }, 0);
  trip.sent({ cmd: 'publish', messageId: 1 }, 100);
  trip.sent({ cmd: 'publish', messageId: 2 }, 200);
  trip.received({ cmd: 'puback', messageId: 2 }, 250);
  t.equal(trip.latestMs, undefined);
  trip.received({ cmd: 'puback', messageId: 1 }, 300);
  t.equal(trip.latestMs, 200);
});
