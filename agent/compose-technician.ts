import type { EventBody } from '../protocols/messages/up.js';
import type { Intake } from './commands/intake.js';
import type { SignedTime } from './commands/signed-time.js';
import type { OpenedBoard } from './compose-amplifier.js';
import type { Health } from './compose-health.js';
import type { LineDesk } from './compose-line.js';
import type { Sounding } from './compose-programme.js';
import type { PathWatches } from './compose-watches.js';
import { accepted, refused } from './core/errors.js';
import { amplifierTold, dayView, whyView, type ProgrammeDesk } from './programme-desk.js';
import { renewNow, type RenewalLoop } from './renewal-loop.js';
import type { SafeWatch } from './safe-watch.js';
import type { LinkHistory } from './technician/link-history.js';
import { checkTone } from './technician/local-tone.js';
import type { TechnicianDesk } from './technician/server.js';
import { topicOfSigned } from './technician/signed-topic.js';
import type { Status } from './technician/status.js';
import { trustViewOf } from './technician/trust-view.js';

/** What a technician on the pole may ask of the running receiver. */
export function technicianDesk(parts: {
  readonly status: () => Status;
  readonly time: SignedTime;
  readonly intake: Intake;
  readonly sounding: Sounding;
  readonly health: Health;
  readonly board: OpenedBoard;
  readonly line: LineDesk;
  readonly watches: PathWatches;
  readonly safeWatch: SafeWatch | undefined;
  readonly renewal: RenewalLoop | undefined;
  readonly lookAtAnchors: () => void;
  readonly tell: (body: EventBody) => void;
  readonly history: () => LinkHistory;
  readonly receiver: string;
}): TechnicianDesk {
  const { status, time, intake, sounding } = parts;
  const views = (): ProgrammeDesk => ({
    ...{ programme: sounding.programme, asRun: sounding.asRun, nowMs: time.nowMs() },
    ...{ desired: sounding.permitted(), gate: (of) => sounding.gateNow(of) },
    assigned: intake.assignment !== undefined,
    sinkOk: sounding.sinkWatch.status().ok,
    amplifier: parts.board.amplifier()?.code,
    scheduleClock: sounding.clockNow(),
    path: parts.watches.view(),
  });
  return {
    status,
    day: (day) => dayView(views(), day),
    why: () => whyView(views()),
    cache: () => sounding.media.view,
    alarms: () => parts.health.alarms(),
    health: () => ({ ...parts.health.health(), ...amplifierTold(parts.board.amplifier()) }),
    trust: () =>
      trustViewOf(intake.trust, {
        areas: intake.assignment?.body.areas ?? [],
        nowMs: time.nowMs(),
        clock: time.state(),
        freshness: time.freshness(),
        freshMs: time.freshMs,
        keysOf: (id) => intake.validKeys(id),
      }),
    tone(asked) {
      const checked = checkTone(asked);
      if (!checked.ok) return checked;
      const started = sounding.programme.localTone(checked.value);
      if (started.ok) parts.tell({ kind: 'notice', code: 'N_LOCAL_SOUND', detail: 'test tone made on site' });
      return started;
    },
    test: () => parts.watches.test.run(),
    board: () => parts.board.view(),
    line: (what) => parts.line[what](),
    leaveSafe() {
      if (parts.safeWatch === undefined) return refused('E_USAGE', 'safe mode is not on');
      parts.safeWatch.leave();
      return accepted(undefined);
    },
    renew: () => renewNow(parts.renewal),
    anchors: parts.lookAtAnchors,
    history: parts.history,
    stop: () => sounding.programme.stopLocal(),
    play: (signed) => intake.offer(topicOfSigned(signed, parts.receiver), new TextEncoder().encode(signed)),
    done: (action, who) =>
      parts.tell({ kind: 'security', code: 'N_LOCAL_ACTION', detail: `${action} by ${who}`.slice(0, 300) }),
  };
}
