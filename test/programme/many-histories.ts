import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { HistoriesAsked, HistoriesPlayed } from './history-worker.js';

/**
 * Plays histories with consecutive seeds, shared out among threads of this process.
 * @returns their sums, and the first ten histories in which something was heard that should not have been
 * @throws what a thread died of
 */
export async function playHistories(
  asked: HistoriesAsked,
  threads: number,
): Promise<HistoriesPlayed & { readonly tookMs: number }> {
  const startedMs = performance.now();
  const each = Math.ceil(asked.count / threads);
  const parts = Array.from({ length: threads }, (_, i) => ({
    ...asked,
    firstSeed: asked.firstSeed + i * each,
    count: Math.max(0, Math.min(each, asked.count - i * each)),
  }));
  const played = await Promise.all(parts.map(onThread));
  const sum = (of: (one: HistoriesPlayed) => number): number =>
    played.reduce((total, one) => total + of(one), 0);
  return {
    histories: sum(({ histories }) => histories),
    opened: sum(({ opened }) => opened),
    heardMs: sum(({ heardMs }) => heardMs),
    bad: sum(({ bad }) => bad),
    found: played.flatMap(({ found }) => found).slice(0, 10),
    tookMs: performance.now() - startedMs,
  };
}

async function onThread(workerData: HistoriesAsked): Promise<HistoriesPlayed> {
  const worker = new Worker(new URL('./history-worker.js', import.meta.url), { workerData });
  const [played] = (await once(worker, 'message')) as [HistoriesPlayed];
  await worker.terminate();
  return played;
}
