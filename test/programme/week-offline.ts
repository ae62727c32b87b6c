import { MediaFolder } from '../../agent/programme/media-folder.js';
import { MediaKeeper } from '../../agent/programme/media-keeper.js';
import { MediaStore } from '../../agent/sound/sources/media-store.js';
import { emergencySet } from '../../protocols/messages/emergency.js';
import { schedule as scheduleSchema } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { Random } from '../security/random.js';
import { KeptLog } from '../support/kept-log.js';
import { OPEN_RULES } from '../support/open-gate.js';
import { RangeServer, type NextFault } from './range-server.js';
import { VirtualReceiver } from './virtual-receiver.js';

/** What was heard in a week whose network was gone from its first moment. */
export interface WeekOffline {
  /** Times that entries were due. */
  readonly due: number;
  /** Of these, opened at their time. */
  readonly opened: number;
  /** Files asked for by what was opened, and those that the cache had, whole and with their digest. */
  readonly filesAsked: number;
  readonly filesFromCache: number;
  readonly files: number;
  readonly bytes: number;
  /** Requests that went on where an earlier one was cut. */
  readonly resumed: number;
  /** Files that came broken and were asked for again. */
  readonly again: number;
  readonly requests: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 7;
const SLOT = 'schedule/area/a/commune';
const EVENING_MS = Date.parse('2026-11-22T18:00:00+07:00');

const commune: Authority = {
  ...{ id: 'commune', name: { vi: 'Xã', en: 'Commune' }, homeArea: 'a', level: 10, keys: [] },
  grants: [
    { messages: ['schedule', 'emergency.set'], maxClass: 'normal', longestPlayMs: HOUR_MS, content: 'free' },
  ],
};

/**
 * Six hours with a network, in which a receiver that has just been given its schedule fetches ahead; then seven days without. What
 * the programme opens is asked for where the sound thread asks for it, from a server that is gone.
 * @param folder an empty folder for the cache
 */
export async function weekOffline(folder: string): Promise<WeekOffline> {
  const server = await RangeServer.start();
  const random = new Random(1);
  const faults: (NextFault | undefined)[] = ['cut', 'broken'];
  const files = Array.from({ length: 40 }, (_, i) =>
    server.add(`${i}.mp3`, random.bytes(20_000 + random.below(180_000)), faults[i]),
  );
  const scheduled = scheduleOf(files);
  const warning = server.add('flood.mp3', random.bytes(30_000));
  const receiver = new VirtualReceiver(
    EVENING_MS,
    OPEN_RULES,
    () => Infinity,
    (programme) => programme.setSchedule(SLOT, scheduled, commune),
  );
  receiver.programme?.setEmergencies('emergency/area/a/commune', emergenciesOf(warning), commune);
  const never = new AbortController().signal;
  const keeper = new MediaKeeper({
    folder: new MediaFolder(folder, () => server.access),
    wanted: (nowMs) => receiver.programme?.wantedMedia(nowMs, 8 * DAY_MS) ?? [],
    ...{ quotaBytes: 32 << 20, budgetBytes: 64 << 20, spreadMs: HOUR_MS, place: 0.5 },
    ...{ log: new KeptLog(), onEvent: () => undefined },
  });
  for (let passedMs = 0; passedMs < 6 * HOUR_MS; passedMs += 10 * MINUTE_MS) {
    await keeper.round(receiver.clock.nowMs(), never);
    receiver.pass(10 * MINUTE_MS);
  }
  const { access, asked } = server;
  await server.close();
  const requests = asked.length;
  const store = new MediaStore(folder, access, 32 << 20);
  const heard = await listen(receiver, store, () => keeper.round(receiver.clock.nowMs(), never));
  receiver.powerOff();
  const counts = new Map<string, number>();
  for (const one of asked.filter((line) => !line.includes(' '))) counts.set(one, (counts.get(one) ?? 0) + 1);
  return {
    due: DAYS * scheduled.body.entries.reduce((sum, { slots }) => sum + slots.length, 0),
    ...heard,
    ...{ files: keeper.view.files, bytes: keeper.view.bytes, requests },
    resumed: asked.filter((line) => line.includes('bytes=')).length,
    again: [...counts.values()].filter((count) => count > 1).length,
  };
}

/** A week, hour by hour: what was opened meanwhile is asked for as the sound thread does. */
async function listen(
  receiver: VirtualReceiver,
  store: MediaStore,
  everyHour: () => Promise<unknown>,
): Promise<Pick<WeekOffline, 'opened' | 'filesAsked' | 'filesFromCache'>> {
  const opened = (): readonly { readonly spec: { readonly chain: readonly object[] } }[] =>
    receiver.runs().flatMap((run) => run.opened.filter(({ spec }) => spec.class !== 'emergency'));
  const before = opened().length;
  const found = { opened: 0, filesAsked: 0, filesFromCache: 0 };
  for (let hour = 0; hour < DAYS * 24; hour += 1) {
    receiver.pass(HOUR_MS);
    await everyHour();
    for (const { spec } of opened().slice(before + found.opened)) {
      found.opened += 1;
      for (const { url, sha256 } of filesOf(spec.chain[0])) {
        found.filesAsked += 1;
        const path = await store.fetch(url, sha256, AbortSignal.timeout(5_000)).catch(() => undefined);
        if (path !== undefined) found.filesFromCache += 1;
      }
    }
  }
  return found;
}

function filesOf(source: object | undefined): { readonly url: string; readonly sha256: string }[] {
  if (source === undefined) return [];
  if ('items' in source)
    return (source.items as { source: object }[]).flatMap((item) => filesOf(item.source));
  return 'sha256' in source ? [source as { url: string; sha256: string }] : [];
}

/** Ten bulletins of a file or a few in a row, each of two to four times a day; some files belong to several. */
function scheduleOf(
  files: readonly { readonly url: string; readonly sha256: string }[],
): ReturnType<typeof scheduleSchema.parse> {
  const file = (i: number): object => ({ kind: 'file', ...files[i % files.length] });
  const two = (value: number): string => String(value).padStart(2, '0');
  return scheduleSchema.parse({
    ...{ type: 'schedule', authority: 'commune', slot: { area: 'a' }, revision: 1, epoch: 0 },
    issuedAt: new Date(EVENING_MS).toISOString(),
    body: {
      entries: Array.from({ length: 16 }, (_, i) => ({
        id: `e${i}`,
        title: `Bản tin ${i}`,
        slots: Array.from({ length: 2 + (i % 3) }, (_, k) => ({
          at: `${two(5 + 4 * k)}:${two((i * 3) % 60)}`,
          durationMs: 2 * MINUTE_MS,
        })),
        source:
          i % 4 === 0
            ? { kind: 'playlist', items: [0, 1, 2].map((k) => ({ source: file(i * 3 + k), pauseMs: 500 })) }
            : file(i * 3),
      })),
    },
  });
}

function emergenciesOf(warning: object): ReturnType<typeof emergencySet.parse> {
  return emergencySet.parse({
    ...{ type: 'emergency.set', authority: 'commune', slot: { area: 'a' }, revision: 1, epoch: 0 },
    issuedAt: new Date(EVENING_MS).toISOString(),
    body: {
      emergencies: [
        {
          id: '01930000-0000-7000-8000-000000000001',
          ...{ status: 'actual', severity: 'severe', title: 'Lũ', repeatEveryMs: HOUR_MS },
          startsAt: new Date(EVENING_MS + DAY_MS).toISOString(),
          endsAt: new Date(EVENING_MS + DAY_MS + HOUR_MS).toISOString(),
          content: [{ kind: 'file', ...warning }],
        },
      ],
    },
  });
}
