import { join } from 'node:path';
import { openPowerCutDisk, type CutCounts } from '../fixtures/power-cut-disk/disk.js';
import { outboxKills, type OutboxKills } from './outbox-kills.js';

/** What power cuts led to, and what they took of the disk. */
export interface PowerCuts extends OutboxKills {
  readonly disk: CutCounts;
}

/** The same as `outboxKills`, on a disk that loses with each death what was not synced. */
export async function powerCuts(plan: {
  readonly cuts: number;
  readonly records: number;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly progress?: (line: string) => void;
}): Promise<PowerCuts> {
  const { cuts: kills, records, random, progress } = plan;
  const disk = await openPowerCutDisk();
  try {
    const found = await outboxKills({
      ...{ kills, records, random, storeFolder: join(disk.folder, 'store') },
      ...(progress === undefined ? {} : { progress }),
      afterKill: () => disk.cut(Math.floor(random() * 2 ** 31)),
    });
    return { ...found, disk: await disk.counts() };
  } finally {
    await disk.close();
  }
}
