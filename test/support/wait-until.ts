import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `check` again and again until it gives something other than undefined or false, and returns that.
 * @throws Error naming `what` when the deadline passes first
 */
export async function waitUntil<T>(
  what: string,
  check: () => T | Promise<T>,
  options: { readonly deadlineMs?: number; readonly everyMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const { deadlineMs = 10_000, everyMs = 20 } = options;
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() >= endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(everyMs);
  }
}

/**
 * Gives up waiting for `work` after `deadlineMs`. The work itself goes on.
 * @throws Error naming `what`
 */
export async function within<T>(what: string, work: Promise<T>, deadlineMs = 10_000): Promise<T> {
  const timeout = new AbortController();
  const tooLate = sleep(deadlineMs, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`not within ${deadlineMs} ms: ${what}`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    // The sleep rejects with AbortError, which nobody waits for any more.
    tooLate.catch(() => undefined);
    timeout.abort();
  }
}
