import type { AmplifierStatus } from '../hardware/types.js';
import { instant } from './core/clock.js';
import type { Intake } from './commands/intake.js';
import type { Ledger } from './link/ledger.js';
import type { Link } from './link/link.js';
import type { MirrorStatus } from './link/mirror.js';
import type { Outbox } from './link/outbox.js';
import type { Programme } from './programme/programme.js';
import type { SafeReason } from './safe-mode.js';
import type { SinkWatch } from './sink-watch.js';
import type { Status } from './technician/status.js';
import { VERSION } from './version.js';

/** The parts that a status is read from. */
export interface StatusParts {
  readonly receiver: string;
  /** When the program started, and now: system clock, milliseconds. */
  readonly startedMs: number;
  readonly nowMs: number;
  readonly link: Pick<Link, 'status'>;
  /** Undefined where none is set. */
  readonly mirror: MirrorStatus | undefined;
  readonly outbox: Pick<Outbox, 'pending'>;
  readonly ledger: Pick<Ledger, 'read' | 'billedTodayMb' | 'overBudget'>;
  readonly intake: Pick<Intake, 'assignment' | 'trust'>;
  readonly programme: Pick<Programme, 'onAir' | 'emergenciesInForce'>;
  readonly sinkWatch: Pick<SinkWatch, 'status' | 'levelDb'>;
  /** Security refusals by code since the start. */
  readonly refused: Readonly<Record<string, number>>;
  /** End of the device certificate, Unix milliseconds. */
  readonly notAfterMs: number;
  readonly safeMode?: SafeReason | undefined;
  /** Undefined where the board has none. */
  readonly amplifier?: AmplifierStatus | undefined;
}

/** The state of a running receiver, as `loa status` shows it. */
export function statusOf(parts: StatusParts): Status {
  const { kind, sinceMs, mqttVersion, lastError, broker, keepaliveS, resumed, refusedTopics, roundTripMs } =
    parts.link.status();
  const assignment = parts.intake.assignment;
  const onAir = parts.programme.onAir();
  const { messages, bytes, refused, dropped } = parts.outbox.pending();
  const { levelDb } = parts.sinkWatch;
  return {
    receiver: parts.receiver,
    version: VERSION,
    startedAt: instant(parts.startedMs),
    uptimeS: Math.round((parts.nowMs - parts.startedMs) / 1000),
    link: {
      kind,
      since: instant(sinceMs),
      ...{ broker, keepaliveS },
      ...(resumed === undefined ? {} : { resumed }),
      ...(refusedTopics === undefined ? {} : { refusedTopics }),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
      ...(mqttVersion === undefined ? {} : { mqttVersion }),
      ...(lastError === undefined ? {} : { lastError: { code: lastError.code, detail: lastError.detail } }),
    },
    ...(parts.mirror === undefined ? {} : { mirror: mirrorOf(parts.mirror) }),
    ...(parts.amplifier === undefined ? {} : { amplifier: parts.amplifier }),
    ...(parts.safeMode === undefined ? {} : { safeMode: parts.safeMode }),
    trustVersion: parts.intake.trust.version,
    ...(assignment === undefined
      ? {}
      : {
          assignment: { home: assignment.body.home, areas: assignment.body.areas, epoch: assignment.epoch },
        }),
    sink: parts.sinkWatch.status(),
    ...(levelDb === undefined ? {} : { levelDb }),
    ...(onAir === undefined ? {} : { onAir }),
    emergencies: parts.programme.emergenciesInForce(),
    outbox: { messages, bytes, refused, dropped },
    traffic: {
      ...parts.ledger.read(),
      billedTodayMb: parts.ledger.billedTodayMb(),
      overBudget: parts.ledger.overBudget(),
    },
    refused: { ...parts.refused },
    certificate: {
      notAfter: instant(parts.notAfterMs),
      daysLeft: (parts.notAfterMs - parts.nowMs) / 86_400_000,
    },
  };
}

function mirrorOf({ reason, answeredAgoMs, lastError }: MirrorStatus): NonNullable<Status['mirror']> {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(answeredAgoMs === undefined ? {} : { answeredAgoS: Math.round(answeredAgoMs / 1000) }),
    ...(lastError === undefined ? {} : { lastError: { code: lastError.code, detail: lastError.detail } }),
  };
}
