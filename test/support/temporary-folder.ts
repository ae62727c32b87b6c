import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of a tap test that clears up after itself. */
export interface Teardown {
  teardown(run: () => unknown): void;
}

/** A folder of its own for one test; gone when the test ends. */
export async function temporaryFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
