import type { UpdateState } from './update-state.js';

const DAY_MS = 86_400_000;
const COUNTRY_MS = 7 * 3_600_000;

/** A state that has spent so many bytes more, on the day of an instant in UTC+7. Pure. */
export function spend(state: UpdateState, bytes: number, nowMs: number): UpdateState {
  const day = dayOf(nowMs);
  const before = state.spent.day === day ? state.spent.bytes : 0;
  return { ...state, spent: { day, bytes: before + bytes } };
}

/** Bytes fetched for updates on the day of an instant. */
export function spentOn({ spent }: UpdateState, nowMs: number): number {
  return spent.day === dayOf(nowMs) ? spent.bytes : 0;
}

function dayOf(nowMs: number): number {
  return Math.floor((nowMs + COUNTRY_MS) / DAY_MS);
}
