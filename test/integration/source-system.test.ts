import { createHash, randomUUID } from 'node:crypto';
import { connect as connectSoon, connectAsync, type MqttClient } from 'mqtt';
import t from 'tap';
import { instant, systemClock } from '../../agent/core/clock.js';
import { KeyRing } from '../../protocols/key-ring.js';
import { readSigned, signMessage, TYP } from '../../protocols/signed-message.js';
import { downTopics, subscriptionsOf, upTopics } from '../../protocols/topics.js';
import { verifyTrust } from '../../protocols/trust-document.js';
import type { BrokerRefusal } from '../source-system/broker.js';
import { CertificateAuthority, type Identity } from '../source-system/certificate-authority.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { signerOfPem } from '../support/device-signer.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil, within } from '../support/wait-until.js';

async function start(t: Teardown, folder?: string) {
  const system = await startSourceSystem({
    folder: folder ?? (await temporaryFolder(t)),
    log: new KeptLog(),
  });
  t.teardown(() => system.close());
  const refusals: BrokerRefusal[] = [];
  system.broker.onRefused((refusal) => refusals.push(refusal));
  return { system, refusals };
}

interface Connecting {
  readonly system: SourceSystem;
  readonly identity?: Identity;
  readonly clientId: string;
  readonly protocolVersion?: 4 | 5;
  readonly will?: { topic: string; payload: Buffer; qos: 1; retain: true };
  readonly clean?: boolean;
}

async function connect(
  t: Teardown,
  { system, identity, clientId, ...rest }: Connecting,
): Promise<MqttClient> {
  const client = await connectAsync(
    system.endpoints.broker,
    {
      ...(identity === undefined ? {} : { key: identity.keyPem, cert: identity.certificatePem }),
      ca: system.ca.anchorsPem,
      ...{ clientId, protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: 5000 },
      ...rest,
    },
    false,
  );
  t.teardown(() => client.endAsync(true));
  client.on('error', () => client.stream.destroy());
  return client;
}

/** The next message on each topic, by topic. */
function listen(client: MqttClient): Map<string, Buffer> {
  const heard = new Map<string, Buffer>();
  client.on('message', (topic, payload) => heard.set(topic, payload));
  return heard;
}

const up = (receiver: string, sequence: number, boot: string) => ({
  ...{ receiver, boot, sequence, at: instant(systemClock.nowMs()) },
});

t.test(
  'a receiver enrolled with a CSR connects and gets what the province retains for it',
  { skip: missingTool('openssl') },
  async (t) => {
    const { system } = await start(t);
    const { csrPem, keyPem } = await requestWithKey('rx-1');
    const enrolment = await system.enrol({ id: 'rx-1', csrPem, home: 'ap-1' });
    const identity = { certificatePem: enrolment.certificatePem, keyPem };
    const client = await connect(t, { system, identity, clientId: 'rx-1' });
    const heard = listen(client);
    const granted = await client.subscribeAsync(
      subscriptionsOf('rx-1', ['ap-1', 'tan-hoa', 'vinh-long'], []),
      { qos: 1 },
    );
    t.ok(granted.every(({ qos }) => qos === 1));
    const trustText = await waitUntil('trust document', () => heard.get(downTopics.trust())?.toString());
    t.equal((await verifyTrust(trustText, { fingerprint: enrolment.rootFingerprint })).ok, true);
    const assignment = await waitUntil('assignment', () => heard.get(downTopics.assignment('rx-1')));
    t.match(readSigned(assignment, await KeyRing.of(system.province.trust)), {
      ok: true,
      value: { message: { type: 'assignment', body: { home: 'ap-1' } } },
    });
    const play = await system.province.playStart('tan-hoa', {
      target: { area: 'ap-1' },
      source: { kind: 'stored', name: 'chime' },
      title: 'Thử',
    });
    await system.send(play);
    const command = await waitUntil('command', () => heard.get(play.topic));
    t.equal(command.toString(), play.payload);
  },
);

