/**
 * Bugs to be planted between the programme and its surroundings, to see that the judge finds each: a judge that has never found
 * anything proves nothing.
 */
export const FLAWS = [
  'begins half a minute early',
  'takes up what is over',
  'plays again after a power cut',
  'lets a lease go on',
  'lets a withdrawn entry go on',
  'joins at the beginning',
  'sounds at any hour',
  'repeats an emergency without a pause',
] as const;

/** One of {@link FLAWS}. */
export type Flaw = (typeof FLAWS)[number];
