import type { Scenario } from '../scenario.js';
import { broker } from './broker.js';
import { clock1970 } from './clock-1970.js';
import { enrol } from './enrol.js';
import { interrupt } from './interrupt.js';
import { live } from './live.js';
import { powerCut, powerCutLong } from './power-cut.js';
import { powerCutRecords } from './power-cut-records.js';
import { update } from './update.js';

/** Every scenario, in the order in which one run goes through them; `enrol` always comes first. */
export const SCENARIOS: readonly Scenario[] = [
  enrol,
  live,
  interrupt,
  broker,
  powerCut,
  powerCutLong,
  powerCutRecords,
  clock1970,
  update,
];
