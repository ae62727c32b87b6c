import { isMainThread } from 'node:worker_threads';

/**
 * Loaded before the program by `NODE_OPTIONS=--import`: blocks the main thread for 40 of every 100 ms, as no program
 * should. It is no part of the product and no setting of it: only who starts the process can ask for it.
 */
const EVERY_MS = 100;
const BLOCKED_MS = 40;

if (isMainThread && process.argv.includes('run')) {
  setInterval(() => {
    const untilMs = performance.now() + BLOCKED_MS;
    while (performance.now() < untilMs);
  }, EVERY_MS).unref();
}
