import { z } from 'zod';
import { LoaError } from '../core/errors.js';
import type { RaucSlot } from './rauc-bus.js';
import { SLOTS, type Slot } from './update-state.js';
import type { StartFound } from './update-start.js';

const slot = z.enum(SLOTS);
const seal = z.object({ version: z.string().max(40), seal: z.string().regex(/^[0-9a-f]{64}$/) });

/** What is kept of whole images beside what RAUC and the boot loader know: they know no trial. */
export const imageChoice = z.object({
  committed: slot,
  previous: slot,
  /** On trial, and how often it had been made the next to start before. */
  trial: z.object({ slot, activations: z.int().min(0) }).optional(),
  slots: z.object({ a: seal.optional(), b: seal.optional() }),
});

/** See {@link imageChoice}. */
export type ImageChoice = z.infer<typeof imageChoice>;

/** The two slots that can be started, by their names in the order of RAUC's: `a` is the first. */
export interface ImagePlaces {
  readonly running: Slot;
  readonly slots: Readonly<Record<Slot, RaucSlot>>;
}

/** Finds them: those of the class that runs. Pure. @throws LoaError `E_UPDATE_RAUC` where they are not two, or none of them runs */
export function imagePlaces(all: readonly RaucSlot[]): ImagePlaces {
  const booted = all.find((one) => one.booted);
  const [a, b, ...more] = all
    .filter(({ slotClass, bootname }) => slotClass === booted?.slotClass && bootname !== undefined)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  if (booted === undefined || a === undefined || b === undefined || more.length > 0)
    throw new LoaError(
      'E_UPDATE_RAUC',
      `not two slots of which one runs: ${all.map(({ name }) => name).join()}`,
    );
  return { running: a.booted ? 'a' : 'b', slots: { a, b } };
}

/** What a start has found, and whether a trial was chosen that no start has followed: it is to be taken back then. */
export interface ImageStart extends Omit<StartFound, 'nowMs'> {
  readonly notStarted: boolean;
}

/**
 * What a start means: what was kept, what runs, and what the boot loader would start next. It counts attempts by itself and goes back by
 * itself; power cuts count for it. Pure.
 * @param primary name of the slot that starts next
 */
export function imageStart(
  kept: ImageChoice | undefined,
  { running, slots }: ImagePlaces,
  primary: string,
): ImageStart {
  // Where something else has been installed or chosen meanwhile, what runs is what there is.
  const known = kept !== undefined && (kept.trial !== undefined || kept.committed === running);
  const { committed, previous, trial } = known
    ? kept
    : { committed: running, previous: running, trial: undefined };
  const held = {
    ...(kept?.slots.a === undefined ? {} : { a: kept.slots.a }),
    ...(kept?.slots.b === undefined ? {} : { b: kept.slots.b }),
  };
  const found = (
    onTrial: Slot | undefined,
    more: { notStarted?: boolean; gaveUp?: string } = {},
  ): ImageStart => ({
    running,
    choice: { committed, previous, trial: onTrial, slots: held },
    tries: { inBoot: 0, all: 0 },
    notStarted: more.notStarted ?? false,
    ...(more.gaveUp === undefined ? {} : { gaveUp: more.gaveUp }),
  });
  if (trial === undefined) return found(undefined);
  if (running === trial.slot) return found(trial.slot);
  const { name, activations } = slots[trial.slot];
  if (primary === name) return found(undefined, { notStarted: true });
  if (activations <= trial.activations) return found(undefined);
  return found(trial.slot, { gaveUp: 'the boot loader started it and went back to the image before' });
}
