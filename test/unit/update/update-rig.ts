import type { Offer } from '../../../agent/update/offer.js';
import type { UpdateFacts, UpdatePolicy } from '../../../agent/update/update-policy.js';
import { NO_UPDATE, type UpdateState } from '../../../agent/update/update-state.js';
import {
  updateStep,
  type Stepped,
  type UpdateEvent,
  type UpdateRules,
} from '../../../agent/update/update-step.js';

/** Half past one at night in UTC+7. */
export const NIGHT_MS = Date.parse('2026-11-24T01:30:00+07:00');

/** A program that is offered. */
export const OFFER: Offer = {
  version: '0.2.0',
  architecture: 'amd64',
  unpackedBytes: 3_000_000,
  node: '20.19.0',
  readableBy: 1,
  path: 'targets/x.loa-agent_amd64.tar.gz',
  bytes: 1_000_000,
  sha256: 'a'.repeat(64),
};

/** The province lets everybody begin. */
export const ALL: UpdatePolicy = {
  ...{ authority: 'province', issuedMs: NIGHT_MS, percent: 100, groups: [], hold: false },
};

/** Nothing is in the way. */
export function factsWith(parts: Partial<UpdateFacts> = {}): UpdateFacts {
  return {
    ...{ nowMs: NIGHT_MS, clockOk: true, onAir: false, emergency: false, soonOnAir: false },
    ...{ safeMode: false, slots: true, groups: [], place: 0.5, allowedBytes: 16_000_000, linkUp: true },
    window: { from: '00:30', to: '04:00' },
    ...parts,
  };
}

/** The package's own runs, and nothing stands beside it. */
export const RULES: UpdateRules = {
  ...{ checkMs: 6 * 3_600_000, retryMs: 60_000, running: 'floor', previous: 'floor' },
};

/** A state with the province's word, in which the repository was asked just now. */
export function stateWith(parts: Partial<UpdateState> = {}): UpdateState {
  return { ...NO_UPDATE, policy: ALL, checkedMs: NIGHT_MS, ...parts };
}

/** One step of a state. */
export function stepped(
  state: UpdateState,
  event: UpdateEvent,
  facts: Partial<UpdateFacts> = {},
  rules: Partial<UpdateRules> = {},
): Stepped {
  return updateStep(state, event, factsWith(facts), { ...RULES, ...rules });
}
