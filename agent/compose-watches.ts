/** The part of the wiring that watches the path of an emergency: the beat that comes by it, and a test that nobody hears. */
import type { EventBody } from '../protocols/messages/up.js';
import { BeatWatch } from './commands/beat-watch.js';
import type { Intake } from './commands/intake.js';
import { instant, type Clock } from './core/clock.js';
import { PathTest } from './programme/path-test.js';
import type { Programme } from './programme/programme.js';
import type { SafeReason } from './safe-mode.js';
import type { ProgramReading } from './telemetry/telemetry.js';
import type { PathView } from './technician/programme-view.js';

/** What watches the path of an emergency. */
export interface PathWatches {
  readonly beats: BeatWatch;
  readonly test: PathTest;
  /** For telemetry. */
  reading(): Pick<ProgramReading, 'beatAgeS' | 'pathTest'>;
  /** For `loa why`. */
  view(): PathView;
  close(): void;
}

/** @param intake asked when a test runs, not before */
export function openWatches(parts: {
  readonly clock: Clock;
  readonly programme: Pick<Programme, 'silentTest'>;
  readonly intake: () => Pick<Intake, 'verifyKept'>;
  readonly onEvent: (body: EventBody) => void;
  readonly safeMode: SafeReason | undefined;
}): PathWatches {
  const { clock, onEvent, programme } = parts;
  const beats = new BeatWatch({ clock, onEvent });
  const test = new PathTest({
    ...{ clock, onEvent },
    verify: () => parts.intake().verifyKept(),
    play: () => programme.silentTest(),
  });
  return {
    beats,
    test,
    reading() {
      const { last } = test;
      return {
        beatAgeS: Math.round(beats.ageMs / 1000),
        ...(last === undefined ? {} : { pathTest: { at: instant(last.atMs), ok: last.ok } }),
      };
    },
    view() {
      const { last } = test;
      return {
        beatMissing: beats.missing,
        beatAgeMs: beats.ageMs,
        ...(parts.safeMode === undefined ? {} : { safeMode: parts.safeMode }),
        ...(last === undefined || last.ok ? {} : { fault: { atMs: last.atMs, detail: last.detail ?? '' } }),
      };
    },
    close() {
      beats.close();
      test.close();
    },
  };
}
