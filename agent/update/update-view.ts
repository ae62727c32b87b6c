import type { Telemetry } from '../../protocols/messages/up.js';
import type { Place, UpdateStage, UpdateState } from './update-state.js';

/** How updates stand, for a technician. */
export interface UpdateView {
  /** A repository is set. */
  readonly on: boolean;
  readonly version: string;
  /** Where this program runs from; undefined where no launcher has started it. */
  readonly running?: Place;
  readonly stage: UpdateStage['kind'];
  /** The program that is offered, on its way or on trial. */
  readonly offered?: { readonly version: string; readonly bytes: number };
  /** Bytes of it that are here. */
  readonly heldBytes?: number;
  /** Why it waits. */
  readonly why?: string;
  readonly heldHere: boolean;
  readonly heldByProvince: boolean;
  readonly checkedMs?: number;
  /** Why the repository's answer was not taken. */
  readonly refusal?: { readonly code: string; readonly detail: string };
  /** The newest that went back, and why. */
  readonly back?: { readonly version: string; readonly code: string; readonly detail: string };
  readonly spentTodayBytes: number;
}

/** The view of a state. Pure. */
export function updateViewOf(
  state: UpdateState,
  own: { readonly on: boolean; readonly version: string; readonly running: Place | undefined },
  held: { readonly bytes: number; readonly spentTodayBytes: number },
): UpdateView {
  const { stage } = state;
  const waits = 'why' in stage && stage.why !== undefined ? { why: stage.why } : {};
  const offered =
    'offer' in stage
      ? { offered: { version: stage.offer.version, bytes: stage.offer.bytes }, heldBytes: held.bytes }
      : {};
  const back =
    stage.kind === 'back' ? { back: { version: stage.version, code: stage.code, detail: stage.detail } } : {};
  return {
    ...{ on: own.on, version: own.version, stage: stage.kind },
    ...(own.running === undefined ? {} : { running: own.running }),
    ...{ ...offered, ...waits, ...back },
    heldHere: state.heldHere,
    heldByProvince: state.policy?.hold ?? false,
    ...(state.checkedMs === 0 ? {} : { checkedMs: state.checkedMs }),
    ...(state.refusal === undefined ? {} : { refusal: state.refusal }),
    spentTodayBytes: held.spentTodayBytes,
  };
}

/** What telemetry tells of a stage. Pure. */
export function updateReading(stage: UpdateStage): NonNullable<Telemetry['body']['update']> {
  const version = 'offer' in stage ? stage.offer.version : 'version' in stage ? stage.version : undefined;
  return {
    stage: stage.kind,
    ...(version === undefined ? {} : { version }),
    ...('why' in stage && stage.why !== undefined ? { why: stage.why } : {}),
  };
}
