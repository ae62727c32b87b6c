import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../agent/core/errors.js';
import type { Log } from '../../agent/core/log.js';
import { receiverImage, type SimulatedArchitecture } from '../../build/images/image.js';
import { cacheFolder } from '../../build/images/cache.js';
import { makeDeb } from '../../build/packages/deb.js';
import { releaseOf } from '../../build/packages/release.js';
import { timelineSvg } from '../demo/picture.js';
import type { Mark } from '../demo/teller.js';
import type { Scenario } from './scenario.js';
import { RECEIVER, Stage, type StageFigures } from './stage.js';

/** A run of scenarios on one receiver. */
export interface RunRequest {
  /** Root of the checkout. */
  readonly root: string;
  readonly architecture: SimulatedArchitecture;
  readonly scenarios: readonly Scenario[];
  /** Recordings, console, journal, timeline and report are left here. */
  readonly out: string;
  readonly log: Log;
  readonly tell: (line: string) => void;
  readonly onConsole?: (line: string) => void;
}

/** How one step came out. */
export interface StepResult {
  readonly scenario: string;
  readonly title: string;
  readonly seconds: number;
  /** What was seen, or why it failed. */
  readonly text: string;
  readonly holds: boolean;
}

/** How a run came out. */
export interface RunResult {
  readonly architecture: SimulatedArchitecture;
  readonly steps: readonly StepResult[];
  readonly figures: StageFigures;
}

/**
 * Makes the package and the image where they are not there yet, boots a receiver and goes through the scenarios on it. A step
 * that fails ends its scenario; the next one is tried all the same, unless the receiver was never enrolled.
 */
export async function runScenarios(request: RunRequest): Promise<RunResult> {
  const { root, architecture, out, tell } = request;
  await mkdir(out, { recursive: true });
  const release = await releaseOf(root);
  const deb = await makeDeb({
    ...{ root, release, out: await cacheFolder('packages') },
    target: { architecture, debian: 13, carriesNode: false },
  });
  const image = await receiverImage({ root, architecture, deb, tell });
  const stage = await Stage.set({
    ...{ architecture, image, out, log: request.log },
    ...(request.onConsole === undefined ? {} : { onConsole: request.onConsole }),
  });
  const steps: StepResult[] = [];
  const marks: Mark[] = [];
  try {
    for (const scenario of request.scenarios) {
      tell(`== ${architecture} ${scenario.name}: ${scenario.about}`);
      const results = await runScenario(stage, scenario, marks, tell);
      steps.push(...results);
      if (scenario.name === 'enrol' && results.some(({ holds }) => !holds)) break;
    }
  } finally {
    await leaveTraces(stage, marks, out).catch((error: unknown) => tell(`traces: ${messageOf(error)}`));
    await stage.close();
  }
  const result = { architecture, steps, figures: stage.figures };
  await writeFile(join(out, 'report.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  return result;
}

async function runScenario(
  stage: Stage,
  scenario: Scenario,
  marks: Mark[],
  tell: (line: string) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const step of scenario.steps) {
    const { title } = step;
    const startedMs = performance.now();
    marks.push({ atMs: Date.now(), kind: 'step', text: `${scenario.name}: ${title}` });
    const ended = await step.run(stage).then(
      (text) => ({ text, holds: true }),
      (error: unknown) => ({ text: messageOf(error), holds: false }),
    );
    const seconds = (performance.now() - startedMs) / 1000;
    tell(`${ended.holds ? 'ok  ' : 'FAIL'} ${title} (${seconds.toFixed(0)} s)\n       ${ended.text}`);
    results.push({ scenario: scenario.name, title, seconds, ...ended });
    if (!ended.holds) break;
  }
  return results;
}

/** The journal, what the province heard, and the picture. */
async function leaveTraces(stage: Stage, marks: readonly Mark[], out: string): Promise<void> {
  const { ears } = stage.province;
  const receipts = ears.receipts.map(({ message }) => message.body);
  const lane = { receiver: RECEIVER, hamlet: stage.architecture, receipts, heard: undefined };
  if (marks.length > 0) await writeFile(join(out, 'timeline.svg'), timelineSvg([lane], marks));
  const heard = {
    states: ears.states,
    replies: ears.replies,
    receipts,
    events: ears.events,
    disbelieved: ears.disbelieved,
  };
  await writeFile(join(out, 'heard.json'), `${JSON.stringify(heard, undefined, 1)}\n`);
  if (stage.machine.boots === 0) return;
  const { output } = await stage.machine.run(
    'journalctl -q --no-pager -o short-precise | tail -n 4000',
    60_000,
  );
  await writeFile(join(out, 'journal.txt'), output);
}