t.test(
  'a stranger, an expired certificate, none, or a server certificate get no connection, and it is reported',
  async (t) => {
    const { system, refusals } = await start(t);
    const stranger = await CertificateAuthority.create(systemClock, 'somebody else');
    const dayAgo = Date.now() - 86_400_000;
    const validity = { notBefore: new Date(dayAgo - 86_400_000), notAfter: new Date(dayAgo) };
    for (const [what, identity, reason] of [
      ['foreign', await stranger.issueReceiver('rx-1'), /UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/],
      ['expired', await system.ca.issueReceiver('rx-1', validity), /CERT_HAS_EXPIRED/],
      ['none', undefined, /no client certificate/],
      ['server', await system.ca.issueServer(), /INVALID_PURPOSE/],
    ] as const) {
      refusals.length = 0;
      await t.rejects(connect(t, { system, clientId: 'rx-1', ...(identity && { identity }) }), what);
      await waitUntil(`refusal: ${what}`, () => refusals.length > 0);
      t.match(refusals[0], { what: 'tls', reason }, what);
    }
    t.same(
      system.broker.clientIds.filter((id) => !id.startsWith('operator')),
      [],
    );
  },
);

t.test("a receiver may not take another's client id, nor disturb who has it", async (t) => {
  const { system, refusals } = await start(t);
  const honest = await connect(t, {
    system,
    identity: await system.ca.issueReceiver('rx-1'),
    clientId: 'rx-1',
  });
  const identity = await system.ca.issueReceiver('rx-2');
  await t.rejects(connect(t, { system, identity, clientId: 'rx-1' }), { code: 2 });
  t.match(refusals, [{ what: 'client-id', peer: 'rx-2' }]);
  await honest.publishAsync(upTopics.telemetry('rx-1'), 'x', { qos: 1 });
  t.ok(honest.connected);
});

t.test(
  'publishing elsewhere ends the connection, subscribing elsewhere is refused, both are reported',
  async (t) => {
    const { system, refusals } = await start(t);
    const identity = await system.ca.issueReceiver('rx-1');
    const client = await connect(t, { system, identity, clientId: 'rx-1' });
    await t.rejects(client.subscribeAsync(downTopics.receiverCommand('rx-2'), { qos: 1 }));
    t.match(refusals, [{ what: 'subscribe', peer: 'rx-1', reason: downTopics.receiverCommand('rx-2') }]);
    t.ok(client.connected);
    const ended = new Promise<void>((resolve) => client.once('close', resolve));
    client.publish(downTopics.areaCommand('ap-1'), 'evil', { qos: 1 });
    await within('the connection ends', ended);
    t.match(refusals[1], { what: 'publish', peer: 'rx-1', reason: downTopics.areaCommand('ap-1') });
  },
);

t.test('a version 5 client is told that its version is not accepted, and reported', async (t) => {
  const { system, refusals } = await start(t);
  const identity = await system.ca.issueReceiver('rx-1');
  await t.rejects(connect(t, { system, identity, clientId: 'rx-1', protocolVersion: 5 }));
  await waitUntil('refusal', () => refusals.some(({ what, peer }) => what === 'protocol' && peer === 'rx-1'));
});

t.test('a dropped receiver leaves its will; a blocked one is kept out until it is allowed', async (t) => {
  const { system, refusals } = await start(t);
  const identity = await system.ca.issueReceiver('rx-1');
  const boot = randomUUID();
  const will = {
    topic: upTopics.state('rx-1'),
    payload: Buffer.from(
      JSON.stringify({ type: 'state', ...up('rx-1', 0, boot), body: { online: false, reason: 'will' } }),
    ),
    ...({ qos: 1, retain: true } as const),
  };
  await connect(t, { system, identity, clientId: 'rx-1', will });
  system.broker.block('rx-1');
  const heard = await system.ears.waitFor('state', ({ message }) => !message.body.online, 5000);
  t.match(heard, { receiver: 'rx-1', message: { boot, body: { reason: 'will' } } });
  await t.rejects(connect(t, { system, identity, clientId: 'rx-1' }));
  t.match(refusals.at(-1), { what: 'blocked', peer: 'rx-1' });
  system.broker.allow('rx-1');
  t.ok((await connect(t, { system, identity, clientId: 'rx-1' })).connected);
  t.equal(system.broker.dropClient('rx-1'), true);
  t.equal(system.broker.dropClient('rx-9'), false);
});

t.test('a command sent while a receiver with a kept session is away comes when it is back', async (t) => {
  const { system } = await start(t);
  const identity = await system.ca.issueReceiver('rx-1');
  const before = await connect(t, { system, identity, clientId: 'rx-1', clean: false });
  await before.subscribeAsync(downTopics.receiverCommand('rx-1'), { qos: 1 });
  await before.endAsync(true);
  await system.publish(downTopics.receiverCommand('rx-1'), 'kept');
  const heard = new Map<string, Buffer>();
  // Before it is connected: what is kept comes with the CONNACK.
  const after = connectSoon(system.endpoints.broker, {
    ...{ key: identity.keyPem, cert: identity.certificatePem, ca: system.ca.anchorsPem },
    ...{ clientId: 'rx-1', protocolVersion: 4, clean: false, reconnectPeriod: 0 },
  });
  after.on('message', (topic, payload) => heard.set(topic, payload));
  t.teardown(() => after.endAsync(true));
  const command = await waitUntil('the kept command', () => heard.get(downTopics.receiverCommand('rx-1')));
  t.equal(command.toString(), 'kept');
});

