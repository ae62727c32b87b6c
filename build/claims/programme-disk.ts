import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { killProgramme, type ProgrammeKillReport } from '../../test/faults/programme-kill.js';
import { fullDisk } from '../../test/programme/full-disk.js';
import { weekOffline } from '../../test/programme/week-offline.js';
import { playBySchedule, SLOT_MS } from '../../test/rig/scheduled-play.js';
import type { Claim } from './claim.js';
import { keep, withBench } from './sound-run.js';

/** From the time of an entry to its first sample: opening a kept file, and the card's buffer. */
const LATE_MS = 500;
const SLOT_OFF_MS = 200;

const week: Claim = {
  area: 'programme',
  item: 3,
  claim:
    'Seven days without a network, from a schedule whose files were fetched ahead: all of it is played from the cache.',
  bound:
    'every entry opened at its time, every file of it in the cache with its digest; a cut download went on, a broken file was fetched again',
  async measure({ out }) {
    const folder = join(out, 'week-offline');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const found = await weekOffline(folder);
    return {
      measured:
        `${found.due} due, ${found.opened} opened; ${found.filesAsked} files asked for, ${found.filesFromCache} from the ` +
        `cache (${found.files} files, ${(found.bytes / 1e6).toFixed(1)} MB, ${found.requests} requests, ` +
        `${found.resumed} gone on with, ${found.again} fetched again)`,
      holds:
        found.opened === found.due &&
        found.filesAsked > 0 &&
        found.filesFromCache === found.filesAsked &&
        found.resumed > 0 &&
        found.again > 0,
      note: 'virtual clock and sink; programme, cache, HTTP and folder are real',
    };
  },
};

const onCard: Claim = {
  area: 'programme',
  item: 3,
  claim:
    'The whole receiver on the software card: an entry is heard at its time, from the cache, while broker and media server are gone; its receipt comes afterwards, and the digest of the plan.',
  bound: `first sample 0 to ${LATE_MS} ms after its time; on air for its slot ±${SLOT_OFF_MS} ms; over 99 % of it its file's tone`,
  measure: (context) =>
    withBench({}, async (bench) => {
      const { lateMs, heardMs, toneShare, receipt, planReported } = await playBySchedule(bench);
      await keep(context, 'scheduled-play', receipt);
      return {
        measured:
          `${lateMs.toFixed(0)} ms after its time, for ${heardMs.toFixed(0)} of ${SLOT_MS} ms, ` +
          `${(toneShare * 100).toFixed(2)} % its tone; receipt: ${receipt.framesHeard} frames, ${receipt.outcome}; ` +
          `digest of the plan ${planReported ? 'as published' : 'another'}`,
        holds:
          lateMs >= 0 &&
          lateMs <= LATE_MS &&
          Math.abs(heardMs + lateMs - SLOT_MS) <= SLOT_OFF_MS &&
          toneShare > 0.99 &&
          planReported,
      };
    }),
};

const NAMES: Readonly<Record<ProgrammeKillReport['step'], string>> = {
  schedule: 'replacing a schedule',
  media: 'fetching a file',
  log: 'writing the log',
};

const kills: Claim = {
  area: 'programme',
  item: 4,
  claim:
    'Killed, or its mains cut, before each change of the disk while it replaces a schedule, fetches a file or writes its log: the old or the new is there, and the step comes to its end afterwards.',
  bound: 'every n of every step, SIGKILL and power cut; never neither, never torn',
  async measure(context) {
    const { out } = context;
    const folder = join(out, 'programme-kill');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const reports = await killProgramme(folder, ['kill', 'power-cut'], {
      tell: (line) => context.progress(line),
    });
    const faults = reports.flatMap((one) => one.faults);
    return {
      measured:
        reports
          .map(
            ({ step, effects, deaths, old, now }) =>
              `${NAMES[step]}: ${effects} changes, ${deaths} deaths, old ${old}, new ${now}`,
          )
          .join('; ') + (faults.length === 0 ? '; no fault' : `; ${faults.length} faults: ${faults[0]}`),
      holds:
        faults.length === 0 && reports.every(({ deaths, effects }) => deaths >= 2 * effects && effects > 0),
      note: 'a power cut loses all that was not synced',
    };
  },
};

const full: Claim = {
  area: 'programme',
  item: 5,
  claim:
    'A disk filled to the last block: the programme and the emergency still play, and it is told what was given up.',
  bound:
    'every entry opened, its file from the cache; the emergency too; cache, memory and log each say that they could not write; once there is room the log has every line',
  async measure({ out }) {
    const folder = join(out, 'full-disk');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const found = await fullDisk(folder);
    if (typeof found === 'string') return { measured: found, holds: null };
    return {
      measured:
        `${found.freeBytes} bytes free; ${found.opened} of ${found.due} opened, ${found.emergencies} emergency; ` +
        `${found.filesFromCache} of ${found.filesAsked} files from the cache; cache ${found.cacheAlarm}, memory ` +
        `${found.memoryRefusal}, log told ${found.logSaid}: ${found.linesFull} of ${found.linesDue} lines while it was ` +
        `full, ${found.linesAfter} after; the file without room came afterwards: ${found.cameAfter}`,
      holds:
        found.freeBytes === 0 &&
        found.opened === found.due &&
        found.emergencies === 1 &&
        found.filesFromCache === found.filesAsked &&
        found.cacheAlarm === 'E_STORE_WRITE' &&
        found.memoryRefusal === 'E_STORE_WRITE' &&
        found.logSaid &&
        found.linesAfter === found.linesDue &&
        found.cameAfter,
      note: 'a small file system of its own; virtual clock and sink, real cache, memory and log',
    };
  },
};

/** What stands on the disk: the cache, what a death may not tear, a full disk. */
export const diskClaims: readonly Claim[] = [week, onCard, kills, full];
