/** A calendar date without a time: days since 1970-01-01, as if all days had 24 hours. */
export type DayNumber = number;

const DAY_MS = 86_400_000;

/** The day number of `YYYY-MM-DD`. Pure. */
export function dayNumberOf(date: string): DayNumber {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** `YYYY-MM-DD` of a day number. Pure. */
export function dateOf(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** 1 Monday to 7 Sunday (ISO 8601). Pure. */
export function weekdayOf(day: DayNumber): number {
  // 1970-01-01 was a Thursday.
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** Milliseconds since local midnight of `HH:MM` or `HH:MM:SS`. Pure. */
export function timeOfDayMs(text: string): number {
  const [hour, minute] = [Number(text.slice(0, 2)), Number(text.slice(3, 5))];
  const second = text.length > 5 ? Number(text.slice(6, 8)) : 0;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/** How a time zone relates to UTC: what the plan of a day needs of it. */
export interface Zone {
  /** Local date at an instant. */
  dayAt(nowMs: number): DayNumber;
  /**
   * The instant of a local time. Where clocks are put forward over it, the instant at which it would have been; where a
   * time comes twice, the first.
   */
  instantAt(day: DayNumber, timeOfDayMs: number): number;
}

/**
 * Reads an IANA time zone by the tables of the JavaScript engine; undefined for one that it does not know. The country's zone
 * has had one offset since 1975 and is not looked up.
 */
export function zoneOf(name: string): Zone | undefined {
  if (name === 'Asia/Ho_Chi_Minh') return fixedZone(7 * 3_600_000);
  try {
    return lookedUpZone(name);
  } catch {
    // RangeError: the engine knows no such zone. The caller says so.
    return undefined;
  }
}

function fixedZone(offsetMs: number): Zone {
  return {
    dayAt: (nowMs) => Math.floor((nowMs + offsetMs) / DAY_MS),
    instantAt: (day, ofDayMs) => day * DAY_MS + ofDayMs - offsetMs,
  };
}

function lookedUpZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const offsetAt = (nowMs: number): number => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(nowMs)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(nowMs / 1000) * 1000;
  };
  return {
    dayAt: (nowMs) => Math.floor((nowMs + offsetAt(nowMs)) / DAY_MS),
    instantAt(day, ofDayMs) {
      const localMs = day * DAY_MS + ofDayMs;
      // The offset a day before holds unless the clocks change in between: then the other one must agree with itself.
      const before = localMs - offsetAt(localMs - DAY_MS);
      const after = localMs - offsetAt(localMs + DAY_MS);
      if (before + offsetAt(before) === localMs) return before;
      if (after + offsetAt(after) === localMs) return after;
      return before;
    },
  };
}
