import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { messageOf } from './core/errors.js';
import type { Log } from './core/log.js';

const run = promisify(execFile);

/**
 * Keeps this process from writing its memory, the private key in it, to a core file. Node cannot call setrlimit(2):
 * util-linux's `prlimit` sets RLIMIT_CORE to 0 from outside, for good. A core that the kernel pipes to a program is
 * not bound by that limit (core(5)), so that no mapping is put into any core either (coredump_filter). What could not be
 * done is logged; the receiver runs all the same.
 */
export async function forbidCores(log: Log): Promise<void> {
  if (process.platform !== 'linux') return;
  const tries = await Promise.allSettled([
    writeFile('/proc/self/coredump_filter', '0'),
    run('prlimit', ['--pid', String(process.pid), '--core=0:0'], { timeout: 2_000 }),
  ]);
  for (const one of tries) {
    if (one.status === 'rejected') log.warn({ error: messageOf(one.reason) }, 'cores are not forbidden');
  }
}

/** Whether a process can write no core: its limit is 0 and none of its mappings would be in one. Read from /proc. */
export async function coresForbidden(pid: number): Promise<boolean> {
  const [limits, filter] = await Promise.all([
    readFile(`/proc/${pid}/limits`, 'utf8'),
    readFile(`/proc/${pid}/coredump_filter`, 'utf8'),
  ]);
  return /^Max core file size\s+0\s+0\s/m.test(limits) && Number.parseInt(filter, 16) === 0;
}
