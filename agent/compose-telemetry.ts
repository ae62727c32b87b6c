import { readBoardFacts } from '../hardware/sensors/board-facts.js';
import { linuxMachine } from '../hardware/sensors/machine.js';
import type { SignedTime } from './commands/signed-time.js';
import type { Health } from './compose-health.js';
import type { Reporting } from './compose-link.js';
import type { Sounding } from './compose-programme.js';
import { upkeepFields } from './compose-upkeep.js';
import type { PathWatches } from './compose-watches.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import { planDigest } from './programme/plan-digest.js';
import { TelemetryLoop } from './telemetry/telemetry.js';
import type { UpdateLoop } from './update/update-loop.js';
import { updateReading } from './update/update-view.js';

/** Wires the readings of machine, program and health to what goes up as telemetry. */
export function telemetryLoop(parts: {
  readonly config: Config;
  readonly reporting: Reporting;
  readonly sounding: Sounding;
  readonly health: Health;
  readonly time: SignedTime;
  readonly lastReceiptMs: () => number | undefined;
  readonly watches: PathWatches;
  readonly updates: UpdateLoop;
  readonly startedMs: number;
  readonly daysLeft: () => number;
  readonly clock: Clock;
  readonly log: Log;
}): TelemetryLoop {
  const { config, clock } = parts;
  const { programme, sinkWatch } = parts.sounding;
  const { outbox, reporter } = parts.reporting;
  return new TelemetryLoop({
    machine: linuxMachine(config.stateFolder),
    boardFacts: readBoardFacts,
    program: () => ({
      processUptimeS: Math.round((clock.nowMs() - parts.startedMs) / 1000),
      onAir: programme.onAir(),
      levelDb: sinkWatch.levelDb,
      secondsOnAirToday: Math.round(programme.secondsOnAirToday()),
      sink: sinkWatch.reading(),
      queued: outbox.pending().messages,
      plan: planDigest(programme.schedules),
      certificateDaysLeft: Math.floor(parts.daysLeft()),
      update: updateReading(parts.updates.stage),
      ...parts.watches.reading(),
      upkeep: {
        ...parts.health.fields(),
        ...upkeepFields(parts, parts.health.told(), parts.lastReceiptMs()),
      },
    }),
    send: (body, keep) => reporter.telemetry(body, keep),
    random: Math.random,
    clock,
    log: parts.log.child({ module: 'telemetry' }),
    everyMs: config.telemetry.everyS * 1000,
    heartbeatMs: config.telemetry.heartbeatS * 1000,
  });
}
