import { printable } from '../../../protocols/printable.js';
import type { Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { fitted, folded } from '../columns.js';
import { momentText } from '../day-text.js';
import type { Text } from '../texts.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** An alarm as the receiver tells it; what an older one leaves out is not shown. */
interface AlarmTold {
  readonly code: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly since?: string;
  readonly text?: Readonly<Record<Language, { readonly cause: string; readonly remedy: string }>>;
}

const SEVERITIES: Readonly<Record<string, Text>> = {
  critical: { vi: 'nghiêm trọng', en: 'critical' },
  major: { vi: 'nặng', en: 'major' },
  minor: { vi: 'nhẹ', en: 'minor' },
};

/** `loa alarms`: what is wrong now, and what to do. */
export const alarmsVerb: QuickVerb = {
  summary: { vi: 'cảnh báo đang có và cách xử lý', en: 'the alarms in force, and what to do' },
  usage: 'alarms',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const alarms = (await askReceiver(config.socketPath, 'GET', '/v1/alarms')) as AlarmTold[];
    print(json ? JSON.stringify({ alarms }) : alarmsText(alarms, language));
    return alarms.length === 0 ? EXIT.done : EXIT.found;
  },
};

/** The alarms as a person reads them, at most 80 columns a line. */
export function alarmsText(alarms: readonly AlarmTold[], language: Language): string {
  const vi = language === 'vi';
  if (alarms.length === 0) return vi ? 'Không có cảnh báo nào.' : 'No alarm is in force.';
  return alarms
    .flatMap(({ code, severity = '', since, detail = '', text }) => [
      fitted(
        [printable(code, 42), SEVERITIES[severity]?.[language] ?? severity, sinceText(since)]
          .filter(Boolean)
          .join('  '),
        80,
      ),
      ...(detail === '' ? [] : [fitted(`    ${printable(detail, 200)}`, 80)]),
      ...(text === undefined
        ? []
        : [
            `    ${vi ? 'Nguyên nhân' : 'Cause'}: ${text[language].cause}`,
            `    ${vi ? 'Cách xử lý' : 'Remedy'}: ${text[language].remedy}`,
          ].map((line) => folded(line))),
    ])
    .join('\n');
}

function sinceText(since: string | undefined): string {
  const atMs = Date.parse(since ?? '');
  return Number.isFinite(atMs) ? momentText(atMs) : '';
}
