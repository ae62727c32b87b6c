import { ERROR_TEXTS, type ErrorCode } from './error-texts.js';

/** Facts that go with an error or a refusal: small, printable, never secret. */
export type ErrorFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The one error class of Loa. `code` is stable: it stands in logs, events, receipts and `ERRORS.md`, where its
 * cause and remedy are given in Vietnamese and English.
 */
export class LoaError extends Error {
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, detail: string, options: { cause?: unknown; fields?: ErrorFields } = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LoaError';
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

/** An expected outcome that is not an exception: a message refused, a play that could not sound. */
export interface Refusal {
  readonly code: ErrorCode;
  /** One line for logs and events; English, no secrets, no payload. */
  readonly detail: string;
  readonly fields?: ErrorFields;
}

/** Either a value or the reason why there is none. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** A successful {@link Outcome}. */
export function accepted<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A refused {@link Outcome}. */
export function refused<T = never>(code: ErrorCode, detail: string, fields?: ErrorFields): Outcome<T> {
  return { ok: false, refusal: fields === undefined ? { code, detail } : { code, detail, fields } };
}

/** Whether it is one of the stable codes of the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TEXTS, code);
}

/** The stable code of anything thrown: its own if it is a LoaError, otherwise `E_INTERNAL`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof LoaError ? error.code : 'E_INTERNAL';
}

/** The message of anything thrown, one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

/** The language of a text for people. */
export type Language = 'vi' | 'en';

/** What went wrong and what to do, for a person, in one language. */
export function explain(code: ErrorCode, language: Language): { cause: string; remedy: string } {
  return ERROR_TEXTS[code][language];
}

export type { ErrorCode };
