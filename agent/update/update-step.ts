import type { EventBody } from '../../protocols/messages/up.js';
import type { ErrorCode } from '../core/errors.js';
import type { Offer } from './offer.js';
import { spend } from './update-spent.js';
import { whyWait, type UpdateFacts, type UpdatePolicy } from './update-policy.js';
import type { Place, Slot, UpdateStage, UpdateState } from './update-state.js';

/** What has happened to an update. */
export type UpdateEvent =
  | { readonly kind: 'look' }
  /** The repository has answered: the program that may run here and is newer, if there is one. */
  | { readonly kind: 'checked'; readonly offer: Offer | undefined }
  | { readonly kind: 'check-failed'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'fetched'; readonly bytes: number; readonly whole: boolean }
  | {
      readonly kind: 'fetch-failed';
      readonly bytes: number;
      readonly code: ErrorCode;
      readonly detail: string;
    }
  | { readonly kind: 'verified' }
  | { readonly kind: 'unpacked'; readonly seal: string }
  /** What was to be done at this stage failed: the archive is not what was signed, the disk is full. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'trial'; readonly verdict: 'well' | 'ill'; readonly detail: string }
  | { readonly kind: 'policy'; readonly policy: UpdatePolicy }
  | { readonly kind: 'hold'; readonly on: boolean }
  /** Back to the program before, asked for by a technician or the province. */
  | { readonly kind: 'back'; readonly by: string; readonly running: string };

/** What is to be done next; each may be done again after a death in the middle of it. */
export type UpdateEffect =
  | { readonly kind: 'check' }
  | { readonly kind: 'fetch'; readonly offer: Offer; readonly allowedBytes: number }
  | { readonly kind: 'verify'; readonly offer: Offer }
  | { readonly kind: 'unpack'; readonly offer: Offer; readonly slot: Slot }
  | { readonly kind: 'drop-archive' }
  | {
      readonly kind: 'try';
      readonly slot: Slot;
      readonly seal: string;
      readonly version: string;
    }
  | { readonly kind: 'commit'; readonly slot: Slot }
  /** Nothing is on trial any more, and this is what starts next. */
  | { readonly kind: 'leave'; readonly to: Place }
  | { readonly kind: 'restart' };

/** A step taken: what to keep, then what to tell and to do, in this order. */
export interface Stepped {
  readonly state: UpdateState;
  readonly tell: readonly EventBody[];
  readonly effects: readonly UpdateEffect[];
}

/** Settings of the machinery, and the slots as they are. */
export interface UpdateRules {
  readonly checkMs: number;
  /** After a first failure; doubled with each, up to an hour. */
  readonly retryMs: number;
  /** What runs now, and what it would go back to. */
  readonly running: Place;
  readonly previous: Place;
}

/** An archive that is not what was signed is fetched so often: a network, not a fault of the program. */
const BAD_ARCHIVES = 3;
const RETRY_MOST_MS = 3_600_000;
const DAY_MS = 86_400_000;
const FAILED_MOST = 16;
/** No fault of the program itself: it is tried again after a day. */
const PASSING: readonly ErrorCode[] = ['E_UPDATE_UNDECIDED', 'E_UPDATE_SLOT'];
const NO_RETRY = { failures: 0, notBeforeMs: 0, bad: 0 };

/** One step of an update. Pure: the same state, event and facts give the same step. */
export function updateStep(
  state: UpdateState,
  event: UpdateEvent,
  facts: UpdateFacts,
  rules: UpdateRules,
): Stepped {
  switch (event.kind) {
    case 'look':
      return look(state, facts, rules);
    case 'checked':
      return checked({ ...withoutRefusal(state), checkedMs: facts.nowMs }, event.offer, facts);
    case 'check-failed':
      return checkFailed(state, event, facts);
    case 'fetched':
      return fetched(spend(state, event.bytes, facts.nowMs), event.whole);
    case 'fetch-failed':
      return failedAt(spend(state, event.bytes, facts.nowMs), event, facts, rules);
    case 'failed':
      return failedAt(state, event, facts, rules);
    case 'verified':
      return state.stage.kind === 'verifying'
        ? toUnpacking(state, state.stage.offer, rules)
        : unchanged(state);
    case 'unpacked':
      return unpacked(state, event.seal);
    case 'trial':
      return judged(state, event, facts);
    case 'policy':
      return newPolicy(state, event.policy);
    case 'hold':
      return unchanged({ ...state, heldHere: event.on });
    case 'back':
      return wentBack(state, event, facts, rules);
  }
}

