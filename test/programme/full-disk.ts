import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { entryOfReceipt } from '../../agent/programme/as-run.js';
import { AsRunLog } from '../../agent/programme/as-run-log.js';
import { MediaFolder } from '../../agent/programme/media-folder.js';
import { MediaKeeper } from '../../agent/programme/media-keeper.js';
import { MemoryFile } from '../../agent/programme/memory-file.js';
import { NOTHING_SCHEDULED, scheduleMemory } from '../../agent/programme/schedule-memory.js';
import { MediaStore } from '../../agent/sound/sources/media-store.js';
import { codeOf, messageOf } from '../../agent/core/errors.js';
import type { EventBody } from '../../protocols/messages/up.js';
import { emergencySet } from '../../protocols/messages/emergency.js';
import { schedule as scheduleSchema } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { KeptLog } from '../support/kept-log.js';
import { OPEN_RULES } from '../support/open-gate.js';
import { RangeServer } from './range-server.js';
import type { Opened } from './virtual-air.js';
import { VirtualReceiver } from './virtual-receiver.js';

/** What a receiver did with a disk on which not one block was free. */
export interface FullDisk {
  /** Bytes that the last write before could still place. */
  readonly freeBytes: number;
  readonly due: number;
  readonly opened: number;
  readonly emergencies: number;
  readonly filesAsked: number;
  readonly filesFromCache: number;
  /** What was told: code of the alarm of the cache, of the memory that was not kept. */
  readonly cacheAlarm: string;
  readonly memoryRefusal: string;
  readonly logSaid: boolean;
  /** Lines of the day's log on the disk while it was full, and once there was room again; how many were due. */
  readonly linesFull: number;
  readonly linesAfter: number;
  readonly linesDue: number;
  /** The file that there was no room for came once there was. */
  readonly cameAfter: boolean;
}

const run = promisify(execFile);
const HOUR_MS = 3_600_000;
const MORNING_MS = Date.parse('2026-11-23T04:00:00+07:00');

const commune: Authority = {
  ...{ id: 'commune', name: { vi: 'Xã', en: 'Commune' }, homeArea: 'a', level: 10, keys: [] },
  grants: [
    { messages: ['schedule', 'emergency.set'], maxClass: 'normal', longestPlayMs: HOUR_MS, content: 'free' },
  ],
};

/**
 * Mounts a small file system of its own (root alone may), fills it to the last block and lets the programme run for ten hours on it;
 * then makes room again.
 * @returns why it could not be mounted, as text
 */
export async function fullDisk(folder: string): Promise<FullDisk | string> {
  const disk = join(folder, 'disk');
  await mkdir(disk, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  } catch (error) {
    return `no file system can be mounted here: ${messageOf(error).split('\n', 1)[0] ?? ''}`;
  }
  const server = await RangeServer.start();
  try {
    return await onDisk(disk, server);
  } finally {
    await server.close();
    await run('umount', [disk]);
  }
}

