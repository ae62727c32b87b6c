import type { ErrorCode } from '../core/errors.js';
import type { SlotChoice } from './slot-choice.js';
import type { Stepped } from './update-step.js';
import type { Place, UpdateState } from './update-state.js';

/** What is found when the program starts. */
export interface StartFound {
  /** Where it runs from. */
  readonly running: Place;
  readonly choice: SlotChoice;
  /** Starts of the slot on trial that the launcher has counted, and why it was left where it was. */
  readonly tries: { readonly inBoot: number; readonly all: number };
  /** What else has started the program on trial and went back by itself: a boot loader. */
  readonly gaveUp?: string;
  readonly nowMs: number;
}

/** So many starts in one boot, without an end of the trial, are a failure of the program; the launcher knows this figure too. */
export const TRIES_IN_BOOT = 3;
/** So many in all, power cuts among them, are no verdict; the launcher knows this figure too. */
export const TRIES_IN_ALL = 25;

/**
 * What the state of an update means at a start, whatever was done of it before a death: what was chosen goes before what was noted.
 * Pure. The effects put right what a death has left undone.
 */
export function updateAtStart(state: UpdateState, found: StartFound): Stepped {
  const { stage } = state;
  const { running, choice, nowMs } = found;
  if (stage.kind === 'trial') {
    // Committed, and killed before that was noted.
    if (choice.trial === undefined && choice.committed === stage.slot)
      return told({ ...state, stage: { kind: 'committed', version: stage.offer.version, atMs: nowMs } });
    // Killed before the choice was written.
    if (choice.trial !== stage.slot) {
      const { offer, slot, seal } = stage;
      return quiet({ ...state, stage: { kind: 'trial-ready', offer, slot, seal } });
    }
    return running === stage.slot ? quiet(state) : refusedByLauncher(state, stage, found);
  }
  // Given up, and killed before the choice was written.
  if (choice.trial !== undefined && stage.kind !== 'trial-ready') {
    const effects = [{ kind: 'leave', to: choice.committed } as const];
    return {
      ...quiet(state),
      effects: running === choice.trial ? [...effects, { kind: 'restart' }] : effects,
    };
  }
  return quiet(state);
}

function refusedByLauncher(
  state: UpdateState,
  stage: Extract<UpdateState['stage'], { kind: 'trial' }>,
  { tries, gaveUp, running, nowMs }: StartFound,
): Stepped {
  const { version, sha256 } = stage.offer;
  const [code, detail]: [ErrorCode, string] =
    gaveUp !== undefined
      ? ['E_UPDATE_TRIAL', gaveUp]
      : tries.inBoot >= TRIES_IN_BOOT
        ? ['E_UPDATE_TRIAL', `started ${tries.inBoot} times in one boot and did not last`]
        : tries.all >= TRIES_IN_ALL
          ? ['E_UPDATE_UNDECIDED', `${tries.all} starts, none lasted as long as a trial`]
          : ['E_UPDATE_SLOT', 'the slot is not as it was unpacked, or its start cannot be counted'];
  const failed = [
    ...state.failed.filter((one) => one.sha256 !== sha256),
    { sha256, version, code, atMs: nowMs },
  ];
  return {
    state: {
      ...state,
      failed: failed.slice(-16),
      stage: { kind: 'back', version, to: running, code, detail, atMs: nowMs },
    },
    tell: [{ kind: 'notice', code, detail: `${version}: ${detail}`, fields: { stage: 'back', version } }],
    effects: [{ kind: 'leave', to: running }],
  };
}

function quiet(state: UpdateState): Stepped {
  return { state, tell: [], effects: [] };
}

function told(state: UpdateState): Stepped {
  const { stage } = state;
  const version = 'version' in stage ? stage.version : '';
  const fields = { stage: stage.kind, version };
  return {
    state,
    tell: [{ kind: 'notice', code: 'N_UPDATE', detail: `${version} committed`, fields }],
    effects: [],
  };
}
