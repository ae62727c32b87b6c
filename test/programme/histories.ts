import type { Authority } from '../../protocols/trust-document.js';
import type { PlayStart } from '../../protocols/messages/play.js';
import { schedule as scheduleSchema, type Schedule } from '../../protocols/messages/schedule.js';
import type { GateRules } from '../../agent/sound/air-gate.js';
import type { PlaySpec } from '../../agent/sound/messages.js';
import { Random } from '../security/random.js';
import { emergencySet, type EmergencySet } from '../../protocols/messages/emergency.js';
import type { Flaw } from './flaws.js';
import { broken, type Lease, type Published, type PublishedSet } from './judge.js';
import { VirtualReceiver } from './virtual-receiver.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const SLOT = 'schedule/area/a/commune';

/** A commune that may do anything for four hours at a time. */
const commune: Authority = {
  id: 'commune',
  name: { vi: 'Xã', en: 'Commune' },
  homeArea: 'a',
  level: 10,
  keys: [],
  grants: [
    {
      messages: ['play.start', 'play.stop', 'schedule', 'emergency.set'],
      maxClass: 'priority',
      longestPlayMs: 4 * HOUR_MS,
      content: 'free',
    },
  ],
};

/** What one history came to. */
export interface HistoryOutcome {
  readonly seed: number;
  /** What was heard that should not have been; empty where all is well. */
  readonly broken: readonly string[];
  readonly opened: number;
  readonly heardMs: number;
}

/**
 * One random history of a receiver: schedules replaced and withdrawn, bulletins with leases, emergencies over them, the clock
 * stepped by seconds to years in both directions, power cuts and outages. Judged afterwards by {@link broken}, which knows nothing of the planner.
 * @param flaw a bug that the judge must find in some histories
 */
export function playHistory(seed: number, flaw?: Flaw): HistoryOutcome {
  const random = new Random(seed);
  const rules = randomRules(random);
  const lengths = new Map<string, number>();
  const published: Published[] = [];
  const leases: Lease[] = [];
  const sets: PublishedSet[] = [];
  let inForce: Schedule | undefined;
  let emergencies: EmergencySet | undefined;
  const startMs = Date.parse('2026-11-23T00:00:00+07:00') + random.below(24 * 60) * MINUTE_MS;
  const receiver = new VirtualReceiver(
    startMs,
    rules,
    (spec) => lengthOf(spec, lengths),
    (programme) => {
      if (inForce !== undefined) programme.setSchedule(SLOT, inForce, commune);
      if (emergencies !== undefined) programme.setEmergencies(SLOT, emergencies, commune);
    },
    flaw,
  );
  const monotonicMs = (): number => receiver.clock.monotonicMs();
  for (let step = 0; step < 12; step += 1) {
    switch (random.below(9)) {
      case 0:
      case 1: {
        inForce = randomSchedule(random, receiver.clock.nowMs(), lengths);
        published.push({ schedule: inForce, fromMonotonicMs: monotonicMs() });
        receiver.programme?.setSchedule(SLOT, inForce, commune);
        break;
      }
      case 2:
        inForce = undefined;
        published.push({ schedule: undefined, fromMonotonicMs: monotonicMs() });
        receiver.programme?.dropSchedule(SLOT);
        break;
      case 3: {
        const message = randomPlay(random, receiver.clock.nowMs(), lengths);
        const taken = receiver.programme?.play(message, commune);
        const lastsMs = Date.parse(message.body.until) - receiver.clock.nowMs();
        if (taken?.ok === true)
          leases.push({
            playId: message.body.playId,
            fromMonotonicMs: monotonicMs(),
            toMonotonicMs: monotonicMs() + lastsMs,
          });
        break;
      }
      case 4:
        receiver.stepClock(randomStepMs(random));
        break;
      case 5:
        receiver.powerOff();
        receiver.pass(random.below(random.of([MINUTE_MS, 40 * MINUTE_MS])) + 1);
        receiver.powerOn();
        break;
      case 6:
        emergencies = randomEmergencies(random, receiver.clock.nowMs(), lengths);
        sets.push({ set: emergencies, fromMonotonicMs: monotonicMs() });
        receiver.programme?.setEmergencies(SLOT, emergencies, commune);
        break;
      default:
        break;
    }
    receiver.pass(random.below(25 * MINUTE_MS) + 1);
  }
  receiver.powerOff();
  const runs = receiver.runs();
  return {
    seed,
    broken: broken({ runs, receipts: receiver.receipts, published, sets, leases, rules }),
    opened: runs.reduce((sum, { opened }) => sum + opened.length, 0),
    heardMs: runs.flatMap(({ heard }) => heard).reduce((sum, one) => sum + one.toMs - one.fromMs, 0),
  };
}

