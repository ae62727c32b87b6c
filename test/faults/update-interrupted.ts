import { stat } from 'node:fs/promises';
import { NEW_VERSION } from './update-programs.js';
import { UpdateBench } from './update-bench.js';

/** What an update cost whose download was interrupted again and again. */
export interface InterruptedUpdate {
  readonly interruptions: number;
  readonly archiveBytes: number;
  /** Payload of archives that the server sent, lost connections included. */
  readonly sentBytes: number;
  /** Questions for an archive after the update was committed. */
  readonly askedAfterwards: number;
}

/** Updates a receiver over a network that is lost ten times, then lets it ask the repository again. */
export async function interruptedUpdate(folder: string, interruptions = 10): Promise<InterruptedUpdate> {
  const bench = await UpdateBench.open(folder);
  try {
    const program = await bench.programs.archiveOf(NEW_VERSION);
    await bench.renew([program]);
    // Paced: what a fast loopback holds in its buffers is no download.
    bench.server.pauseMs = 5;
    const archiveBytes = (await stat(program.archive)).size;
    bench.server.cuts.push(
      ...Array.from({ length: interruptions }, () => archiveBytes / (interruptions + 1)),
    );
    await bench.begin();
    await bench.until(
      'it is committed',
      async () => (await bench.kept())?.stage.kind === 'committed',
      120_000,
    );
    const sentBytes = bench.server.archiveBytes;
    const cut = interruptions - bench.server.cuts.length;
    const before = bench.server.asked.length;
    await bench.receiver.loa(['update', 'check']);
    await bench.until('it was asked again', async () => bench.server.asked.length > before);
    await bench.playsAndReports(NEW_VERSION);
    const askedAfterwards = bench.server.asked
      .slice(before)
      .filter((path) => path.startsWith('targets/')).length;
    return { interruptions: cut, archiveBytes, sentBytes, askedAfterwards };
  } finally {
    await bench.close();
  }
}
