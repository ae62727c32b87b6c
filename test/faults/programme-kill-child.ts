/** A change of a schedule, a download or a line of the log, of a process that dies before its n-th change of the disk. */
import { watchDisk, type Death } from './disk-effects.js';

/** What the child is told. */
export interface ProgrammeKillOrder {
  readonly step: 'schedule' | 'media' | 'log';
  readonly at: number;
  readonly death: Death;
  readonly folder: string;
  readonly wanted: { readonly url: string; readonly sha256: string; readonly neededMs: number };
}

const order = JSON.parse(process.argv[2] ?? '') as ProgrammeKillOrder;
const effects = await watchDisk(order.at, order.death);
const steps = await import('./programme-steps.js');
switch (order.step) {
  case 'schedule':
    await steps.putSchedule(order.folder, steps.NEW);
    break;
  case 'media':
    await steps.fetchMedia(order.folder, order.wanted);
    break;
  case 'log':
    await steps.addLine(order.folder);
    break;
}
process.stdout.write(`effects ${effects()}\n`);
