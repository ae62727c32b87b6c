import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { deaths, withoutDeathTools, type Deaths } from '../faults/deaths.js';

const folder = await mkdtemp(join(tmpdir(), 'loa-deaths-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const skip = await withoutDeathTools();
t.setTimeout(240_000);
const options = { skip, timeout: 240_000 };
let run: Promise<Deaths> | undefined;
/** One run for all tests. How fast and how gapless it was is a claim of build/prove, not a test. */
const seen = (): Promise<Deaths> => (run ??= deaths({ folder }));

t.test(
  'a bulletin on air goes on while its broker is dead, and the outage is reported',
  options,
  async (t) => {
    const { broker, sameProcess } = await seen();
    t.ok(sameProcess);
    t.match(broker, { alarm: 'E_LINK_LOST', cleared: 'E_LINK_LOST', online: true });
    t.ok(broker.longestSilenceMs < 1_000, `${broker.longestSilenceMs} ms of silence`);
    t.ok(Math.abs(broker.reportedAwayMs - broker.outageMs) < 2_000, JSON.stringify(broker));
    t.equal(broker.commandOutcome, 'completed');
    t.ok(broker.commandCorrelation > 0.98, `${broker.commandCorrelation}`);
  },
);

t.test('a bulletin comes back by itself when its media server does', options, async (t) => {
  const { media } = await seen();
  t.match(media, { alarm: /^E_MEDIA_(CONNECT|STALL)$/, samePlay: true });
  t.ok(media.silentMs > 500, 'it was really gone');
  t.ok(media.backAfterMs < 20_000, `${media.backAfterMs} ms`);
});

t.test('a dead player is replaced, reported, and its lost frames are not claimed', options, async (t) => {
  const { sink } = await seen();
  t.match(sink, { alarm: 'E_SINK_DIED', cleared: 'E_SINK_DIED', newPlayer: true });
  t.ok(sink.silentMs < 5_000, `${sink.silentMs} ms of silence`);
  t.ok(sink.claimedFrames > 0 && sink.claimedFrames < sink.askedFrames, JSON.stringify(sink));
});

t.test(
  'a receiver killed with reports undelivered delivers exactly them when it is back',
  options,
  async (t) => {
    const { receiver, chainBreaks } = await seen();
    t.ok(receiver.keptReceipts >= 1);
    t.equal(receiver.delivered, receiver.kept);
    t.equal(chainBreaks, 0);
    t.match(receiver, { left: 0, receiptOutcome: 'lease-ended', commandOutcome: 'lease-ended' });
  },
);
