import { messageOf } from '../../agent/core/errors.js';
import type { Area, Claim, ProveContext, Proved } from './claim.js';

/** What `./build/prove` was asked for. */
export interface ProveRequest {
  readonly area?: Area;
  readonly item?: number;
  readonly long: boolean;
}

/** The claims to measure, those left out because they are long, and the areas that have none yet. */
export interface Selection {
  readonly claims: readonly Claim[];
  readonly leftOut: readonly Claim[];
  readonly empty: readonly Area[];
}

/** Chooses the claims of a request. */
export function select(all: Readonly<Record<Area, readonly Claim[]>>, request: ProveRequest): Selection {
  const areas = request.area === undefined ? (Object.keys(all) as Area[]) : [request.area];
  const asked = areas
    .flatMap((area) => all[area])
    .filter((claim) => request.item === undefined || claim.item === request.item);
  return {
    claims: asked.filter((claim) => request.long || claim.long !== true),
    leftOut: asked.filter((claim) => !request.long && claim.long === true),
    empty: areas.filter((area) => all[area].length === 0),
  };
}

/** A context that remembers shared procedures. */
export function contextOf(root: string, out: string, progress: (line: string) => void): ProveContext {
  const runs = new Map<string, Promise<unknown>>();
  return {
    root,
    out,
    progress,
    once<T>(key: string, run: () => Promise<T>): Promise<T> {
      const known = runs.get(key) ?? Promise.resolve().then(run);
      runs.set(key, known);
      return known as Promise<T>;
    },
  };
}

/** Measures one claim. What it throws means that it could not be measured. */
export async function prove(claim: Claim, context: ProveContext): Promise<Proved> {
  const { area, item, claim: sentence, bound } = claim;
  try {
    return { area, item, claim: sentence, bound, ...(await claim.measure(context)) };
  } catch (error) {
    return { area, item, claim: sentence, bound, measured: `not measured: ${messageOf(error)}`, holds: null };
  }
}

/**
 * 1 when a claim falls short; otherwise 2 when one could not be measured or there was nothing to measure; otherwise 0.
 * @param asked what was selected: an area without claims, or an item that no claim has, is not proved
 */
export function exitCodeOf(proved: readonly Proved[], asked: Selection): 0 | 1 | 2 {
  if (proved.some((one) => one.holds === false)) return 1;
  const nothing = proved.length === 0 || asked.empty.length > 0;
  return nothing || proved.some((one) => one.holds === null) ? 2 : 0;
}
