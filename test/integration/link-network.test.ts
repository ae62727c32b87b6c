import t from 'tap';
import { withoutMosquitto } from '../fakes/broker-mosquitto.js';
import { withoutOpenssl } from '../fakes/broker-tls.js';
import { breakNetwork } from '../faults/broken-network.js';
import { withoutNamespaces } from '../support/network-namespaces.js';

const skip = withoutMosquitto() || withoutOpenssl() || withoutNamespaces();
t.setTimeout(280_000);

t.test(
  'packets that vanish, another address, a pulled cable and a broker without memory lose nothing and are noticed in time',
  { skip },
  async (t) => {
    const { keepaliveS, faults, delivery, commandHeard } = await breakNetwork();
    for (const { name, noticedMs, code, backMs } of faults) {
      t.comment(`${name}: ${code} after ${noticedMs} ms, back ${backMs} ms after its end`);
      // A look every 5 ms, and a machine that is busy with other tests.
      t.ok(noticedMs <= keepaliveS * 1_500 + 500, `${name}: noticed within 1.5 × keepalive`);
    }
    t.equal(faults.length, 4);
    t.ok(delivery.accepted > 100, `${delivery.accepted} records`);
    t.match(delivery, { lost: 0, outOfOrder: 0 });
    t.ok(commandHeard, 'subscribed anew where the session had gone');
  },
);
