import type { Facts } from '../../agent/technician/diagnose/facts.js';
import { BOARD_FAULTS } from './pole-board-faults.js';
import { PoleBench } from './pole-bench.js';
import { tryFault, type PoleFault, type PoleVerdict } from './pole-fault.js';
import { MACHINE_FAULTS } from './pole-machine-faults.js';
import { NETWORK_FAULTS } from './pole-network-faults.js';
import { SOUND_FAULTS } from './pole-sound-faults.js';
import { TOLD_FAULTS } from './pole-told.js';

/** Every fault of a pole, with what `loa diagnose` must say of it. */
export const POLE_FAULTS: readonly PoleFault[] = [
  ...TOLD_FAULTS,
  ...BOARD_FAULTS,
  ...MACHINE_FAULTS,
  ...NETWORK_FAULTS,
  ...SOUND_FAULTS,
];

/** What was found at the pole. */
export interface PoleReport {
  readonly verdicts: readonly PoleVerdict[];
  /** The code named where nothing was put in: none, or nothing is proved. */
  readonly well: string;
  readonly slowestMs: number;
}

/** Puts in each fault in turn; a bench that a fault has left in ruins is set up anew by its mending. */
export async function poleFaults(
  folder: string,
  progress: (line: string) => void,
  faults: readonly PoleFault[] = POLE_FAULTS,
): Promise<PoleReport> {
  const bench = await PoleBench.open(folder);
  try {
    const { facts, first } = await bench.diagnosed();
    const well: Facts = facts;
    const verdicts: PoleVerdict[] = [];
    for (const fault of faults) {
      const verdict = await tryFault(fault, bench, well);
      verdicts.push(verdict);
      progress(
        `${verdict.part} ${verdict.name}: ${verdict.named ?? 'nothing'}${verdict.named === verdict.wanted ? '' : ` (wanted ${verdict.wanted}) ${verdict.failure ?? ''}`} ${verdict.processMs ?? 0} ms`,
      );
    }
    return {
      verdicts,
      well: first?.code ?? '',
      slowestMs: Math.max(0, ...verdicts.map(({ processMs = 0 }) => processMs)),
    };
  } finally {
    await bench.close();
  }
}
