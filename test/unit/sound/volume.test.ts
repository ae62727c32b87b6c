import t from 'tap';
import { volumeDb, type VolumeRules } from '../../../agent/sound/volume.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import type { PlaySpec } from '../../../agent/sound/messages.js';
import { fakeSink } from '../../fakes/fake-sink.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { OPEN_GATE } from '../../support/open-gate.js';

const HOUR_MS = 3_600_000;
const rules: VolumeRules = {
  ...{ normalDb: -6, priorityDb: -3, emergencyDb: 0 },
  byTime: [{ fromMs: 20 * HOUR_MS, toMs: 24 * HOUR_MS, gainDb: -6 }],
};
const at = (time: string): number => Date.parse(`2026-11-23T${time}:00+07:00`);

t.test('each class has its volume, and bulletins are quieter in the evening', async (t) => {
  t.equal(volumeDb(rules, 'normal', at('12:00')), -6);
  t.equal(volumeDb(rules, 'priority', at('12:00')), -3);
  t.equal(volumeDb(rules, 'normal', at('20:00')), -12);
  t.equal(volumeDb(rules, 'normal', at('00:00')), -6, 'the span ends before midnight');
  t.equal(volumeDb(undefined, 'normal', at('20:00')), 0);
});

t.test('an emergency and a technician’s test are as loud at any time', async (t) => {
  for (const time of ['03:00', '12:00', '21:00']) {
    t.equal(volumeDb(rules, 'emergency', at(time)), 0);
    t.equal(volumeDb(rules, 'local', at(time)), 0);
  }
});

t.test('the volume is heard, and another time of day changes it without a step', async (t) => {
  const clock = new ManualClock({ nowMs: at('19:59') + 59_000 });
  const sink = fakeSink(clock, 3_840);
  const settings = {
    sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
    media: { anchorsPem: [], plainHosts: [], stallMs: 1_000, folder: '/nowhere', quotaBytes: 1 },
    ...{ livePrerollMs: 250, gate: OPEN_GATE, volume: rules },
  } as const;
  const worker = new SoundWorker(settings, {
    openSink: sink.open,
    makeDecoder: rawDecoder({ framesPerByte: 1 }).make,
    ...{ clock, random: () => 0.5, tell: () => undefined },
  });
  await new Promise((resolve) => setImmediate(resolve));
  const tone = { kind: 'tone', frequencyHz: 500, durationMs: 4_000, level: 0.1 } as const;
  const spec: PlaySpec = {
    ...{ playId: 'a', class: 'normal', chimeFirst: false, gainDb: 0, onInterrupt: 'resume' },
    chain: [tone],
  };
  worker.take({ kind: 'open', spec });
  worker.take({ kind: 'order', playIds: ['a'] });
  for (let ms = 0; ms < 2_500; ms += 10) clock.advance(10);
  const samples = Int16Array.from(sink.blocks.flatMap((block) => [...block]));
  const peakBetween = (fromMs: number, toMs: number): number =>
    samples.subarray(fromMs * 48, toMs * 48).reduce((peak, one) => Math.max(peak, Math.abs(one)), 0) / 32_768;
  t.ok(Math.abs(peakBetween(400, 800) - 0.1 * 10 ** (-6 / 20)) < 0.001, `${peakBetween(400, 800)}`);
  t.ok(Math.abs(peakBetween(1_500, 2_000) - 0.1 * 10 ** (-12 / 20)) < 0.001, `${peakBetween(1_500, 2_000)}`);
  let step = 0;
  for (let n = 400 * 48; n < 2_000 * 48; n += 1)
    step = Math.max(step, Math.abs((samples[n] ?? 0) - (samples[n - 1] ?? 0)));
  // A sine of 500 Hz steps by 2π·500/48 000 of its peak at most.
  t.ok(step / 32_768 < 0.1 * 10 ** (-6 / 20) * ((2 * Math.PI * 500) / 48_000) * 1.1, `${step}`);
  await worker.close();
});
