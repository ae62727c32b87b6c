import { createHash } from 'node:crypto';
import t from 'tap';
import { instant } from '../../../agent/core/clock.js';
import type { Receipt } from '../../../protocols/messages/up.js';
import {
  checkReceipt,
  onlyStart,
  orderHeard,
  playedParts,
  quietOutside,
  type CardAccount,
} from '../../rig/card-account.js';
import { babble } from '../heard/synthetic.js';

const rateHz = 48_000;
const wallMs = Date.parse('2026-11-23T03:00:00Z');
const bulletin = rounded(babble(6, 3));
const notice = rounded(babble(4, 4));
/** On the card: a second of silence, the bulletin from frame 48 000, a second of silence, the notice, a second of silence. */
const sinkStart = 24_000;
const bulletinAt = rateHz;
const noticeAt = bulletinAt + bulletin.length + rateHz;

function rounded(samples: Float32Array): Float32Array {
  return samples.map((sample) => Math.round(sample * 32_768) / 32_768);
}

function account(change: (samples: Float32Array) => void = () => undefined): CardAccount {
  const samples = new Float32Array(noticeAt + notice.length + rateHz);
  samples.set(bulletin, bulletinAt);
  samples.set(notice, noticeAt);
  change(samples);
  return {
    timeline: { t0MonotonicMs: 5_000, rateHz, channels: 1, samples },
    sinkStart,
    wallOffsetMs: wallMs,
  };
}

/** A receipt of sound that lies at a frame of the card. */
function receiptOf(title: string, sound: Float32Array, at: number): Receipt {
  const pcm = Buffer.alloc(sound.length * 2);
  sound.forEach((sample, frame) => pcm.writeInt16LE(Math.round(sample * 32_768), frame * 2));
  const fromFrame = at - sinkStart;
  const fromAt = instant(wallMs + 5_000 + (at * 1000) / rateHz);
  return {
    ...{ type: 'receipt', receiver: 'r', boot: 'b', sequence: 1, at: fromAt, previous: '' },
    body: {
      ...{ playId: 'p', authority: 'tan-hoa', class: 'normal', title, outcome: 'completed' },
      source: { kind: 'live', binding: 'plain-local-list' },
      ...{ askedAt: fromAt, endedAt: fromAt, framesHeard: sound.length, rmsDbBySecond: [] },
      spans: [{ fromFrame, toFrame: fromFrame + sound.length, fromAt, part: 'main' }],
      ...{ underruns: 0, reconnects: 0, evidence: 'consumed' },
      pcmSha256: createHash('sha256').update(pcm).digest('hex'),
    },
  };
}

const ofBulletin = receiptOf('bulletin', bulletin, bulletinAt);
const ofNotice = receiptOf('notice', notice, noticeAt);

t.test('what was heard as sent agrees with its receipts', async (t) => {
  const heard = account();
  for (const [receipt, reference] of [
    [ofBulletin, bulletin],
    [ofNotice, notice],
  ] as const) {
    const [part] = playedParts(heard, receipt, { name: 'it', reference });
    t.ok(part?.comparison.holds);
    const { sameSamples, framesHeard, framesOfSpans, instantOffMs } = checkReceipt(heard, receipt);
    t.ok(sameSamples);
    t.equal(framesHeard, framesOfSpans);
    t.ok(Math.abs(instantOffMs) < 2);
  }
  t.same(orderHeard(heard.timeline, { notice, bulletin }), ['bulletin', 'notice']);
  const quiet = quietOutside(heard, [ofBulletin, ofNotice]);
  t.equal(quiet.levelDb, -Infinity);
  t.ok(quiet.seconds > 2.9);
});

t.test('one sample that was heard otherwise makes a receipt untrue', async (t) => {
  const heard = account(
    (samples) => (samples[bulletinAt + 1000] = (samples[bulletinAt + 1000] ?? 0) + 0.001),
  );
  t.notOk(checkReceipt(heard, ofBulletin).sameSamples);
  t.ok(checkReceipt(heard, ofNotice).sameSamples);
});

t.test('20 ms left out of a bulletin fail its comparison and its digest', async (t) => {
  const heard = account((samples) => samples.copyWithin(bulletinAt + rateHz, bulletinAt + rateHz + 960));
  const [part] = playedParts(heard, ofBulletin, { name: 'it', reference: bulletin });
  t.notOk(part?.comparison.holds);
  t.notOk(checkReceipt(heard, ofBulletin).sameSamples);
});

t.test('a click between two bulletins is not quiet', async (t) => {
  const heard = account((samples) => (samples[noticeAt - 20_000] = 0.3));
  t.ok(quietOutside(heard, [ofBulletin, ofNotice]).levelDb > -40);
});

t.test('bulletins the other way round are heard in that order', async (t) => {
  const heard = account((samples) => {
    samples.fill(0);
    samples.set(notice, bulletinAt);
    samples.set(bulletin.subarray(0, notice.length), noticeAt);
  });
  t.same(orderHeard(heard.timeline, { notice, bulletin }), ['notice', 'bulletin']);
});

t.test('a card that began twice has no one place for the frames of the sink', async (t) => {
  const start = { ns: 1, pid: 1, event: 'start' as const, frame: 10 };
  t.equal(onlyStart([start]), 10);
  t.throws(() => onlyStart([start, start]), /started 2 times/);
  t.throws(() => onlyStart([]), /started 0 times/);
});
