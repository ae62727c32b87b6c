import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify } from 'jose';
import t from 'tap';
import { createEnvelope, lastWords } from '../../../agent/link/envelope.js';
import { openOutbox } from '../../../agent/link/outbox.js';
import { digestOf, GENESIS, type RecordSigner } from '../../../agent/link/record-chain.js';
import { openReporter, type Reporter } from '../../../agent/link/reporter.js';
import * as up from '../../../protocols/messages/up.js';
import { memoryStore, type MemoryStore } from '../../fakes/memory-store.js';
import { waitUntil } from '../../support/wait-until.js';
import { handClock, keptLog, type HandClock, type KeptLog } from './support.js';

const BOOT = '0d3c2a6e-0c53-4d1f-9a53-5c3a7b1f2e11';
const COMMAND = '019ab3a0-5a70-7c3e-8f00-2d6d2b1f0a01';
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const receipt: up.Receipt['body'] = {
  playId: COMMAND,
  authority: 'xa-1',
  class: 'normal',
  title: 'Bản tin sáng',
  source: { kind: 'file', binding: 'sha256' },
  askedAt: '2026-11-23T03:00:00Z',
  endedAt: '2026-11-23T03:05:00Z',
  outcome: 'completed',
  framesHeard: 48_000,
  spans: [],
  rmsDbBySecond: [],
  underruns: 0,
  reconnects: 0,
  evidence: 'consumed',
};
const telemetry: up.Telemetry['body'] = {
  uptimeS: 1,
  processUptimeS: 1,
  secondsOnAirToday: 0,
  sink: { kind: 'null', ok: true, underruns: 0 },
  queued: 0,
};

interface Bench {
  readonly reporter: Reporter;
  readonly store: MemoryStore;
  readonly clock: HandClock;
  readonly log: KeptLog;
  readonly published: { topic: string; text: string; retain: boolean | undefined }[];
  linkUp: boolean;
  /** What the outbox holds, oldest first. */
  readonly kept: () => Promise<{ topic: string; text: string }[]>;
}

async function bench(store: MemoryStore = memoryStore()): Promise<Bench> {
  const clock = handClock();
  const log = keptLog();
  const published: Bench['published'] = [];
  const outbox = await openOutbox({ store, clock, log, publish: () => new Promise(() => undefined) });
  const jwk = keys.publicKey.export({ format: 'jwk' });
  const signer: RecordSigner = {
    key: keys.privateKey,
    kid: await calculateJwkThumbprint(jwk),
    algorithm: 'ES256',
  };
  const made: Omit<Bench, 'reporter'> = {
    store,
    clock,
    log,
    published,
    linkUp: true,
    async kept() {
      return (await store.range('outbox/', { limit: 99 })).map(({ value }) => {
        const [head = '', text = ''] = new TextDecoder().decode(value).split('\n');
        return { topic: head.split(' ')[1] ?? '', text };
      });
    },
  };
  const reporter = await openReporter({
    envelope: createEnvelope('bt-001', BOOT, clock),
    outbox,
    link: {
      async publish(topic, payload, options) {
        if (!made.linkUp) throw new Error('down');
        published.push({ topic, text: new TextDecoder().decode(payload), retain: options?.retain });
      },
      status: () => ({ kind: made.linkUp ? 'up' : 'waiting' }),
    },
    store,
    signer,
    clock,
    log,
  });
  return Object.assign(made, { reporter });
}

async function verified(jws: string, typ: string): Promise<unknown> {
  const { payload, protectedHeader } = await compactVerify(jws, keys.publicKey);
  if (protectedHeader.typ !== typ) throw new Error(`typ is ${String(protectedHeader.typ)}, not ${typ}`);
  return JSON.parse(new TextDecoder().decode(payload));
}

t.test('receipts and events are signed and form one chain that goes on after a restart', async (t) => {
  const one = await bench();
  await Promise.all([
    one.reporter.event({
      kind: 'security',
      code: 'E_SIGNATURE_INVALID',
      detail: 'forged',
      fields: { kid: 'k' },
    }),
    one.reporter.receipt(receipt),
    one.reporter.event({ kind: 'alarm', code: 'E_SINK_DIED', detail: 'card gone' }),
  ]);
  const two = await bench(one.store.reopened());
  await two.reporter.receipt(receipt);
  const records = await two.kept();
  t.same(
    records.map(({ topic }) => topic.split('/').at(-1)),
    ['event', 'receipt', 'event', 'receipt'],
  );
  let previous = GENESIS;
  const sequences: number[] = [];
  for (const { text, topic } of records) {
    const kind = topic.endsWith('receipt') ? 'receipt' : 'event';
    const message = up[kind].parse(await verified(text, `loa-${kind}+jws`));
    t.equal(message.previous, previous);
    t.same([message.receiver, message.boot], ['bt-001', BOOT]);
    sequences.push(message.sequence);
    previous = digestOf(text);
  }
  t.same(sequences, [1, 2, 3, 1], 'the sequence starts at 1 with each process');
});

