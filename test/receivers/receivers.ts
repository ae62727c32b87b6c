import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder } from '../../build/images/cache.js';
import type { SimulatedArchitecture } from '../../build/images/image.js';
import { makeDeb } from '../../build/packages/deb.js';
import { releaseOf } from '../../build/packages/release.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { runScenarios } from '../simulation/run.js';
import { SCENARIOS } from '../simulation/scenarios/all.js';
import { KeptLog } from '../support/kept-log.js';

const TOOLS = [
  ...['mmdebstrap', 'depmod', 'xz', 'qemu-system-aarch64', 'qemu-img', 'mke2fs'],
  ...['mosquitto', 'icecast2', 'ffmpeg'],
];

/** Why no receiver can be booted here; false where one can. For tap's `skip`. */
export function withoutReceivers(tools: readonly string[] = TOOLS): string | false {
  if (process.getuid?.() !== 0) return 'missing tool: the rights of root';
  // Not by running it: what counts is that it is there, and some want arguments.
  const missing = tools.find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  return missing === undefined ? false : `missing tool: ${missing}`;
}

/** The package for Debian 13, made now. */
export async function debFor(architecture: SimulatedArchitecture): Promise<string> {
  const root = repositoryRoot(import.meta.url);
  const target = { architecture, debian: 13, carriesNode: false } as const;
  return makeDeb({ root, release: await releaseOf(root), out: await cacheFolder('packages'), target });
}

/** The part of a tap test that is needed here. */
interface Assertions {
  comment(line: string): void;
  ok(value: unknown, message: string): unknown;
  same(found: unknown, wanted: unknown, message: string): unknown;
}

/** Boots a receiver of an architecture and goes through scenarios; each step is an assertion. */
export async function playScenarios(
  test: Assertions,
  architecture: SimulatedArchitecture,
  names: readonly string[],
): Promise<void> {
  const root = repositoryRoot(import.meta.url);
  const { steps } = await runScenarios({
    ...{ root, architecture, log: new KeptLog(), out: join(root, 'simulate-out', architecture) },
    scenarios: SCENARIOS.filter(({ name }) => names.includes(name)),
    tell: (line) => test.comment(line),
  });
  for (const { scenario, title, text, holds } of steps) test.ok(holds, `${scenario}: ${title}: ${text}`);
  const told = new Set(steps.map(({ scenario }) => scenario));
  test.same(
    names.filter((name) => !told.has(name)),
    [],
    'every scenario was tried',
  );
}