/** What to do at this stage, now. */
function look(state: UpdateState, facts: UpdateFacts, rules: UpdateRules): Stepped {
  const { stage } = state;
  switch (stage.kind) {
    case 'idle':
    case 'committed':
    case 'back':
      return checkDue(state, facts, rules) ? acting(state, { kind: 'check' }) : unchanged(state);
    case 'announced':
    case 'waiting':
    case 'downloading':
      return checkDue(state, facts, rules)
        ? acting(state, { kind: 'check' })
        : lookAtDownload(state, stage, facts);
    case 'verifying':
      return waits(state, facts) ? unchanged(state) : acting(state, { kind: 'verify', offer: stage.offer });
    case 'unpacking':
      return waits(state, facts)
        ? unchanged(state)
        : acting(state, { kind: 'unpack', offer: stage.offer, slot: stage.slot });
    case 'trial-ready':
      return checkDue(state, facts, rules)
        ? acting(state, { kind: 'check' })
        : lookAtReady(state, stage, facts, rules);
    case 'trial':
      return unchanged(state);
  }
}

function lookAtDownload(
  state: UpdateState,
  stage: Extract<UpdateStage, { offer: Offer }>,
  facts: UpdateFacts,
): Stepped {
  const why = pausedBy(state, stage.offer, 'fetch', facts);
  if (why !== undefined) {
    if (stage.kind === 'waiting' && stage.why === why) return unchanged(state);
    return staged(state, { kind: 'waiting', offer: stage.offer, why }, `waits: ${why}`);
  }
  const effect = { kind: 'fetch', offer: stage.offer, allowedBytes: facts.allowedBytes } as const;
  if (stage.kind === 'downloading') return acting(state, effect);
  return staged(state, { kind: 'downloading', offer: stage.offer }, 'downloading', effect);
}

function lookAtReady(
  state: UpdateState,
  stage: Extract<UpdateStage, { kind: 'trial-ready' }>,
  facts: UpdateFacts,
  { running }: UpdateRules,
): Stepped {
  const { offer, slot, seal } = stage;
  const why = pausedBy(state, offer, 'restart', facts);
  if (why !== undefined)
    return stage.why === why ? unchanged(state) : staged(state, { ...stage, why }, `ready, waits: ${why}`);
  const trial = { kind: 'trial', offer, slot, seal, from: running, linkBefore: facts.linkUp } as const;
  return staged(
    state,
    trial,
    'trial',
    { kind: 'try', slot, seal, version: offer.version },
    { kind: 'restart' },
  );
}

function waits(state: UpdateState, facts: UpdateFacts): boolean {
  const { stage } = state;
  return 'offer' in stage && pausedBy(state, stage.offer, 'work', facts) !== undefined;
}

/** Why nothing is done now; also asked while something is being done, to break it off. Pure. */
export function pausedBy(
  state: UpdateState,
  { version }: Offer,
  wanted: 'fetch' | 'work' | 'restart',
  facts: UpdateFacts,
): string | undefined {
  return (
    whyWait(version, wanted, state.policy, state.heldHere, facts) ??
    (facts.nowMs < state.retry.notBeforeMs ? 'later' : undefined)
  );
}

function checkDue({ checkedMs }: UpdateState, { nowMs, clockOk }: UpdateFacts, rules: UpdateRules): boolean {
  return clockOk && (nowMs - checkedMs >= rules.checkMs || nowMs < checkedMs - DAY_MS);
}

function checked(state: UpdateState, found: Offer | undefined, { nowMs }: UpdateFacts): Stepped {
  const { stage } = state;
  const known = 'offer' in stage ? stage.offer : undefined;
  const wanted = found !== undefined && mayBeTried(state, found, nowMs) ? found : undefined;
  if (stage.kind === 'trial' || known?.sha256 === wanted?.sha256) return unchanged(state);
  const retry = NO_RETRY;
  const drop = known === undefined ? [] : [{ kind: 'drop-archive' } as const];
  if (wanted !== undefined)
    return staged({ ...state, retry }, { kind: 'announced', offer: wanted }, 'announced', ...drop);
  return staged({ ...state, retry }, { kind: 'idle' }, 'withdrawn by the repository', ...drop);
}

