import type { Foldback } from '../boards/board.js';

/** A step of the gain goes back only when it is this much colder: a reading on the edge does not flutter. */
const HYSTERESIS_C = 1;

/** Whether it is too hot for bulletins. Pure. @param before whether it was */
export function heatAt(foldback: Foldback | undefined, celsius: number, before: boolean): boolean {
  if (foldback === undefined) return false;
  return before ? celsius >= foldback.onC : celsius >= foldback.offC;
}

/** The gain at a temperature, whole dB, at most 0. Pure. @param beforeDb the gain until now */
export function gainAt(
  foldback: Foldback | undefined,
  celsius: number | undefined,
  overheated: boolean,
  beforeDb: number,
): number {
  if (foldback === undefined || celsius === undefined) return 0;
  if (overheated) return -foldback.mostDb;
  const wantedDb = stepAt(foldback, celsius);
  if (wantedDb <= beforeDb) return wantedDb;
  return Math.max(beforeDb, stepAt(foldback, celsius + HYSTERESIS_C));
}

function stepAt({ fromC, dbPerC, mostDb }: Foldback, celsius: number): number {
  return -Math.min(mostDb, Math.max(0, Math.ceil((celsius - fromC) * dbPerC)));
}
