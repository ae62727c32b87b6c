import { parseArgs } from 'node:util';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { Slot } from '../../protocols/topics.js';

/** How the tool is used, for a person. */
export const USAGE = `Usage: npm run source -- VERB [options]      (a simulated province, for demo and tests)

  start      [--broker-port N] [--media-port N] [--mirror-port N] [--live NAME=FILE]...
             run authority, MQTT broker, media server and mirror until Ctrl-C
  enrol      --id ID --csr FILE --home AREA [--group GROUP]... --out FOLDER
             sign a receiver's request; writes cert.pem, anchors.pem, trust.json into FOLDER
  play       (--url URL | --file FILE | --stored chime|siren | --text WORDS)
             (--area AREA | --receiver ID | --group GROUP)
             [--class normal|priority] [--minutes N] [--gain DB] [--title TEXT] [--as AUTHORITY]
             [--pin HEX]  with --url: SHA-256 of the public key that its server must have
             [--backup URL] [--else chime|siren]     while the source gives no sound
             [--lang vi|en] [--voice vi|vi-vn-x-central|vi-vn-x-south|en-gb|en-us] [--speed WORDS-A-MINUTE]
  stop       [--play ID] [--as AUTHORITY]      the newest play where no ID is given
  emergency  (--url URL | --file FILE | --stored chime|siren | --text WORDS | --message NUMBER [--languages vi,km])
             (--area AREA | --receiver ID)
             [--severity minor|moderate|severe|extreme] [--status actual|exercise|test]
             [--minutes N] [--every SECONDS] [--title TEXT] [--as AUTHORITY]
  cap        FILE (--area AREA | --receiver ID) [--minutes N] [--every SECONDS] [--else chime|siren] [--as AUTHORITY]
             put a CAP 1.2 alert in force; an update or a cancellation takes away what it refers to
  messages   --receiver ID [--keep NUMBER.LANGUAGE=FILE]...
             the numbered messages that it keeps for emergencies, all of them
  cancel     (--area AREA | --receiver ID) [--emergency ID] [--as AUTHORITY]      all of them where no ID is given
  mirror     [--out FOLDER]     write the files of the mirror, to be served over HTTPS by any web server
  renew      (--area AREA | --receiver ID | --group GROUP) [--within SECONDS] [--as AUTHORITY]
             have receivers renew their certificates
  assign     RECEIVER --home AREA [--group GROUP]... [--position LATITUDE,LONGITUDE] [--geocode NAME=VALUE]...
             where it stands from now on
  token      RECEIVER [--hours N]      a one-time token for its enrolment over the network (EST)
  retire     --receiver ID      take a receiver out of service: it wipes itself
  permit     --receiver ID... --day YYYY-MM-DD... [--as AUTHORITY]
             print a permit for sound on site outside the permitted hours: loa permit FILE
  revoke     AUTHORITY          publish the next trust document, which revokes it from now on
  trust                         who may speak, and every version of the trust document
  verify     FILE               check signatures and chain of receipts.json (of the demo, or of a list of JWS)
  watch      print what receivers say until Ctrl-C

Everywhere: --dir FOLDER, where the province is kept (by default ~/.local/state/loa-province, or LOA_PROVINCE).
Authorities: province, tan-hoa, an-phu. Areas: vinh-long > tan-hoa (ap-1, ap-2), an-phu (ap-3).
`;

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;
const sound = {
  ...{ url: text, pin: text, file: text, stored: text, text, lang: text, voice: text, speed: text },
  ...{ title: text, minutes: text, as: text },
} as const;

const OPTIONS = {
  start: { 'broker-port': text, 'media-port': text, 'mirror-port': text, live: list },
  enrol: { id: text, csr: text, home: text, group: list, out: text },
  play: {
    ...{ ...sound, area: text, receiver: text, group: text, class: text, gain: text },
    ...{ backup: text, else: text },
  },
  stop: { play: text, as: text },
  emergency: {
    ...{ ...sound, message: text, languages: text, area: text, receiver: text, severity: text },
    ...{ status: text, every: text },
  },
  messages: { receiver: text, keep: list },
  cap: { area: text, receiver: text, minutes: text, every: text, else: text, as: text },
  cancel: { area: text, receiver: text, emergency: text, as: text },
  mirror: { out: text },
  renew: { area: text, receiver: text, group: text, within: text, as: text },
  assign: { home: text, group: list, position: text, geocode: list },
  token: { hours: text },
  retire: { receiver: text, as: text },
  permit: { receiver: list, day: list, as: text },
  revoke: {},
  trust: {},
  verify: {},
  watch: {},
} as const;

/** Verbs that take one word after them, and what it is. */
const WORDS: Partial<Record<Verb, string>> = {
  revoke: 'AUTHORITY',
  assign: 'RECEIVER',
  cap: 'FILE',
  token: 'RECEIVER',
  verify: 'FILE',
};

/** What the tool can do. */
export type Verb = keyof typeof OPTIONS;

/** The options of one call, as typed, with the checks that all verbs share. */
export class Arguments {
  readonly verb: Verb;
  /** The word after a verb that takes one; empty otherwise. */
  readonly word: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws LoaError `E_USAGE` for an unknown verb or option, or an option without its value */
  constructor(argv: readonly string[]) {
    const [verb, ...rest] = argv;
    if (verb === undefined || !isVerb(verb)) {
      throw new LoaError('E_USAGE', verb === undefined ? 'a verb is missing' : `unknown verb: ${verb}`);
    }
    this.verb = verb;
    try {
      const options = { ...OPTIONS[verb], dir: text };
      const allowPositionals = WORDS[verb] !== undefined;
      const { values, positionals } = parseArgs({ args: rest, options, strict: true, allowPositionals });
      this.#values = values;
      this.word = positionals[0] ?? '';
      if (allowPositionals && positionals.length !== 1) throw new Error(`give one ${WORDS[verb] ?? ''}`);
    } catch (cause) {
      throw new LoaError('E_USAGE', `${verb}: ${messageOf(cause)}`, { cause });
    }
  }

  /** An option, or undefined. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** An option that may be given several times. */
  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }

  /** An option that must be there. @throws LoaError `E_USAGE` */
  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new LoaError('E_USAGE', `${this.verb}: --${name} is missing`);
    return value;
  }

  /** A number within bounds. @throws LoaError `E_USAGE` */
  number(name: string, least: number, most: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (value.trim() === '' || !(number >= least && number <= most)) {
      throw new LoaError('E_USAGE', `${this.verb}: --${name} must be a number from ${least} to ${most}`);
    }
    return number;
  }

  /** One of some words. @throws LoaError `E_USAGE` */
  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((one) => one === value);
    if (word === undefined)
      throw new LoaError('E_USAGE', `${this.verb}: --${name} must be one of ${words.join(', ')}`);
    return word;
  }

  /** The one option of several that is given, with its value. @throws LoaError `E_USAGE` for none or more */
  exactlyOne<T extends string>(...names: T[]): { readonly name: T; readonly value: string } {
    const given = names.flatMap((name) => {
      const value = this.text(name);
      return value === undefined ? [] : [{ name, value }];
    });
    const [only] = given;
    if (only === undefined || given.length > 1) {
      throw new LoaError('E_USAGE', `${this.verb}: give one of --${names.join(', --')}`);
    }
    return only;
  }

  /** `--area` or `--receiver`. @throws LoaError `E_USAGE` */
  slot(): Slot {
    const { name, value } = this.exactlyOne('area', 'receiver');
    return name === 'area' ? { area: value } : { receiver: value };
  }
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(OPTIONS, word);
}
