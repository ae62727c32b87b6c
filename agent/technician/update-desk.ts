import { accepted, refused, type Outcome } from '../core/errors.js';
import type { UpdateLoop } from '../update/update-loop.js';
import type { UpdateView } from '../update/update-view.js';

/** What a technician may ask of updates. */
export interface UpdateDesk {
  view(): UpdateView;
  check(): Outcome<undefined>;
  hold(on: boolean): Promise<void>;
  back(by: string): Promise<Outcome<undefined>>;
}

/** The desk of a loop. */
export function updateDesk(loop: UpdateLoop): UpdateDesk {
  return {
    view: () => loop.view(),
    check: () =>
      loop.checkNow()
        ? accepted(undefined)
        : refused('E_UPDATE_NONE', 'no repository is set, or another step is under way'),
    hold: (on) => loop.hold(on),
    back: async (by) =>
      (await loop.back(by))
        ? accepted(undefined)
        : refused('E_UPDATE_NONE', 'there is no program before this one'),
  };
}

/** Carries one of the questions of `POST /v1/update/` out. */
export async function askedOfUpdates(
  desk: UpdateDesk,
  what: string,
  who: string,
): Promise<Outcome<undefined>> {
  switch (what) {
    case 'check':
      return desk.check();
    case 'hold':
    case 'release':
      await desk.hold(what === 'hold');
      return accepted(undefined);
    case 'rollback':
      return desk.back(who);
    default:
      return refused('E_USAGE', 'unknown path');
  }
}
