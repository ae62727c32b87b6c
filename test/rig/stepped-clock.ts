import { readFileSync } from 'node:fs';

/**
 * Loaded before the program by `NODE_OPTIONS=--import`, in each of its threads: its wall clock is off by the milliseconds that stand
 * in the file `RIG_CLOCK_FILE`, looked at twenty times a second. The machine's own clock, and the monotonic one, are left alone. It
 * is no part of the product and no setting of it.
 */
const path = process.env['RIG_CLOCK_FILE'];
const Machine = Date;
let offsetMs = 0;

function look(): void {
  if (path === undefined) return;
  try {
    offsetMs = Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    // Not there yet: the clock is right.
    offsetMs = 0;
  }
}

class SteppedDate extends Machine {
  constructor(...words: [] | [number | string | Date]) {
    if (words.length === 0) super(Machine.now() + offsetMs);
    else super(words[0]);
  }

  static override now(): number {
    return Machine.now() + offsetMs;
  }
}

if (process.argv.includes('run')) {
  look();
  globalThis.Date = new Proxy(SteppedDate, {
    construct: (target, words: unknown[], made) =>
      words.length > 1
        ? (Reflect.construct(Machine, words, made) as object)
        : (Reflect.construct(target, words, made) as object),
  }) as unknown as DateConstructor;
  setInterval(look, 50).unref();
}
