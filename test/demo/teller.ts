import { ERROR_TEXTS } from '../../agent/core/error-texts.js';
import { explain, type ErrorCode, type Language } from '../../agent/core/errors.js';
import { tell, type DEMO_TEXTS } from './texts.js';

/** A moment of the demo worth a mark in the picture. */
export interface Mark {
  readonly atMs: number;
  readonly kind: 'step' | 'refused' | 'cut' | 'mended';
  readonly receiver?: string;
  readonly text: string;
}

const SIGNS = { step: '▶', refused: '✗', cut: '!', mended: '✓' } as const;
const DULL = '\u001b[2m';
const PLAIN = '\u001b[0m';

/** Prints the timeline while it happens: seconds since the start, a sign, what happens; at most 80 columns. */
export class Teller {
  readonly marks: Mark[] = [];
  readonly language: Language;
  readonly #startMs = Date.now();
  readonly #print: (line: string) => void;
  readonly #colour: boolean;

  constructor(language: Language, print: (line: string) => void, colour: boolean) {
    this.language = language;
    this.#print = print;
    this.#colour = colour;
  }

  /** A step of the story. */
  step(text: keyof typeof DEMO_TEXTS, kind: Mark['kind'] = 'step', receiver?: string): void {
    const said = tell(text, this.language);
    this.marks.push({ atMs: Date.now(), kind, text: said, ...(receiver === undefined ? {} : { receiver }) });
    this.#line(SIGNS[kind], said, false);
  }

  /** What a receiver does. */
  receiver(id: string, text: keyof typeof DEMO_TEXTS, more = ''): void {
    this.#line('  ', `${id} ${tell(text, this.language)}${more === '' ? '' : ` ${more}`}`, true);
  }

  /** What somebody refuses. */
  refusal(who: string, code: string): void {
    this.marks.push({ atMs: Date.now(), kind: 'refused', receiver: who, text: code });
    const why = isErrorCode(code) ? `${code} ${explain(code, this.language).cause}` : code;
    this.#line('  ', `${who} ${tell('refusedBy', this.language)}: ${why}`, true);
  }

  #line(sign: string, text: string, dull: boolean): void {
    const seconds = ((Date.now() - this.#startMs) / 1000).toFixed(1).padStart(5);
    const line = `${seconds} s  ${sign.padEnd(2)} ${text}`;
    for (const part of wrapped(line, 80)) this.#print(dull && this.#colour ? `${DULL}${part}${PLAIN}` : part);
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_TEXTS, code);
}

function wrapped(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    const cut = at > 20 ? at : width;
    lines.push(rest.slice(0, cut));
    rest = `${' '.repeat(12)}${rest.slice(cut).trimStart()}`;
  }
  return [...lines, rest];
}
