import type { Bench } from './bench.js';
import type { Stage } from './stage.js';

/** A text in both languages. */
export interface Text {
  readonly vi: string;
  readonly en: string;
}

/** What became of an attack. */
export interface Verdict {
  readonly stopped: boolean;
  /** What was seen, one line: codes of refusals, what was heard. */
  readonly seen: string;
}

interface Row {
  /** Short name; the test of this row bears it. */
  readonly id: string;
  readonly threat: Text;
  /** What stops it. */
  readonly stops: Text;
  /** What is missing, where the product does not stop it yet. A test compares this with the attack's verdict. */
  readonly open?: Text;
}

/** A threat tried on the real parts in one process: messages really signed, journal, documents, programme. */
export interface PieceThreat extends Row {
  attack(bench: Bench): Promise<Verdict>;
}

/** A threat tried on the running program, with a real broker and TLS. */
export interface ProcessThreat extends Row {
  attackProcess(stage: Stage): Promise<Verdict>;
}

/** A row of the table. */
export type Threat = PieceThreat | ProcessThreat;

/** The name of the test that tries a threat. */
export function testNameOf(threat: Threat): string {
  return `${threat.id}: ${threat.threat.en}`;
}
