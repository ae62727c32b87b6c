import { schedule as scheduleSchema, type Schedule } from '../../protocols/messages/schedule.js';
import type { Authority } from '../../protocols/trust-document.js';
import { OPEN_RULES } from '../support/open-gate.js';
import { Random } from '../security/random.js';
import { VirtualReceiver } from './virtual-receiver.js';

/** What became of a year's slots. */
export interface SimulatedYear {
  readonly slots: number;
  /** Begun within a second of their time. */
  readonly onTime: number;
  /** Begun within a second of the return of the mains that were away at their time. */
  readonly joined: number;
  /** The mains were away all the time, and the receiver has said so. */
  readonly dark: number;
  /** Begun at any other time, or not at all, or not told. */
  readonly wrong: readonly string[];
  /** Begun twice without a power cut in between. */
  readonly doubled: number;
  readonly powerCuts: number;
  /** Of six hours each, in which no new schedule arrives. */
  readonly outages: number;
  readonly revisions: number;
  readonly tookMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 365;
const SLOT_KEY = 'schedule/area/a/commune';
const FIRST_MS = Date.parse('2026-01-01T00:00:00+07:00');
/** Minutes of the day at which a bulletin begins, and how long it lasts at most. */
const SLOTS = [
  { at: 300, minutes: 15 },
  { at: 330, minutes: 30 },
  { at: 375, minutes: 10 },
  { at: 660, minutes: 20 },
  { at: 1020, minutes: 45 },
  { at: 1080, minutes: 5 },
  { at: 1110, minutes: 30 },
  { at: 1230, minutes: 25 },
];

const commune: Authority = {
  ...{ id: 'commune', name: { vi: 'Xã', en: 'Commune' }, homeArea: 'a', level: 10, keys: [] },
  grants: [{ messages: ['schedule'], maxClass: 'normal', longestPlayMs: HOUR_MS, content: 'free' }],
};

interface Darkness {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * A year of a receiver: eight bulletins a day, another schedule every week, the mains away once a day for up to 40 minutes, the
 * network away for six hours every other day, so that some schedules come late. Every slot is then looked for by its time alone.
 */
export function simulateYear(seed: number): SimulatedYear {
  const startedMs = performance.now();
  const random = new Random(seed);
  let inForce = weekOf(0);
  const receiver = new VirtualReceiver(
    FIRST_MS,
    OPEN_RULES,
    () => Infinity,
    (programme) => programme.setSchedule(SLOT_KEY, inForce, commune),
  );
  const darkness: Darkness[] = [];
  let outages = 0;
  let revisions = 1;
  for (let day = 0; day < DAYS; day += 1) {
    const dayMs = FIRST_MS + day * DAY_MS;
    const outageMs = random.below(2) === 0 ? dayMs + random.below(18 * HOUR_MS) : undefined;
    if (outageMs !== undefined) outages += 1;
    // At one in the night, when nothing is on air, or when the network is back.
    const comesMs =
      outageMs !== undefined && outageMs <= dayMs + HOUR_MS ? outageMs + 6 * HOUR_MS : dayMs + HOUR_MS;
    const cutMs = dayMs + random.below(22 * HOUR_MS);
    const cut = { fromMs: cutMs, toMs: cutMs + (1 + random.below(40 * 60)) * SECOND_MS };
    darkness.push(cut);
    const events = [
      { atMs: cut.fromMs, run: () => receiver.powerOff() },
      { atMs: cut.toMs, run: () => receiver.powerOn() },
    ];
    if (day % 7 === 0 && day > 0)
      events.push({
        atMs: comesMs,
        run: () => {
          inForce = weekOf(day / 7);
          revisions += 1;
          receiver.programme?.setSchedule(SLOT_KEY, inForce, commune);
        },
      });
    for (const { atMs, run } of events.sort((a, b) => a.atMs - b.atMs)) {
      receiver.pass(atMs - receiver.clock.nowMs());
      run();
    }
    receiver.pass(dayMs + DAY_MS - receiver.clock.nowMs());
  }
  receiver.powerOff();
  const { tookMs, ...counted } = { ...countSlots(receiver, darkness), tookMs: performance.now() - startedMs };
  return { ...counted, powerCuts: darkness.length, outages, revisions, tookMs };
}

/** The same times every week; a revision changes the titles, so that an entry that goes on is not the one that was there. */
function weekOf(week: number): Schedule {
  return scheduleSchema.parse({
    ...{ type: 'schedule', authority: 'commune', slot: { area: 'a' }, revision: week + 1, epoch: 0 },
    issuedAt: new Date(FIRST_MS + week * 7 * DAY_MS).toISOString(),
    body: {
      entries: SLOTS.map(({ at, minutes }, i) => ({
        id: `e${i}`,
        title: `Bản tin ${i}`,
        slots: [{ at: timeText(at), durationMs: minutes * MINUTE_MS }],
        source: { kind: 'live', url: `https://media.example/${i}` },
      })),
    },
  });
}

function timeText(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

type Counted = Pick<SimulatedYear, 'slots' | 'onTime' | 'joined' | 'dark' | 'wrong' | 'doubled'>;

function countSlots(receiver: VirtualReceiver, darkness: readonly Darkness[]): Counted {
  const opened = receiver
    .runs()
    .flatMap((run) => run.opened.map(({ spec, atMs }) => ({ url: urlOf(spec), atMs })));
  const overs = new Set(
    receiver.notPlayed.filter(({ reason }) => reason === 'over').map(({ occurrence }) => occurrence.startMs),
  );
  const counted = { slots: 0, onTime: 0, joined: 0, dark: 0, doubled: 0 };
  const wrong: string[] = [];
  let seen = 0;
  for (let day = 0; day < DAYS; day += 1) {
    SLOTS.forEach(({ at, minutes }, i) => {
      counted.slots += 1;
      const startMs = FIRST_MS + day * DAY_MS + at * MINUTE_MS;
      const endMs = startMs + minutes * MINUTE_MS;
      const begun = opened.filter(
        ({ url, atMs }) => url.endsWith(`/${i}`) && startMs <= atMs && atMs < endMs,
      );
      seen += begun.length;
      const cut = darkness.find(({ fromMs, toMs }) => fromMs <= startMs && startMs < toMs);
      const wantedMs = cut === undefined ? startMs : cut.toMs;
      const again = darkness.filter(({ fromMs }) => startMs < fromMs && fromMs < endMs).length;
      counted.doubled += Math.max(0, begun.length - 1 - again);
      if (wantedMs >= endMs && begun.length === 0 && overs.has(startMs)) counted.dark += 1;
      else if (begun[0] === undefined || begun[0].atMs - wantedMs > SECOND_MS)
        wrong.push(`${new Date(startMs).toISOString()}: begun ${begun.length} times`);
      else if (cut === undefined) counted.onTime += 1;
      else counted.joined += 1;
    });
  }
  if (seen !== opened.length) wrong.push(`${opened.length - seen} begun outside every slot`);
  return { ...counted, wrong };
}

function urlOf({ chain: [source] }: { readonly chain: readonly object[] }): string {
  return source !== undefined && 'url' in source ? String(source.url) : '';
}