function mayBeTried({ failed }: UpdateState, { sha256, version }: Offer, nowMs: number): boolean {
  return !failed.some(
    (one) =>
      (one.sha256 === undefined ? one.version === version : one.sha256 === sha256) &&
      (!PASSING.includes(one.code) || nowMs - one.atMs < DAY_MS),
  );
}

function checkFailed(
  state: UpdateState,
  { code, detail }: { readonly code: ErrorCode; readonly detail: string },
  { nowMs }: UpdateFacts,
): Stepped {
  const next = { ...state, checkedMs: nowMs, refusal: { code, detail } };
  // The same refusal, check after check, is told once.
  if (state.refusal?.code === code) return unchanged(next);
  const kind = code === 'E_UPDATE_FETCH' ? 'notice' : 'security';
  return { state: next, tell: [{ kind, code, detail }], effects: [] };
}

function fetched(state: UpdateState, whole: boolean): Stepped {
  const { stage } = state;
  const next = { ...state, retry: { ...state.retry, failures: 0, notBeforeMs: 0 } };
  if (!whole || (stage.kind !== 'downloading' && stage.kind !== 'waiting')) return unchanged(next);
  return staged(next, { kind: 'verifying', offer: stage.offer }, 'verifying', {
    kind: 'verify',
    offer: stage.offer,
  });
}

function toUnpacking(state: UpdateState, offer: Offer, { running, previous }: UpdateRules): Stepped {
  const slot = running === 'floor' ? (previous === 'a' ? 'b' : 'a') : running === 'a' ? 'b' : 'a';
  return staged(clearRetry(state), { kind: 'unpacking', offer, slot }, 'unpacking', {
    ...{ kind: 'unpack', offer, slot },
  });
}

function unpacked(state: UpdateState, seal: string): Stepped {
  const { stage } = state;
  if (stage.kind !== 'unpacking') return unchanged(state);
  const { offer, slot } = stage;
  return staged(clearRetry(state), { kind: 'trial-ready', offer, slot, seal }, 'ready for its trial', {
    kind: 'drop-archive',
  });
}

/** Tried again later; what is not as it was signed is given up after some attempts. */
function failedAt(
  state: UpdateState,
  { code, detail, bytes = 0 }: { readonly code: ErrorCode; readonly detail: string; readonly bytes?: number },
  facts: UpdateFacts,
  rules: UpdateRules,
): Stepped {
  const { stage } = state;
  if (!('offer' in stage)) return unchanged(state);
  // A connection that brought something is worth another soon.
  const failures = bytes > 0 ? 1 : state.retry.failures + 1;
  const waitMs = Math.min(RETRY_MOST_MS, rules.retryMs * 2 ** Math.min(12, failures - 1));
  const isBad = code === 'E_UPDATE_DIGEST' || code === 'E_UPDATE_CONTENT';
  // What is as it was signed and is refused all the same will be refused again.
  const bad = code === 'E_UPDATE_BUNDLE' ? BAD_ARCHIVES : state.retry.bad + (isBad ? 1 : 0);
  const retry = { failures, notBeforeMs: facts.nowMs + waitMs, bad };
  if (bad >= BAD_ARCHIVES) {
    const given = giveUp(state, stage.offer, code, facts.nowMs);
    const back = {
      kind: 'back',
      ...{ version: stage.offer.version, to: rules.running, code, detail, atMs: facts.nowMs },
    } as const;
    return tellingOf({ ...given, stage: back }, code, `given up: ${detail}`, { kind: 'drop-archive' });
  }
  // From the beginning: what is there is not what it should be, or leaves no room.
  const again = stage.kind === 'trial' ? stage : ({ kind: 'downloading', offer: stage.offer } as const);
  const isLoss = isBad || code === 'E_STORE_WRITE';
  const effects = isLoss ? [{ kind: 'drop-archive' } as const] : [];
  const next = { ...state, stage: isLoss ? again : stage, retry };
  if (failures > 1 && !isBad) return { state: next, tell: [], effects };
  return tellingOf(next, code, detail, ...effects);
}