t.test('repeats of an event within a minute arrive as one with their count', async (t) => {
  const { reporter, clock, kept } = await bench();
  for (let n = 0; n < 5; n += 1) {
    await reporter.event({ kind: 'security', code: 'E_COMMAND_REPLAY', detail: 'again' });
    clock.advance(5_000);
  }
  t.equal((await kept()).length, 1);
  clock.advance(35_000);
  // Signing is done in another thread: how many turns it takes is not ours to say.
  const [first, second] = await waitUntil('the count', async () => {
    const records = await kept();
    return records.length === 2 ? records : undefined;
  });
  t.match(await verified(first?.text ?? '', 'loa-event+jws'), { body: { count: 1 } });
  t.match(await verified(second?.text ?? '', 'loa-event+jws'), {
    body: { count: 4 },
    at: '2026-11-23T03:01:00.000Z',
  });
});

t.test('closing sends the counts that are still open', async (t) => {
  const { reporter, kept } = await bench();
  for (let n = 0; n < 3; n += 1) await reporter.event({ kind: 'notice', code: 'N_TEST', detail: 'x' });
  await reporter.close();
  t.match(await verified((await kept())[1]?.text ?? '', 'loa-event+jws'), { body: { count: 2 } });
});

t.test('a stranger cannot make an event unfit for its schema', async (t) => {
  const { reporter, kept } = await bench();
  const long = 'x'.repeat(5_000);
  await reporter.event({ kind: 'security', code: 'E_SIGNATURE_KEY', detail: long, fields: { kid: long } });
  t.equal((await kept()).length, 1);
});

t.test('a reply is kept until acknowledged', async (t) => {
  const { reporter, kept, published } = await bench();
  await reporter.reply({ commandId: COMMAND, outcome: 'done' });
  const [reply] = await kept();
  t.equal(reply?.topic, 'loa/v1/receiver/bt-001/reply');
  t.match(up.reply.parse(JSON.parse(reply?.text ?? '')), {
    type: 'reply',
    sequence: 1,
    body: { outcome: 'done' },
  });
  t.same(published, [], 'it does not go by the way that forgets');
});

t.test('telemetry is sent when up, dropped and counted when not, and never kept', async (t) => {
  const made = await bench();
  await made.reporter.telemetry(telemetry);
  made.linkUp = false;
  await made.reporter.telemetry(telemetry);
  made.linkUp = true;
  await made.reporter.telemetry(telemetry);
  t.same(
    made.published.map(({ text }) => up.telemetry.parse(JSON.parse(text)).sequence),
    [1, 2],
    'no gap in the sequence for what was never said',
  );
  t.same(made.reporter.losses(), { telemetry: 1, reports: 0 });
  t.same(await made.kept(), []);
});

t.test('birth is retained and says that it is online; the will is its counterpart', async (t) => {
  const { reporter, published, clock } = await bench();
  await reporter.birth({
    online: true,
    version: '0.1.0',
    startedAt: '2026-11-23T03:00:00Z',
    trustVersion: 1,
    assignmentRevision: 0,
    areas: [],
    mqttVersion: 5,
    nonce: '0123456789abcdef',
  });
  t.match(published, [{ topic: 'loa/v1/receiver/bt-001/state', retain: true }]);
  t.equal(up.state.parse(JSON.parse(published[0]?.text ?? '')).body.online, true);
  const envelope = createEnvelope('bt-001', BOOT, clock);
  const will = lastWords(envelope, 'will');
  t.same([will.topic, will.retain], [published[0]?.topic, true]);
  t.match(up.state.parse(JSON.parse(new TextDecoder().decode(will.payload))), {
    sequence: 0,
    body: { online: false, reason: 'will' },
  });
  const stopped = up.state.parse(
    JSON.parse(new TextDecoder().decode(lastWords(envelope, 'stopped').payload)),
  );
  t.match(stopped, { sequence: 1, body: { reason: 'stopped' } });
});

t.test('a body that does not fit its schema is logged and counted, not thrown', async (t) => {
  const { reporter, kept, log } = await bench();
  await reporter.receipt({ ...receipt, framesHeard: -1 });
  t.same(await kept(), []);
  t.same(log.lines, ['error E_INTERNAL a report is lost']);
  t.equal(reporter.losses().reports, 1);
  await reporter.receipt(receipt);
  t.match(await verified((await kept())[0]?.text ?? '', 'loa-receipt+jws'), { previous: GENESIS });
});

t.test('on a disk that takes nothing, reports go straight out and the chain holds', async (t) => {
  const { reporter, store, published } = await bench();
  store.failAll(true);
  await reporter.receipt(receipt);
  await reporter.receipt(receipt);
  store.failAll(false);
  await reporter.receipt(receipt);
  t.equal(published.length, 2);
  const [first = { text: '' }, second = { text: '' }] = published;
  t.match(await verified(second.text, 'loa-receipt+jws'), { previous: digestOf(first.text) });
  t.same(reporter.losses(), { telemetry: 0, reports: 0 });
});

t.test('whichever write fails while the link is down, the kept records still chain', async (t) => {
  for (let failing = 1; failing <= 4; failing += 1) {
    const made = await bench();
    made.linkUp = false;
    made.store.failWrite(failing);
    for (let n = 0; n < 4; n += 1) await made.reporter.receipt(receipt);
    const records = await made.kept();
    t.equal(records.length, 3, `write ${failing}`);
    t.equal(made.reporter.losses().reports, 1);
    let previous = GENESIS;
    for (const { text } of records) {
      t.match(await verified(text, 'loa-receipt+jws'), { previous });
      previous = digestOf(text);
    }
  }
});
