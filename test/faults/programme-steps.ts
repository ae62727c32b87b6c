import { join } from 'node:path';
import { DocumentFolder } from '../../agent/commands/document-folder.js';
import { AsRunLog } from '../../agent/programme/as-run-log.js';
import { MediaFolder } from '../../agent/programme/media-folder.js';
import type { WantedMedia } from '../../agent/programme/media-plan.js';
import { MemoryFile } from '../../agent/programme/memory-file.js';
import {
  NOTHING_SCHEDULED,
  scheduleMemory,
  type ScheduleMemory,
} from '../../agent/programme/schedule-memory.js';
import { KeptLog } from '../support/kept-log.js';
import { ManualClock } from '../support/manual-clock.js';

const SLOT = 'schedule/area/a/commune';
const DAY = '2026-11-23';

/** The schedule that stands there at first, as signed bytes. */
export const OLD = 'old'.repeat(2_000);
/** The one that replaces it. */
export const NEW = 'new'.repeat(3_000);

function memoryFile(folder: string): MemoryFile<ScheduleMemory> {
  return new MemoryFile(join(folder, 'scheduled.json'), scheduleMemory, NOTHING_SCHEDULED, new KeptLog());
}

function asRun(folder: string): AsRunLog {
  return new AsRunLog(join(folder, 'as-run'), new ManualClock(), new KeptLog());
}

/** Puts a schedule in place of the one that is there, and what was begun of it. */
export async function putSchedule(folder: string, signed: string): Promise<void> {
  await new DocumentFolder(join(folder, 'documents')).keep(SLOT, Buffer.from(signed));
  await memoryFile(folder).write({ occurrences: { [`${SLOT}#${signed.slice(0, 3)}@1`]: 'done' } });
}

/** What stands there: of the document and of the memory `old`, `new`, or what else was found. */
export async function scheduleThere(
  folder: string,
): Promise<{ readonly document: string; readonly memory: string }> {
  const all = await new DocumentFolder(join(folder, 'documents')).all((error) => {
    throw error;
  });
  const texts = all.map((bytes) => Buffer.from(bytes).toString('utf8'));
  const [text] = texts;
  const document =
    texts.length !== 1 ? `${texts.length} documents` : text === OLD ? 'old' : text === NEW ? 'new' : 'torn';
  const [key = 'nothing'] = Object.keys((await memoryFile(folder).read()).occurrences);
  return { document, memory: /#(old|new)@1$/.exec(key)?.[1] ?? key };
}

/** Fetches a file ahead. */
export async function fetchMedia(folder: string, wanted: WantedMedia): Promise<void> {
  await mediaFolder(folder).fetch(wanted, Infinity, new AbortController().signal);
}

/** Is the file there, whole? What bears its name and is not is told. */
export async function mediaThere(folder: string, sha256: string): Promise<'whole' | 'nothing' | 'torn'> {
  const cache = mediaFolder(folder);
  const named = (await cache.files()).some((file) => file.sha256 === sha256);
  if (!named) return 'nothing';
  return (await cache.holds(sha256)) ? 'whole' : 'torn';
}

function mediaFolder(folder: string): MediaFolder {
  return new MediaFolder(join(folder, 'media'), () => ({
    ...{ anchorsPem: [], plainHosts: ['127.0.0.1'], stallMs: 5_000 },
  }));
}

/** Adds a line to the day's log. */
export async function addLine(folder: string): Promise<void> {
  const log = asRun(folder);
  await log.add({
    ...{ atMs: 1, title: 'Bản tin', authority: 'xa-001', class: 'normal', outcome: 'completed' },
    ...{ heardMs: 60_000, evidence: 'consumed' },
  });
}

/** Lines of the day; undefined where the file cannot be read. */
export async function linesThere(folder: string): Promise<number | undefined> {
  const [day] = await asRun(folder).days(DAY, DAY);
  return day?.entries.length;
}
