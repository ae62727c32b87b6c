import { explain, type ErrorCode } from '../../agent/core/errors.js';
import { CHAIN } from '../../agent/technician/diagnose/chain.js';
import { firstFault, judgeAll } from '../../agent/technician/diagnose/check.js';
import type { Facts } from '../../agent/technician/diagnose/facts.js';
import { summaryText } from '../../agent/technician/diagnose/report-text.js';
import type { PoleBench, PoleDiagnosis, Through } from './pole-bench.js';

/** A fault put in, and what a technician must be told. */
export interface PoleFault {
  readonly name: string;
  /**
   * `real`: by the part itself; `recorded`: by files and output as such a part gives them; `told`: the fact of a part that is not on
   * this machine is set, and judged by the same chain.
   */
  readonly part: 'real' | 'recorded' | 'told';
  readonly code: ErrorCode;
  /** Of the remedy in English: what to do must be in it. */
  readonly remedy: RegExp;
  /** For `told`: over the facts of a receiver that is well. */
  readonly facts?: (well: Facts) => Partial<Facts>;
  /** Else: puts it in, and tells how to ask. */
  readonly seed?: (bench: PoleBench) => Promise<Through | undefined>;
  /** Takes it out again. */
  readonly mend?: (bench: PoleBench) => Promise<unknown>;
}

/** What became of one. */
export interface PoleVerdict {
  readonly name: string;
  readonly part: PoleFault['part'];
  readonly wanted: ErrorCode;
  readonly named: ErrorCode | undefined;
  /** The summary gives the remedy that belongs to it, in both languages. */
  readonly remedyRight: boolean;
  /** Of the whole process; undefined where none was run. */
  readonly processMs?: number;
  readonly failure?: string;
}

/** Puts in one fault, asks, takes it out. */
export async function tryFault(fault: PoleFault, bench: PoleBench, well: Facts): Promise<PoleVerdict> {
  const { name, part, code, facts } = fault;
  const row = { name, part, wanted: code };
  try {
    if (facts !== undefined) {
      const seen = { ...well, ...facts(well) };
      const judged = judgeAll(CHAIN, seen);
      const named = firstFault(judged)?.verdict.code;
      return { ...row, named, remedyRight: remedyIn({ judged, facts: seen, tookMs: 0 }, fault) };
    }
    const through = await fault.seed?.(bench);
    const found: PoleDiagnosis = await bench.diagnosed(through ?? {});
    const diagnosis = { judged: found.checks, facts: found.facts, tookMs: found.tookMs };
    return {
      ...row,
      named: found.first?.code,
      remedyRight: remedyIn(diagnosis, fault),
      processMs: found.processMs,
    };
  } catch (error) {
    return { ...row, named: undefined, remedyRight: false, failure: String(error).slice(0, 300) };
  } finally {
    await fault.mend?.(bench);
  }
}

/** The remedy is the right one of the table, and stands whole in the summary of both languages. */
function remedyIn(diagnosis: Parameters<typeof summaryText>[0], { code, remedy }: PoleFault): boolean {
  const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
  return (
    remedy.test(explain(code, 'en').remedy) &&
    (['vi', 'en'] as const).every((language) =>
      flat(summaryText(diagnosis, language)).includes(flat(explain(code, language).remedy)),
    )
  );
}
