import t from 'tap';
import { bytes, certificates, makeLink, rig, skip, tlsTo, type Tap } from './link-rig.js';

const WHY = { code: 'E_LINK_TLS', detail: "the broker's certificate is revoked" } as const;

t.test('a connection that is up is ended with its reason, and another one made', { skip }, async (t) => {
  const { link, broker, told, ups, downs } = await rig(t as Tap);
  link.subscribe(['loa/v1/trust']);
  link.start(new AbortController().signal);
  await told({ up: 1 });
  await broker.seen('subscribe');
  const first = await broker.connection(1);
  link.reopen(WHY);
  t.match(link.status(), { kind: 'waiting', lastError: WHY });
  await told({ up: 2, down: 1 });
  t.equal(link.status().attempts, 2, 'one attempt more, not two');
  t.same(downs, [WHY], 'told once, with the reason');
  t.equal(ups.length, 2);
  t.not(await broker.connection(2), first);
  t.equal(link.status().kind, 'up');
});

t.test(
  'what is published while it is being reopened is kept back, and goes out afterwards',
  { skip },
  async (t) => {
    const { link, told } = await rig(t as Tap);
    link.start(new AbortController().signal);
    await told({ up: 1 });
    link.reopen(WHY);
    await t.rejects(link.publish('loa/v1/receiver/bt-001/event', bytes('early')), { code: 'E_LINK_LOST' });
    await told({ up: 2 });
    await link.publish('loa/v1/receiver/bt-001/event', bytes('late'));
  },
);

t.test(
  'the broker is asked for its TLS material anew, so that a new list or new anchors hold',
  { skip },
  async (t) => {
    const tls: number[] = [];
    const made = await rig(t as Tap);
    const options = tlsTo(made.broker.port, await certificates);
    const { link, told } = makeLink(made.broker.port, await certificates, {
      tls: async () => {
        tls.push(tls.length);
        return options;
      },
    });
    t.teardown(() => link.close());
    link.start(new AbortController().signal);
    await told({ up: 1 });
    link.reopen(WHY);
    await told({ up: 2 });
    t.same(tls, [0, 1]);
  },
);

t.test('a link that is not up has nothing to reopen', { skip }, async (t) => {
  const { link, told, downs } = await rig(t as Tap);
  link.reopen(WHY);
  t.equal(link.status().kind, 'idle');
  link.start(new AbortController().signal);
  link.reopen(WHY);
  t.equal(link.status().kind, 'connecting', 'an attempt under way goes on');
  await told({ up: 1 });
  t.same(downs, []);
  await link.close();
  link.reopen(WHY);
  t.equal(link.status().kind, 'closed', 'nor does it come back to life');
});
