import { SLOTS, type Place, type Slot } from './update-state.js';

/** A slot that holds a program: its version, and the SHA-256 of its list of files. */
export interface SlotSeal {
  readonly version: string;
  readonly seal: string;
}

/**
 * What the launcher (`build/packages/files/launch.sh`) reads to choose what it starts. Lines of words, because a shell reads it; as a kept
 * file it ends with the digest of all before it, and the one before stays as `choice.good`.
 */
export interface SlotChoice {
  /** What starts. */
  readonly committed: Place;
  /** What starts where that cannot. */
  readonly previous: Place;
  readonly trial: Slot | undefined;
  readonly slots: Readonly<Partial<Record<Slot, SlotSeal>>>;
}

/** Nothing beside the package's own. */
export const FLOOR_ONLY: SlotChoice = {
  committed: 'floor',
  previous: 'floor',
  trial: undefined,
  slots: {},
};

const FIRST = 'loa-slots 1';
const NAME = /^(?:a|b|floor)$/;
const SEAL = /^[0-9a-f]{64}$/;
const VERSION = /^[\w.+]{1,40}$/;

/** The text of a choice, without its digest. */
export function choiceText({ committed, previous, trial, slots }: SlotChoice): string {
  const held = SLOTS.flatMap((slot) => {
    const one = slots[slot];
    return one === undefined ? [] : [`slot ${slot} ${one.seal} ${one.version}`];
  });
  return [FIRST, `committed ${committed}`, `previous ${previous}`, `trial ${trial ?? '-'}`, ...held, ''].join(
    '\n',
  );
}

/** Reads what {@link choiceText} wrote. @throws Error where it is anything else */
export function parseChoice(text: string): SlotChoice {
  const [first, ...lines] = text.trimEnd().split('\n');
  if (first !== FIRST) throw new Error('no choice of slots');
  let choice = FLOOR_ONLY;
  for (const line of lines) {
    const [word = '', name = '', seal = '', version = ''] = line.split(' ');
    if (word === 'committed' && isPlace(name)) choice = { ...choice, committed: name };
    else if (word === 'previous' && isPlace(name)) choice = { ...choice, previous: name };
    else if (word === 'trial' && name === '-') choice = { ...choice, trial: undefined };
    else if (word === 'trial' && isSlot(name)) choice = { ...choice, trial: name };
    else if (word === 'slot' && isSlot(name) && SEAL.test(seal) && VERSION.test(version))
      choice = { ...choice, slots: { ...choice.slots, [name]: { seal, version } } };
    else throw new Error(`not understood: ${line.slice(0, 80)}`);
  }
  return choice;
}

/** True for the name of a slot. */
export function isSlot(name: string): name is Slot {
  return (SLOTS as readonly string[]).includes(name);
}

function isPlace(name: string): name is Place {
  return NAME.test(name);
}

/** Starts of a slot that the launcher has noted (`slots/tries`, a line `SLOT BOOT` each): in this boot, or ended by a watchdog; and all. */
export function countTries(
  text: string,
  slot: Slot,
  bootId: string,
): { readonly inBoot: number; readonly all: number } {
  const own = text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([name]) => name === slot);
  return { inBoot: own.filter(([, boot]) => boot === bootId || boot === 'watchdog').length, all: own.length };
}

/** The notes of the launcher without the last one of this slot in this boot: a run that ended in order was no failure. */
export function withoutLastTry(text: string, slot: Slot, bootId: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const at = lines.lastIndexOf(`${slot} ${bootId}`);
  if (at >= 0) lines.splice(at, 1);
  return lines.map((line) => `${line}\n`).join('');
}
