import { createHash } from 'node:crypto';
import type { Receipt } from '../../protocols/messages/up.js';
import { askReceiver } from '../../agent/technician/client.js';
import type { CacheView } from '../../agent/programme/media-keeper.js';
import { toneShare } from '../heard/transitions.js';
import { waitUntil } from '../support/wait-until.js';
import { instantIn, monotonicMs, type Heard } from './card-record.js';
import { encoded, toneInput } from './paced-sound.js';
import type { SoundBench } from './sound-bench.js';

/** What was heard of one time of a schedule while broker and media server were gone. */
export interface ScheduledPlay {
  /** From the time in the schedule to the first sample on the card, milliseconds. */
  readonly lateMs: number;
  /** From its first sample to its last, milliseconds; its slot is {@link SLOT_MS}. */
  readonly heardMs: number;
  /** Which share of what was heard between them is the tone of its file, 0 to 1. */
  readonly toneShare: number;
  readonly receipt: Receipt['body'];
  /** The digest of the plan that the receiver reported is that of what was published. */
  readonly planReported: boolean;
  /** Bytes of the file, and what the receiver's account of the day says of media. */
  readonly fileBytes: number;
  readonly mediaBytes: number;
}

/** How long the slot is; the file lasts twice as long. */
export const SLOT_MS = 4_000;

const AREA = 'ap-1';
const AUTHORITY = 'province';
const ENTRY = 'ban-tin';
const TONE_HZ = 660;
/** Time to take the schedule up, fetch the file and lose the network. */
const AHEAD_MS = 20_000;
const AUDIBLE = 0.003;
const COUNTRY_MS = 7 * 3_600_000;

/**
 * Publishes a schedule whose only entry is due in a moment, waits until its file was fetched, takes broker and media server away, and listens
 * to the card; then the broker comes back and the receipt with it.
 */
export async function playBySchedule(bench: SoundBench): Promise<ScheduledPlay> {
  const { rig, media, record, receiver } = bench;
  const file = await encoded(toneInput(TONE_HZ, (2 * SLOT_MS) / 1000), ['-c:a', 'flac', '-f', 'flac']);
  const url = media.serveFile('/scheduled.flac', file, 'audio/flac');
  const sha256 = createHash('sha256').update(file).digest('hex');
  const startMs = Math.ceil((Date.now() + AHEAD_MS) / 1000) * 1000;
  const schedule = await rig.province.schedule(
    AUTHORITY,
    { area: AREA },
    { entries: [entryAt(startMs, url, sha256)] },
  );
  await rig.send(schedule);
  await waitUntil(
    'the file is in the cache',
    async () =>
      (await cacheOf(receiver.socketPath)).wanted.some(
        (one) => one.sha256 === sha256 && one.state === 'here',
      ),
    { deadlineMs: AHEAD_MS - 1_000, everyMs: 100 },
  );
  const { today } = (await receiver.status()).traffic;
  await rig.mosquitto.stop();
  await media.goAway();
  const startMonotonicMs = monotonicMs() + startMs - Date.now();
  const heard = await record.between(startMonotonicMs - 1_000, startMonotonicMs + 2 * SLOT_MS);
  const span = audibleSpan(heard);
  const backMs = Date.now();
  await rig.mosquitto.start();
  const { message } = await rig.ears.waitFor(
    'receipt',
    (one) => one.message.body.scheduled?.entry === ENTRY,
    60_000,
  );
  const { epoch, revision } = schedule.message;
  const line = `schedule/area/${AREA}/${AUTHORITY} ${epoch} ${revision}\n`;
  const expected = createHash('sha256').update(line).digest('hex');
  const { message: reading } = await rig.ears.waitFor(
    'telemetry',
    (one) => one.atMs >= backMs && one.message.body.plan !== undefined,
    60_000,
  );
  return {
    lateMs: span === undefined ? NaN : span.fromMs - startMonotonicMs,
    heardMs: span === undefined ? 0 : span.toMs - span.fromMs,
    toneShare: span === undefined ? 0 : toneShare(span.samples, TONE_HZ, heard.rateHz),
    receipt: message.body,
    fileBytes: file.length,
    mediaBytes: Object.values(today).reduce((sum, { media: of }) => sum + (of?.received ?? 0), 0),
    planReported: reading.body.plan?.sha256 === expected && reading.body.plan.schedules === 1,
  };
}

async function cacheOf(socketPath: string): Promise<CacheView> {
  return (await askReceiver(socketPath, 'GET', '/v1/cache')) as CacheView;
}

function entryAt(
  startMs: number,
  url: string,
  sha256: string,
): {
  readonly id: string;
  readonly title: string;
  readonly slots: { readonly at: string; readonly durationMs: number }[];
  readonly source: { readonly kind: 'file'; readonly url: string; readonly sha256: string };
} {
  const at = new Date(startMs + COUNTRY_MS).toISOString().slice(11, 19);
  return {
    id: ENTRY,
    title: 'Bản tin theo lịch',
    slots: [{ at, durationMs: SLOT_MS }],
    source: { kind: 'file', url, sha256 },
  };
}

function audibleSpan(
  heard: Heard,
): { readonly fromMs: number; readonly toMs: number; readonly samples: Float32Array } | undefined {
  const { samples } = heard;
  const from = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  const to = samples.findLastIndex((sample) => Math.abs(sample) > AUDIBLE);
  if (from < 0) return undefined;
  return {
    fromMs: instantIn(heard, from),
    toMs: instantIn(heard, to),
    samples: samples.subarray(from, to + 1),
  };
}
