import { join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import { LoaError, type Language } from '../../core/errors.js';
import { reportOf, reportYear, type OperationReport } from '../../programme/as-run.js';
import { AsRunLog } from '../../programme/as-run-log.js';
import { AS_RUN_FOLDER } from '../../state-files.js';
import { OUTCOMES } from '../outcome-text.js';
import { say } from '../texts.js';
import { EXIT, type Verb } from '../verb.js';
import { dayArguments } from './day-arguments.js';

const CLASSES = ['emergency', 'priority', 'normal', 'local'] as const;

/** `loa report`: the operation report that the province asks for. Reads the log on the disk: the receiver need not run. */
export const reportVerb: Verb = {
  summary: { vi: 'báo cáo vận hành', en: 'the operation report' },
  usage: 'report [--from YYYY-MM-DD] [--to YYYY-MM-DD] [--csv]',
  async run({ args, config, language, json, print }) {
    const csv = args.includes('--csv');
    const year = reportYear(systemClock.nowMs());
    const { from = year.from, to = year.to } = dayArguments(
      args.filter((arg) => arg !== '--csv'),
      ['from', 'to'],
    );
    if (from > to) throw new LoaError('E_USAGE', '--from is after --to');
    const quiet = { debug: () => undefined, info: () => undefined };
    const complain = (_: object, text: string): void => void process.stderr.write(`${text}\n`);
    const log = { ...quiet, warn: complain, error: complain, child: () => log };
    const days = await new AsRunLog(join(config.stateFolder, AS_RUN_FOLDER), systemClock, log).days(from, to);
    const report = reportOf(days, from, to, systemClock.nowMs());
    print(json ? JSON.stringify(report) : csv ? reportCsv(report) : reportText(report, language));
    return EXIT.done;
  },
};

/** One figure a line: `what,which,value`. Hours with two decimals, availability in percent. */
export function reportCsv(report: OperationReport): string {
  return [
    'what,which,value',
    `span,from,${report.from}`,
    `span,to,${report.to}`,
    `span,days,${report.days}`,
    ...CLASSES.map((one) => `hours,${one},${hoursOf(report.heardMsByClass[one])}`),
    ...Object.entries(report.byOutcome).map(([outcome, count]) => `bulletins,${outcome},${count}`),
    ...Object.entries(report.reasons).map(
      ([reason, count]) => `reason,${reason.replaceAll(/[",\n]/g, ' ')},${count}`,
    ),
    `availability,percent,${(report.availability * 100).toFixed(2)}`,
    `lines,lost,${report.lost}`,
  ].join('\n');
}

/** The report as a person reads it. */
export function reportText(report: OperationReport, language: Language): string {
  const vi = language === 'vi';
  const lines = [
    vi
      ? `Báo cáo vận hành từ ${report.from} đến ${report.to} (${report.days} ngày có số liệu)`
      : `Operation report from ${report.from} to ${report.to} (${report.days} days on record)`,
    vi ? 'Giờ phát:' : 'Hours on air:',
    ...CLASSES.map(
      (one) => `  ${say(one, language).padEnd(16)} ${hoursOf(report.heardMsByClass[one]).padStart(9)}`,
    ),
    vi ? 'Bản tin:' : 'Bulletins:',
    ...Object.entries(report.byOutcome).map(
      ([outcome, count]) =>
        `  ${OUTCOMES[outcome as keyof OperationReport['byOutcome']][language].padEnd(16)} ${String(count).padStart(9)}`,
    ),
    ...Object.entries(report.reasons).map(([reason, count]) => `    ${reason.padEnd(30)} ${count}`),
    `${vi ? 'Tỷ lệ hoạt động' : 'Availability'}: ${(report.availability * 100).toFixed(2)} %`,
  ];
  if (report.lost > 0)
    lines.push(vi ? `Thiếu ${report.lost} dòng nhật ký` : `${report.lost} lines of the log are missing`);
  return lines.join('\n');
}

function hoursOf(ms: number): string {
  return (ms / 3_600_000).toFixed(2);
}