async function signedEvent(receiver: Identity, id: string, sequence: number, boot: string, previous: string) {
  const event = {
    ...{ type: 'event', ...up(id, sequence, boot), previous },
    body: { kind: 'security', code: 'E_SIGNATURE_KEY', detail: 'unknown key', count: 1 },
  };
  const text = await signMessage(event, TYP.event, await signerOfPem(receiver.keyPem));
  return { text, hash: createHash('sha256').update(text).digest('base64url') };
}

async function enrolWithKey(system: SourceSystem, id: string): Promise<Identity> {
  const { csrPem, keyPem } = await requestWithKey(id);
  const { certificatePem } = await system.enrol({ id, csrPem, home: 'ap-1' });
  return { certificatePem, keyPem };
}

async function requestWithKey(id: string): Promise<{ csrPem: string; keyPem: string }> {
  const { output } = await runTool('openssl', [
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', '-', '-subj', `/CN=${id}`],
  ]);
  const text = output.toString();
  const at = text.indexOf('-----BEGIN CERTIFICATE REQUEST');
  return { keyPem: text.slice(0, at), csrPem: text.slice(at) };
}

t.test(
  'the ears verify signatures, follow the chain, and take a repeat once',
  { skip: missingTool('openssl') },
  async (t) => {
    const { system } = await start(t);
    const identity = await enrolWithKey(system, 'rx-1');
    const client = await connect(t, { system, identity, clientId: 'rx-1' });
    const boot = randomUUID();
    const publish = (text: string) => client.publishAsync(upTopics.event('rx-1'), text, { qos: 1 });
    const first = await signedEvent(identity, 'rx-1', 1, boot, '');
    const second = await signedEvent(identity, 'rx-1', 2, boot, first.hash);
    const lost = await signedEvent(identity, 'rx-1', 3, boot, second.hash);
    const fourth = await signedEvent(identity, 'rx-1', 4, boot, lost.hash);
    const forged = await signedEvent(await system.ca.issueReceiver('rx-1'), 'rx-1', 5, boot, fourth.hash);
    const body = Buffer.from(second.text.split('.')[1] ?? '', 'base64url')
      .toString()
      .replace('unknown', 'nothing');
    const altered = second.text.replace(/\..*\./, `.${Buffer.from(body).toString('base64url')}.`);
    for (const text of [first.text, second.text, second.text, forged.text, altered, '{}', fourth.text])
      await publish(text);
    await system.ears.waitFor('event', ({ message }) => message.sequence === 4, 5000);
    t.same(
      system.ears.events.map(({ message, chain }) => [message.sequence, chain]),
      [
        [1, 'first'],
        [2, 'linked'],
        [4, 'gap'],
      ],
    );
    t.equal(system.ears.repeats, 1);
    t.same(
      system.ears.disbelieved.map(({ refusal }) => refusal.code),
      ['E_SIGNATURE_KEY', 'E_SIGNATURE_INVALID', 'E_SIGNATURE_INVALID'],
    );
    await t.rejects(
      system.ears.waitFor('receipt', () => true, 50),
      /no such receipt was heard within 50 ms/,
    );
  },
);

t.test(
  'after a restart in the same folder the retained documents stand again, and the same certificates hold',
  async (t) => {
    const folder = await temporaryFolder(t);
    const { system: before } = await start(t, folder);
    const identity = await before.ca.issueReceiver('rx-1');
    await before.send(await before.province.assign('rx-1', 'ap-1'));
    const slot = { area: 'ap-1' };
    const content = [{ kind: 'stored', name: 'siren' }] as const;
    await before.send(
      await before.province.emergencyAdd('province', slot, { title: 'Bão', content: [...content] }),
    );
    await before.close();
    const { system } = await start(t, folder);
    const client = await connect(t, { system, identity, clientId: 'rx-1' });
    const heard = listen(client);
    await client.subscribeAsync(subscriptionsOf('rx-1', ['ap-1'], []), { qos: 1 });
    await waitUntil('four documents', () => heard.size === 4);
    t.ok(heard.has(downTopics.desired('rx-1')));
    t.ok(heard.has(downTopics.emergency(slot, 'province')));
  },
);