function lengthOf(spec: PlaySpec, lengths: ReadonlyMap<string, number>): number {
  const [source] = spec.chain;
  return source !== undefined && 'url' in source ? (lengths.get(source.url) ?? Infinity) : 5_000;
}

/** Hours that hold about half of the day, in whole minutes. */
function randomRules(random: Random): GateRules {
  const spans = (): { fromMs: number; toMs: number }[] => {
    const fromMs = random.below(20 * 60) * MINUTE_MS;
    return [{ fromMs, toMs: Math.min(DAY_MS, fromMs + (1 + random.below(12 * 60)) * MINUTE_MS) }];
  };
  const limitMs = (): number => (random.below(2) === 0 ? Infinity : random.below(90) * MINUTE_MS);
  return {
    hours: { normal: spans(), priority: spans() },
    longestADayMs: { normal: limitMs(), priority: limitMs() },
  };
}

function randomStepMs(random: Random): number {
  const size = random.of([5_000, 90_000, 20 * MINUTE_MS, 3 * HOUR_MS, DAY_MS, 40 * DAY_MS, 3 * YEAR_MS]);
  return (random.below(2) === 0 ? 1 : -1) * (random.below(size) + 1);
}

function clockText(ms: number): string {
  return new Date(ms + 7 * HOUR_MS).toISOString().slice(11, 19);
}

/** Entries around now, so that most histories have something to play. */
function randomSchedule(random: Random, nowMs: number, lengths: Map<string, number>): Schedule {
  const entries = Array.from({ length: 1 + random.below(6) }, (_, i) => {
    const url = `https://media.example/${random.next()}.mp3`;
    const durationMs = (1 + random.below(40 * 60)) * 1_000;
    lengths.set(url, 1_000 + random.below(2 * durationMs));
    return {
      id: `e${i}`,
      title: `Mục ${i}`,
      class: random.of(['normal', 'priority']),
      rank: random.below(3),
      slots: [
        { at: clockText(nowMs + (random.below(90) - 20) * MINUTE_MS + random.below(60_000)), durationMs },
      ],
      ...(random.below(4) === 0 ? { weekdays: [1 + random.below(7)] } : {}),
      missed: {
        policy: random.of(['join', 'restart', 'skip']),
        graceMs: random.below(20) * MINUTE_MS,
      },
      source:
        random.below(3) === 0
          ? { kind: 'live', url: `${url}?live` }
          : { kind: 'file', url, sha256: 'a'.repeat(64) },
    };
  });
  return scheduleSchema.parse({
    type: 'schedule',
    authority: 'commune',
    slot: { area: 'a' },
    revision: 1,
    epoch: 0,
    issuedAt: new Date(nowMs).toISOString(),
    body: { entries },
  });
}

/** An empty set ends what was in force. */
function randomEmergencies(random: Random, nowMs: number, lengths: Map<string, number>): EmergencySet {
  const emergencies = Array.from({ length: random.below(3) }, () => {
    const url = `https://media.example/${random.next()}.mp3`;
    lengths.set(url, 1_000 + random.below(40_000));
    const startMs = nowMs + (random.below(30) - 15) * MINUTE_MS;
    return {
      id: `01930000-0000-7000-8000-${random.next().toString(16).padStart(12, '0')}`,
      status: random.of(['actual', 'actual', 'actual', 'exercise', 'test']),
      severity: random.of(['minor', 'moderate', 'severe', 'extreme']),
      title: 'Lũ',
      startsAt: new Date(startMs).toISOString(),
      endsAt: new Date(startMs + (1 + random.below(60)) * MINUTE_MS).toISOString(),
      repeatEveryMs: (1 + random.below(20)) * MINUTE_MS,
      content: [{ kind: 'file', url, sha256: 'b'.repeat(64) }],
    };
  });
  return emergencySet.parse({
    ...{ type: 'emergency.set', authority: 'commune', slot: { area: 'a' }, revision: 1, epoch: 0 },
    issuedAt: new Date(nowMs).toISOString(),
    body: { emergencies },
  });
}

function randomPlay(random: Random, nowMs: number, lengths: Map<string, number>): PlayStart {
  const url = `https://media.example/${random.next()}.mp3`;
  const lastsMs = (1 + random.below(30 * 60)) * 1_000;
  if (random.below(2) === 0) lengths.set(url, random.below(2 * lastsMs) + 1_000);
  return {
    type: 'play.start',
    id: `command-${random.next()}`,
    authority: 'commune',
    issuedAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + MINUTE_MS).toISOString(),
    target: { area: 'a' },
    body: {
      playId: `asked-${random.next()}`,
      class: random.of(['normal', 'priority'] as const),
      rank: random.below(3),
      title: 'Phát ngay',
      source: { kind: 'live', url },
      until: new Date(nowMs + lastsMs).toISOString(),
      gainDb: 0,
    },
  };
}