async function onDisk(disk: string, server: RangeServer): Promise<FullDisk> {
  const files = ['a', 'b', 'c'].map((name) => server.add(name, Buffer.alloc(60_000, name)));
  const late = server.add('late', Buffer.alloc(60_000, 'l'));
  const receiver = receiverOf(files, late);
  const log = new KeptLog();
  const events: EventBody[] = [];
  const never = new AbortController().signal;
  const media = join(disk, 'media');
  let ahead = HOUR_MS * 8;
  const keeper = new MediaKeeper({
    folder: new MediaFolder(media, () => server.access),
    wanted: (nowMs) => receiver.programme?.wantedMedia(nowMs, ahead) ?? [],
    ...{ quotaBytes: 4 << 20, budgetBytes: 4 << 20, spreadMs: 0, place: 0, log },
    onEvent: (body) => events.push(body),
  });
  const round = (): Promise<unknown> => keeper.round(receiver.clock.nowMs(), never);
  const asRun = new AsRunLog(join(disk, 'as-run'), receiver.clock, log);
  const memory = new MemoryFile(join(disk, 'scheduled.json'), scheduleMemory, NOTHING_SCHEDULED, log);
  await round();
  const freeBytes = await fill(join(disk, 'fill'));
  const opened = (): readonly Opened[] => receiver.runs().flatMap((one) => one.opened);
  const found = { seen: 0, filesAsked: 0, filesFromCache: 0, memoryRefusal: '' };
  const store = new MediaStore(media, server.access, 4 << 20);
  ahead = 24 * HOUR_MS;
  let logged = 0;
  for (let hour = 0; hour < 10; hour += 1) {
    receiver.pass(HOUR_MS);
    for (const { spec } of opened().slice(found.seen)) {
      found.seen += 1;
      const [source] = spec.chain;
      if (source?.kind !== 'file') continue;
      found.filesAsked += 1;
      const gone = 'http://127.0.0.1:1/gone';
      if ((await store.fetch(gone, source.sha256, never).catch(() => undefined)) !== undefined)
        found.filesFromCache += 1;
    }
    await round();
    await memory.write({ occurrences: {}, lookedMs: hour }).catch((error: unknown) => {
      found.memoryRefusal = codeOf(error);
    });
    for (const body of receiver.receipts.slice(logged)) await asRun.add(entryOfReceipt(body));
    logged = receiver.receipts.length;
  }
  const linesFull = await linesOn(disk);
  await rm(join(disk, 'fill'));
  receiver.pass(2 * HOUR_MS);
  await round();
  await asRun.close();
  const cameAfter = keeper.view.wanted.some(
    ({ sha256, state }) => sha256 === late.sha256 && state === 'here',
  );
  receiver.powerOff();
  return {
    filesAsked: found.filesAsked,
    filesFromCache: found.filesFromCache,
    memoryRefusal: found.memoryRefusal,
    ...{ freeBytes, cameAfter, linesFull, linesAfter: await linesOn(disk), linesDue: logged },
    due: 9,
    opened: opened().filter(({ spec }) => spec.class === 'normal').length,
    emergencies: opened().filter(({ spec }) => spec.class === 'emergency').length,
    cacheAlarm: events.find(({ kind }) => kind === 'alarm')?.code ?? '',
    logSaid: log.lines.some(({ text }) => text.includes('stays in memory')),
  };
}

async function linesOn(disk: string): Promise<number> {
  const days = await new AsRunLog(
    join(disk, 'as-run'),
    { nowMs: () => 0, monotonicMs: () => 0, after: () => () => undefined },
    new KeptLog(),
  ).days('2026-11-23', '2026-11-23');
  return days[0]?.entries.length ?? 0;
}

/** Writes until nothing more fits. @returns bytes that the last attempt could place */
async function fill(path: string): Promise<number> {
  const file = await open(path, 'w');
  let last = 0;
  try {
    for (const size of [65_536, 4_096, 512, 1]) {
      for (let full = false; !full;) {
        last = await file.write(Buffer.alloc(size)).then(
          ({ bytesWritten }) => bytesWritten,
          () => 0,
        );
        full = last < size;
      }
    }
  } finally {
    await file.close();
  }
  return last;
}

/** Nine bulletins from five to one, three of each file; one of a file that does not fit in the evening; an emergency at nine. */
function receiverOf(
  files: readonly { readonly url: string; readonly sha256: string }[],
  late: { readonly url: string; readonly sha256: string },
): VirtualReceiver {
  const entry = (i: number, at: string, file: object): object => ({
    ...{ id: `e${i}`, title: `Bản tin ${i}`, slots: [{ at, durationMs: 600_000 }] },
    source: { kind: 'file', ...file },
  });
  const body = {
    entries: [
      ...Array.from({ length: 9 }, (_, i) =>
        entry(i, `${String(5 + i).padStart(2, '0')}:00`, files[i % 2] ?? late),
      ),
      entry(9, '19:00', late),
    ],
  };
  const common = { authority: 'commune', slot: { area: 'a' }, revision: 1, epoch: 0 };
  const issuedAt = new Date(MORNING_MS).toISOString();
  const scheduled = scheduleSchema.parse({ type: 'schedule', ...common, issuedAt, body });
  const set = emergencySet.parse({
    ...{ type: 'emergency.set', ...common, issuedAt },
    body: {
      emergencies: [
        {
          id: '01930000-0000-7000-8000-000000000001',
          ...{ status: 'actual', severity: 'severe', title: 'Lũ', repeatEveryMs: 20 * HOUR_MS },
          startsAt: new Date(MORNING_MS + 5 * HOUR_MS).toISOString(),
          endsAt: new Date(MORNING_MS + 20 * HOUR_MS).toISOString(),
          content: [{ kind: 'file', ...files[2] }],
        },
      ],
    },
  });
  const receiver = new VirtualReceiver(
    MORNING_MS,
    OPEN_RULES,
    () => 300_000,
    (programme) => programme.setSchedule('schedule/area/a/commune', scheduled, commune),
  );
  receiver.programme?.setEmergencies('emergency/area/a/commune', set, commune);
  return receiver;
}
