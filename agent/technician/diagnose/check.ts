import type { ErrorCode, Language } from '../../core/errors.js';
import type { Text } from '../texts.js';
import type { FactName, Facts } from './facts.js';

/** What a check found. `broken`: nothing can be heard, or come, through this link; `weak`: it holds, and should be mended. */
export type Verdict =
  | { readonly kind: 'ok'; readonly detail?: string }
  | { readonly kind: 'broken' | 'weak'; readonly code: ErrorCode; readonly detail?: string }
  /** There is nothing that tells, or it could not be asked. */
  | { readonly kind: 'unknown'; readonly detail?: string }
  /** A link before it is broken. */
  | { readonly kind: 'skipped' };

/** One link of the chain. Pure: it judges facts that probes have collected. */
export interface Check {
  readonly id: string;
  readonly title: Text;
  /** Probes to wait for before it judges. */
  readonly facts: readonly FactName[];
  /** Checks before it which, where broken, make this one pointless. */
  readonly needs?: readonly string[];
  judge(facts: Facts): Verdict;
}

/** A check with what it found. */
export interface Judged {
  readonly id: string;
  readonly title: Text;
  readonly verdict: Verdict;
}

/** Judges one check after those before it. Pure. */
export function judgeNext(check: Check, before: readonly Judged[], facts: Facts): Judged {
  const { id, title, needs = [] } = check;
  const cut = before.some(
    ({ id: other, verdict }) =>
      needs.includes(other) && (verdict.kind === 'broken' || verdict.kind === 'skipped'),
  );
  return { id, title, verdict: cut ? { kind: 'skipped' } : check.judge(facts) };
}

/** Judges a whole chain by facts that are there. Pure. */
export function judgeAll(chain: readonly Check[], facts: Facts): Judged[] {
  return chain.reduce<Judged[]>((judged, check) => [...judged, judgeNext(check, judged, facts)], []);
}

/** The fault to name: the first broken link, else the first weak one; undefined where none is known. Pure. */
export function firstFault(
  judged: readonly Judged[],
): (Judged & { readonly verdict: Extract<Verdict, { code: ErrorCode }> }) | undefined {
  const of = (kind: 'broken' | 'weak') => judged.find(({ verdict }) => verdict.kind === kind);
  return (of('broken') ?? of('weak')) as ReturnType<typeof firstFault>;
}

/** One language of a text. */
export function inLanguage(text: Text, language: Language): string {
  return text[language];
}

/** What went well, with a word of detail. */
export function ok(detail?: string): Verdict {
  return detail === undefined ? { kind: 'ok' } : { kind: 'ok', detail };
}

/** A link that nothing passes. */
export function broken(code: ErrorCode, detail?: string): Verdict {
  return detail === undefined ? { kind: 'broken', code } : { kind: 'broken', code, detail };
}

/** A link that holds, and should be mended. */
export function weak(code: ErrorCode, detail?: string): Verdict {
  return detail === undefined ? { kind: 'weak', code } : { kind: 'weak', code, detail };
}

/** Nothing tells. */
export const UNKNOWN: Verdict = { kind: 'unknown' };
