import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../agent/core/errors.js';
import { makeCorpus } from './fuzz-corpus.js';
import { plainTargets, type Target } from './parser-targets.js';
import { Random } from './random.js';
import { commandLineTarget, technicianTarget } from './socket-targets.js';

/** What one parser made of its inputs. */
export interface ParserResult {
  readonly name: string;
  readonly rounds: number;
  /** How often each outcome was met: codes, formats, `taken`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What was thrown without a name of ours, or broke a rule; the first five. */
  readonly faults: readonly string[];
  /** The slowest input, milliseconds of the processor. */
  readonly slowestMs: number;
}

/** What all parsers made of their inputs. */
export interface ParserFuzzResult {
  readonly seed: number;
  readonly parsers: readonly ParserResult[];
  /** Growth of resident memory over the whole run, MiB. */
  readonly growthMb: number;
}

/** An input that takes longer is a fault, milliseconds: the machine of a test may be busy. */
const SLOW_MS = 2_000;
const CONNECTIONS_OF = 20;
const PROCESSES_OF = 1_000;

/**
 * Gives each parser random and mutated input; for the socket one connection for every twenty rounds, for the command line
 * one process for every thousand.
 * @param processes false leaves the command line out
 * @param slowMs an input that takes longer, in time of the processor, is a fault; 2 s by default
 */
export async function fuzzParsers(
  options: {
    readonly seed: number;
    readonly rounds: number;
    readonly processes: boolean;
    readonly slowMs?: number;
  },
  tell: (result: ParserResult) => void = () => undefined,
): Promise<ParserFuzzResult> {
  const { seed, rounds, processes, slowMs = SLOW_MS } = options;
  const folder = await mkdtemp(join(tmpdir(), 'loa-fuzz-'));
  const technician = await technicianTarget(folder);
  const parsers: ParserResult[] = [];
  const add = async (target: Target, count: number): Promise<void> => {
    const result = await tryParser(target, new Random(seed + parsers.length), count, slowMs);
    parsers.push(result);
    tell(result);
  };
  try {
    const targets = await plainTargets(await makeCorpus());
    const startMb = process.memoryUsage.rss() / 2 ** 20;
    for (const target of targets) await add(target, rounds);
    await add(technician, Math.ceil(rounds / CONNECTIONS_OF));
    if (processes) await add(await commandLineTarget(folder), Math.ceil(rounds / PROCESSES_OF));
    return { seed, parsers, growthMb: process.memoryUsage.rss() / 2 ** 20 - startMb };
  } finally {
    await technician.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryParser(
  target: Target,
  random: Random,
  rounds: number,
  slowMs: number,
): Promise<ParserResult> {
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];
  let slowestMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    let outcome: string;
    try {
      outcome = await target.feed(random);
    } catch (error) {
      outcome = 'FAULT';
      if (faults.length < 5) faults.push(`round ${round}: ${messageOf(error)}`);
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    // Time of the processor: a machine that stalls for two seconds says nothing of a parser.
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1_000;
    slowestMs = Math.max(slowestMs, tookMs);
    if (tookMs > slowMs && target.name !== 'command line' && faults.length < 5)
      faults.push(`round ${round}: ${tookMs.toFixed(0)} ms`);
  }
  return { name: target.name, rounds, outcomes, faults, slowestMs };
}
