import { join } from 'node:path';
import { printable } from '../../../protocols/printable.js';
import { systemClock } from '../../core/clock.js';
import { LoaError, type Language } from '../../core/errors.js';
import { countryDay, type AsRunEntry } from '../../programme/as-run.js';
import { AsRunLog } from '../../programme/as-run-log.js';
import { AS_RUN_FOLDER } from '../../state-files.js';
import { fitted } from '../columns.js';
import { clockText } from '../day-text.js';
import { NO_LOG } from '../diagnose/program-probes.js';
import { outcomeText } from '../outcome-text.js';
import { reasonText } from '../reason-text.js';
import { EXIT, type Verb } from '../verb.js';
import { dayArguments } from './day-arguments.js';

/** `loa receipts`: what was really heard of each bulletin of a day. Reads the disk: the receiver need not run. */
export const receiptsVerb: Verb = {
  summary: { vi: 'những gì đã thật sự phát trong ngày', en: 'what was really heard in a day' },
  usage: 'receipts [--day YYYY-MM-DD]',
  async run({ args, config, language, json, print }) {
    const { day = countryDay(systemClock.nowMs()), ...rest } = dayArguments(args, ['day']);
    if (Object.keys(rest).length > 0) throw new LoaError('E_USAGE', 'receipts wants --day alone');
    const log = new AsRunLog(join(config.stateFolder, AS_RUN_FOLDER), systemClock, NO_LOG);
    const [found] = await log.days(day, day);
    const entries = found?.entries ?? [];
    print(json ? JSON.stringify({ day, entries }) : receiptsText(day, entries, language));
    return EXIT.done;
  },
};

/** The day as a person reads it, at most 80 columns a line. */
export function receiptsText(day: string, entries: readonly AsRunEntry[], language: Language): string {
  const vi = language === 'vi';
  const head = `${vi ? 'Đã phát ngày' : 'Heard on'} ${day}`;
  if (entries.length === 0) return `${head}: ${vi ? 'không có gì.' : 'nothing.'}`;
  return [
    head,
    ...entries.map(({ fromMs, atMs, title, authority, heardMs, outcome, reason }) => {
      const why = reason === undefined ? '' : ` ${reasonText(reason, language)}`;
      return fitted(
        `${clockText(fromMs ?? atMs)} ${String(Math.round(heardMs / 1000)).padStart(5)} s  ${fitted(printable(title, 80), 26).padEnd(26)} ${fitted(authority, 12).padEnd(12)} ${outcomeText(outcome, language)}${why}`,
        80,
      );
    }),
  ].join('\n');
}
