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
import { checkSound } from './technician/local-sound.js';
import type { TechnicianDesk } from './technician/server.js';
import { SiteSound, withPermit } from './technician/site-sound.js';
import { topicOfSigned } from './technician/signed-topic.js';
import { updateDesk } from './technician/update-desk.js';
import type { UpdateLoop } from './update/update-loop.js';
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
  readonly updates: UpdateLoop;
  readonly tell: (body: EventBody) => void;
  readonly history: () => LinkHistory;
  readonly receiver: string;
  readonly toneMade: () => void;
  readonly accept: TechnicianDesk['accept'];
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
  const site = new SiteSound({
    gate: () => sounding.gateNow('normal'),
    clock: () => time.state(),
    read: (signed) => intake.permit(signed),
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
    async tone(asked) {
      const { wish, permit } = withPermit(asked);
      const checked = checkSound(wish);
      if (!checked.ok) return checked;
      const leave = await site.may(permit);
      if (!leave.ok) return leave;
      const started = sounding.programme.localSound(checked.value);
      const by = leave.value.kind === 'permit' ? ` by permit ${leave.value.id}` : '';
      const detail = `${checked.value.title} made on site${by}`;
      if (!started.ok) return started;
      parts.tell({ kind: 'notice', code: 'N_LOCAL_SOUND', detail, fields: { playId: started.value } });
      parts.toneMade();
      return started;
    },
    permit: (signed) => site.show(signed),
    test: () => parts.watches.test.run(),
    board: () => parts.board.view(),
    async line(what) {
      const leave = await site.may();
      return leave.ok ? parts.line[what]() : leave;
    },
    leaveSafe() {
      if (parts.safeWatch === undefined) return refused('E_USAGE', 'safe mode is not on');
      parts.safeWatch.leave();
      return accepted(undefined);
    },
    renew: () => renewNow(parts.renewal),
    anchors: parts.lookAtAnchors,
    history: parts.history,
    update: updateDesk(parts.updates),
    accept: parts.accept,
    stop: () => sounding.programme.stopLocal(),
    async play(signed, permit) {
      const leave = await site.may(permit);
      // Without leave it is offered all the same: its begin may lie in the permitted hours, and the gate keeps them.
      if (!leave.ok && permit !== undefined) return 'refused';
      const by = leave.ok && leave.value.kind === 'permit' ? 'hand-permit' : 'hand';
      const topic = topicOfSigned(signed, parts.receiver);
      return intake.offer(topic, new TextEncoder().encode(signed), by);
    },
    // Kept apart by what and who: what is alike within a minute is one event with a count.
    done: (action, who) =>
      parts.tell({
        ...{ kind: 'security', code: 'N_LOCAL_ACTION', detail: `${action} by ${who}`.slice(0, 300) },
        fields: { action: action.slice(0, 200), by: who },
      }),
  };
}
