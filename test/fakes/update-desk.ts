import type { UpdateDesk } from '../../agent/technician/update-desk.js';
import { accepted } from '../../agent/core/errors.js';

/** Updates that nobody has set up. */
export const NO_UPDATES: UpdateDesk = {
  view: () => ({
    ...{ on: false, version: '0.1.0', stage: 'idle', heldHere: false, heldByProvince: false },
    spentTodayBytes: 0,
  }),
  check: () => accepted(undefined),
  hold: () => Promise.resolve(),
  back: () => Promise.resolve(accepted(undefined)),
};