function judged(
  state: UpdateState,
  { verdict, detail }: { readonly verdict: 'well' | 'ill'; readonly detail: string },
  { nowMs }: UpdateFacts,
): Stepped {
  const { stage } = state;
  if (stage.kind !== 'trial') return unchanged(state);
  const { version } = stage.offer;
  if (verdict === 'well')
    return staged(state, { kind: 'committed', version, atMs: nowMs }, `committed: ${version}`, {
      kind: 'commit',
      slot: stage.slot,
    });
  return tellingOf(
    {
      ...giveUp(state, stage.offer, 'E_UPDATE_TRIAL', nowMs),
      stage: {
        kind: 'back',
        ...{ version, to: stage.from, code: 'E_UPDATE_TRIAL', detail: detail.slice(0, 300), atMs: nowMs },
      },
    },
    'E_UPDATE_TRIAL',
    `${version}: ${detail}`,
    { kind: 'leave', to: stage.from },
    { kind: 'restart' },
  );
}

function newPolicy(state: UpdateState, policy: UpdatePolicy): Stepped {
  if (state.policy !== undefined && policy.issuedMs <= state.policy.issuedMs) return unchanged(state);
  return unchanged({ ...state, policy });
}

function wentBack(
  state: UpdateState,
  { by, running }: { readonly by: string; readonly running: string },
  { nowMs }: UpdateFacts,
  rules: UpdateRules,
): Stepped {
  const { stage } = state;
  const to = stage.kind === 'trial' ? stage.from : rules.previous;
  if (rules.running === 'floor' || to === rules.running) return unchanged(state);
  const code = 'E_UPDATE_TAKEN_BACK';
  const known = giveUp(state, { version: running }, code, nowMs);
  const detail = `asked for by ${by}`.slice(0, 300);
  return tellingOf(
    { ...known, stage: { kind: 'back', version: running, to, code, detail, atMs: nowMs } },
    code,
    `${running}: ${detail}`,
    { kind: 'leave', to },
    { kind: 'restart' },
  );
}

function giveUp(
  state: UpdateState,
  { version, sha256 }: { readonly version: string; readonly sha256?: string },
  code: ErrorCode,
  atMs: number,
): UpdateState {
  const others = state.failed.filter((one) => one.version !== version);
  const one = { version, ...(sha256 === undefined ? {} : { sha256 }), code, atMs };
  const failed = [...others, one].slice(-FAILED_MOST);
  return { ...clearRetry(state), failed };
}

function clearRetry(state: UpdateState): UpdateState {
  return { ...state, retry: NO_RETRY };
}

function withoutRefusal(state: UpdateState): UpdateState {
  const next = { ...state };
  delete next.refusal;
  return next;
}

function unchanged(state: UpdateState): Stepped {
  return { state, tell: [], effects: [] };
}

function acting(state: UpdateState, effect: UpdateEffect): Stepped {
  return { state, tell: [], effects: [effect] };
}

function staged(state: UpdateState, stage: UpdateStage, detail: string, ...effects: UpdateEffect[]): Stepped {
  const version = 'offer' in stage ? stage.offer.version : 'version' in stage ? stage.version : '';
  const fields = { stage: stage.kind, ...(version === '' ? {} : { version }) };
  return {
    state: { ...state, stage },
    tell: [{ kind: 'notice', code: 'N_UPDATE', detail: `${version} ${detail}`.trim(), fields }],
    effects,
  };
}

function tellingOf(state: UpdateState, code: ErrorCode, detail: string, ...effects: UpdateEffect[]): Stepped {
  const { stage } = state;
  const isSecurity = code === 'E_UPDATE_DIGEST' || code === 'E_UPDATE_CONTENT' || code === 'E_UPDATE_BUNDLE';
  const body: EventBody = {
    kind: isSecurity ? 'security' : 'notice',
    ...{ code, detail: detail.slice(0, 300), fields: { stage: stage.kind } },
  };
  return { state, tell: [body], effects };
}
