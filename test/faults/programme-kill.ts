import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RangeServer } from '../programme/range-server.js';
import type { Death } from './disk-effects.js';
import type { ProgrammeKillOrder } from './programme-kill-child.js';
import {
  addLine,
  fetchMedia,
  linesThere,
  mediaThere,
  NEW,
  OLD,
  putSchedule,
  scheduleThere,
} from './programme-steps.js';

const CHILD = fileURLToPath(new URL('./programme-kill-child.js', import.meta.url));

/** The steps that are killed. */
export const PROGRAMME_STEPS = ['schedule', 'media', 'log'] as const;

/** What was found for one step. */
export interface ProgrammeKillReport {
  readonly step: ProgrammeKillOrder['step'];
  /** Effects on the disk of the whole step: how many n there are. */
  readonly effects: number;
  readonly deaths: number;
  /** How often the old and the new was found. */
  readonly old: number;
  readonly now: number;
  /** Neither, torn, or did not come to its end afterwards; one line each. */
  readonly faults: readonly string[];
}

/**
 * Kills the replacing of a schedule, a download and a line of the log before each of their changes of the disk, and does it again
 * afterwards: the old or the new must be there, never neither, never torn.
 * @param folder an empty folder
 * @param options.stride 1 for every n
 */
export async function killProgramme(
  folder: string,
  deaths: readonly Death[],
  options: { readonly stride?: number; readonly tell?: (line: string) => void } = {},
): Promise<ProgrammeKillReport[]> {
  const { stride = 1, tell = () => undefined } = options;
  const server = await RangeServer.start();
  const wanted = { ...server.add('a.mp3', Buffer.alloc(150_000, 'a')), neededMs: 1 };
  const reports: ProgrammeKillReport[] = [];
  try {
    for (const step of PROGRAMME_STEPS) {
      const whole = await run(folder, { step, at: 0, death: 'kill', wanted });
      if (whole.effects === undefined) throw new Error(`${step} fails by itself: ${whole.said}`);
      const counted = { old: 0, now: 0, deaths: 0 };
      const faults: string[] = [];
      for (const death of deaths) {
        for (let at = 1; at <= whole.effects; at += stride) {
          const died = await run(folder, { step, at, death, wanted });
          counted.deaths += 1;
          // The pieces that a network brings are not always as many: it may have come to its end first.
          if (!died.killed && step !== 'media')
            faults.push(`${step} ${death} ${at}: did not die: ${died.said}`);
          const found = await afterwards(step, died.folder, wanted);
          if (found === 'old' || found === 'now') counted[found] += 1;
          else faults.push(`${step} ${death} ${at}: ${found}`);
          await rm(died.folder, { recursive: true });
        }
      }
      tell(`${step}: ${whole.effects} effects, ${counted.deaths} deaths, ${faults.length} faults`);
      reports.push({ step, effects: whole.effects, ...counted, faults });
    }
  } finally {
    await server.close();
  }
  return reports;
}

async function run(
  within: string,
  order: Omit<ProgrammeKillOrder, 'folder'>,
): Promise<{ folder: string; killed: boolean; effects: number | undefined; said: string }> {
  const folder = await mkdtemp(join(within, `${order.step}-`));
  // What was there before: an old schedule with its memory, one line of the log.
  if (order.step === 'schedule') await putSchedule(folder, OLD);
  if (order.step === 'log') await addLine(folder);
  if (order.step === 'media') await mkdir(join(folder, 'media'));
  const child = spawn(process.execPath, [CHILD, JSON.stringify({ ...order, folder })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  const effects = /^effects (\d+)$/m.exec(said)?.[1];
  return {
    ...{ folder, said: said.slice(0, 500), killed: signal === 'SIGKILL' },
    effects: effects === undefined ? undefined : Number(effects),
  };
}

/** Old or new, and the step comes to its end when it is done again; otherwise what is wrong. */
async function afterwards(
  step: ProgrammeKillOrder['step'],
  folder: string,
  wanted: ProgrammeKillOrder['wanted'],
): Promise<string> {
  try {
    switch (step) {
      case 'schedule': {
        const { document, memory } = await scheduleThere(folder);
        if (!isOldOrNew(document) || !isOldOrNew(memory)) return `document ${document}, memory ${memory}`;
        await putSchedule(folder, NEW);
        const again = await scheduleThere(folder);
        if (again.document !== 'new' || again.memory !== 'new')
          return `afterwards ${again.document}, ${again.memory}`;
        return document === 'old' ? 'old' : 'now';
      }
      case 'media': {
        const there = await mediaThere(folder, wanted.sha256);
        if (there === 'torn') return 'a torn file bears the name of a whole one';
        await fetchMedia(folder, wanted);
        const again = await mediaThere(folder, wanted.sha256);
        if (again !== 'whole') return `afterwards ${again}`;
        return there === 'nothing' ? 'old' : 'now';
      }
      case 'log': {
        const lines = await linesThere(folder);
        if (lines !== 1 && lines !== 2) return `${lines} lines`;
        await addLine(folder);
        const again = await linesThere(folder);
        return again !== lines + 1 ? `afterwards ${again} lines` : lines === 1 ? 'old' : 'now';
      }
    }
  } catch (error) {
    return String(error);
  }
}

function isOldOrNew(found: string): boolean {
  return found === 'old' || found === 'new';
}
