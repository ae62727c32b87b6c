import { printable } from '../../protocols/printable.js';
import type { Language } from '../core/errors.js';
import { fitted } from './columns.js';
import { clockText } from './day-text.js';
import { hardwareOf } from './hardware-told.js';
import type { Status } from './status.js';
import { say, type TEXTS, type Text } from './texts.js';

const METER_COLUMNS = 44;
const METER_LEAST_DB = -60;

const WORDS = {
  level: { vi: 'Mức âm', en: 'Level' },
  signal: { vi: 'Sóng', en: 'Signal' },
  amplifier: { vi: 'Tăng âm', en: 'Amplifier' },
  line: { vi: 'Đường loa', en: 'Speaker line' },
  alarms: { vi: 'Cảnh báo', en: 'Alarms' },
  unknown: { vi: 'không biết', en: 'not known' },
  quit: { vi: 'q: thoát', en: 'q: quit' },
} as const satisfies Record<string, Text>;

/** What the screen is made of. */
export interface TopFound {
  readonly status: Status;
  readonly alarms: readonly { readonly code: string }[];
  readonly health: unknown;
}

/** The screen, at most 20 lines of 80 columns. Pure. */
export function topLines({ status, alarms, health }: TopFound, nowMs: number, language: Language): string[] {
  const t = (text: keyof typeof TEXTS): string => say(text, language);
  const w = (word: keyof typeof WORDS): string => WORDS[word][language];
  const { link, onAir, levelDb, sink, outbox, traffic } = status;
  const hardware = hardwareOf(health);
  const kinds = {
    up: 'linkUp',
    connecting: 'linkConnecting',
    waiting: 'linkWaiting',
    idle: 'linkIdle',
    closed: 'linkClosed',
  } as const;
  const row = (label: string, value: string): string =>
    fitted(`${label.padEnd(22)} ${printable(value, 200)}`, 80);
  const { modem, amplifier, line } = hardware;
  return [
    row(status.receiver, `${clockText(nowMs)}   ${status.version}   ${w('quit')}`),
    '',
    row(
      t('onAir'),
      onAir === undefined ? t('silent') : `${onAir.title} (${t(onAir.class)}, ${onAir.authority})`,
    ),
    row(
      w('level'),
      onAir === undefined || levelDb === undefined
        ? meter(METER_LEAST_DB)
        : `${meter(levelDb)} ${levelDb.toFixed(0)} dB`,
    ),
    row(
      t('sound'),
      `${sink.kind}, ${sink.ok ? t('soundOk') : (sink.code ?? '?')}, ${sink.underruns} ${t('underruns')}`,
    ),
    row(
      w('amplifier'),
      amplifier === undefined ? w('unknown') : `${amplifier.state}${amplifier.hot === true ? ' !' : ''}`,
    ),
    row(w('line'), line ?? w('unknown')),
    '',
    row(t('link'), t(kinds[link.kind])),
    row(
      w('signal'),
      modem?.signalDbm === undefined ? w('unknown') : `${modem.operator ?? ''} ${modem.signalDbm} dBm`.trim(),
    ),
    row('', `${traffic.billedTodayMb.toFixed(1)} MB, ${outbox.messages} ${t('messages')}`),
    '',
    row(t('emergencies'), status.emergencies.map(({ title }) => title).join('; ') || t('none')),
    row(w('alarms'), alarms.map(({ code }) => code).join(' ') || t('none')),
  ];
}

function meter(levelDb: number): string {
  const filled = Math.round(
    (1 - Math.min(0, Math.max(METER_LEAST_DB, levelDb)) / METER_LEAST_DB) * METER_COLUMNS,
  );
  return `[${'#'.repeat(filled)}${'.'.repeat(METER_COLUMNS - filled)}]`;
}
