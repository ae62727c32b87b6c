/** The part of the wiring that shows the rest of the program to health and telemetry: who gets on, what is kept, what was lost. */
import type { SignedTime } from './commands/signed-time.js';
import type { HealthAsks } from './compose-health.js';
import type { Reporting } from './compose-link.js';
import type { Sounding } from './compose-programme.js';
import type { PathWatches } from './compose-watches.js';
import { instant } from './core/clock.js';
import type { Reading } from './telemetry/dead-band.js';

/** A sound of so long ago is sounding still, milliseconds: levels come once a second. */
const HEARD_MS = 3_000;

/** The parts that are looked at. */
export interface UpkeepParts {
  readonly sounding: Sounding;
  readonly watches: PathWatches;
  readonly time: Pick<SignedTime, 'state'>;
  readonly reporting: Reporting;
}

/** What health asks of the parts. */
export function healthAsks({ sounding, watches, time, reporting }: UpkeepParts): HealthAsks {
  const { programme, sinkWatch } = sounding;
  const { outbox, link } = reporting;
  return {
    linkUp: () => link.status().kind === 'up',
    clockState: () => time.state(),
    sinkOk: () => sinkWatch.reading().ok,
    beatMissing: () => watches.beats.missing,
    progress: () => ({
      sound: { done: sinkWatch.seconds, busy: true },
      scheduler: programme.progress(),
      outbox: outbox.progress(),
    }),
    onAir: () => {
      const onAir = programme.onAir();
      return onAir === undefined ? undefined : { class: onAir.class, heard: sinkWatch.heardWithin(HEARD_MS) };
    },
  };
}

/** Fields of telemetry on the receiver's own upkeep. */
export function upkeepFields(
  { sounding, time, reporting }: UpkeepParts,
  alarms: readonly string[],
  lastReceiptMs: number | undefined,
): Partial<Reading> {
  const { files, bytes, wanted } = sounding.media.view;
  const { dropped, refused } = reporting.outbox.pending();
  const { telemetry, reports } = reporting.reporter.losses();
  return {
    clock: time.state(),
    cache: {
      files,
      mb: Math.round(bytes / 1e5) / 10,
      missing: wanted.filter(({ state }) => state !== 'here').length,
    },
    billedTodayMb: Math.round(reporting.ledger.billedTodayMb() * 10) / 10,
    dropped: Object.values(dropped).reduce((sum, count) => sum + count, refused + telemetry + reports),
    alarms: [...alarms] as NonNullable<Reading['alarms']>,
    ...(lastReceiptMs === undefined ? {} : { lastReceiptAt: instant(lastReceiptMs) }),
  };
}
