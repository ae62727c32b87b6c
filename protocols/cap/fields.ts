import { LoaError } from '../../agent/core/errors.js';
import { printable } from '../printable.js';
import type { XmlElement } from './xml-tree.js';
import type { CapName } from './alert.js';

/** How often an element may stand in its parent. */
export type Count = 'one' | 'optional' | 'many';

/** The elements of one parent, by name, each as often as the standard allows. */
export class Fields {
  readonly #of: string;
  readonly #byName = new Map<string, XmlElement[]>();

  /**
   * @param counts the names that are allowed and how often
   * @throws LoaError `E_CAP_FIELD` for one that is not, stands too often, or is missing
   */
  constructor(element: XmlElement, namespace: string, counts: Readonly<Record<string, Count>>, most: number) {
    this.#of = element.local;
    if (element.children.length === 0 && element.text !== '')
      throw wrong(`${this.#of} has text, no elements`);
    for (const child of element.children) {
      const count = Object.hasOwn(counts, child.local) ? counts[child.local] : undefined;
      if (child.uri !== namespace || count === undefined)
        throw wrong(`${this.#of} may not have ${shown(child.local)}`);
      const before = this.#byName.get(child.local) ?? [];
      if (before.length >= (count === 'many' ? most : 1))
        throw wrong(`${this.#of} has too many ${child.local}`);
      this.#byName.set(child.local, [...before, child]);
    }
    for (const [name, count] of Object.entries(counts)) {
      if (count === 'one' && !this.#byName.has(name)) throw wrong(`${this.#of} has no ${name}`);
    }
  }

  /** The elements of a name. */
  all(name: string): readonly XmlElement[] {
    return this.#byName.get(name) ?? [];
  }

  /** Their texts; an empty one counts as left out. @throws LoaError `E_CAP_FIELD` where one has elements */
  texts(name: string): string[] {
    return this.all(name)
      .map((one) => {
        if (one.children.length > 0) throw wrong(`${this.#of}: ${name} has elements`);
        return one.text;
      })
      .filter((text) => text !== '');
  }

  /** The text of one that may be left out. */
  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  /** The text of one that must be there. @throws LoaError `E_CAP_FIELD` */
  needed(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw wrong(`${this.#of}: ${name} is empty`);
    return text;
  }

  /** One of some words, exactly as they are written. @throws LoaError `E_CAP_FIELD` */
  word<T extends string>(name: string, words: readonly T[]): T {
    return wordOf(name, this.needed(name), words);
  }

  /** Several of some words. @throws LoaError `E_CAP_FIELD` */
  words<T extends string>(name: string, words: readonly T[]): T[] {
    return this.texts(name).map((text) => wordOf(name, text, words));
  }

  /** An instant, Unix milliseconds. @throws LoaError `E_CAP_FIELD` */
  instant(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : instantOf(name, text);
  }
}

/** A refusal of a field. */
export function wrong(detail: string): LoaError {
  return new LoaError('E_CAP_FIELD', detail);
}

/** A text of the document, fit for an event. */
export function shown(text: string): string {
  return printable(text, 40);
}

function wordOf<T extends string>(name: string, text: string, words: readonly T[]): T {
  const word = words.find((one) => one === text);
  if (word === undefined) throw wrong(`${name}: ${shown(text)}`);
  return word;
}

/**
 * A DateTime of clause 3.3.2: seconds, no fraction of them, a numeric zone; `Z` must not be used.
 * @returns Unix milliseconds
 * @throws LoaError `E_CAP_FIELD`
 */
export function instantOf(name: string, text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)([+-]\d\d:\d\d)$/.exec(text);
  const ms = parts === null ? NaN : Date.parse(text);
  // Date.parse takes 30 February for a day of March.
  const isDay = parts !== null && sameDay(parts[1] ?? '');
  if (Number.isNaN(ms) || !isDay) throw wrong(`${name} is no DateTime of CAP: ${shown(text)}`);
  return ms;
}

function sameDay(day: string): boolean {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const february = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  const days = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return date >= 1 && date <= days;
}

/** `sender` and `identifier`, clause 3.2.1: no spaces, no commas. @throws LoaError `E_CAP_FIELD` */
export function nameText(name: string, text: string): string {
  if (/[\s,<&]/.test(text) || text.length > 200) throw wrong(`${name}: ${shown(text)}`);
  return text;
}

/** `references`, clause 3.2.1: `sender,identifier,sent`, one space between two. @throws LoaError `E_CAP_FIELD` */
export function referencesOf(text: string | undefined, most: number): CapName[] {
  if (text === undefined) return [];
  const all = text.split(/\s+/);
  if (all.length > most) throw wrong(`more than ${most} references`);
  return all.map((one) => {
    const [sender = '', identifier = '', sent = '', ...more] = one.split(',');
    if (sender === '' || identifier === '' || more.length > 0) throw wrong(`references: ${shown(one)}`);
    return {
      sender: nameText('references', sender),
      identifier: nameText('references', identifier),
      sentMs: instantOf('references', sent),
    };
  });
}
