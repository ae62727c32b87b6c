import { printable } from '../../protocols/printable.js';
import type { Language } from '../core/errors.js';
import { fitted } from './columns.js';
import { clockText } from './day-text.js';
import type { HardwareFacts } from './diagnose/facts.js';
import { hardwareOf } from './hardware-told.js';
import { LINE_WORDS } from './line-words.js';
import { phaseText, type Status } from './status.js';
import { say, type TEXTS, type Text } from './texts.js';

const METER_COLUMNS = 44;
const METER_LEAST_DB = -60;

const WORDS = {
  level: { vi: 'Mức âm', en: 'Level' },
  signal: { vi: 'Sóng', en: 'Signal' },
  amplifier: { vi: 'Tăng âm', en: 'Amplifier' },
  line: { vi: 'Đường loa', en: 'Speaker line' },
  alarms: { vi: 'Cảnh báo', en: 'Alarms' },
  power: { vi: 'Nguồn điện', en: 'Power' },
  mainsLost: { vi: 'MẤT ĐIỆN LƯỚI', en: 'MAINS LOST' },
  supplyLow: { vi: 'sụt áp', en: 'undervoltage' },
  batteryLow: { vi: 'ắc quy yếu', en: 'battery low' },
  well: { vi: 'tốt', en: 'well' },
  hot: { vi: 'QUÁ NÓNG', en: 'TOO HOT' },
  today: { vi: 'Hôm nay', en: 'Today' },
  queued: { vi: 'chờ gửi', en: 'waiting to be sent' },
  modemGone: { vi: 'không thấy modem', en: 'no modem is there' },
  simAbsent: { vi: 'không có SIM', en: 'no SIM' },
  simLocked: { vi: 'SIM bị khóa', en: 'the SIM is locked' },
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
  const { line } = hardware;
  const roundTrip = link.roundTripMs === undefined ? '' : `, ${link.roundTripMs} ms`;
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
    row(w('amplifier'), amplifierOf(hardware, w, t)),
    row(w('line'), line === undefined ? w('unknown') : LINE_WORDS[line][language]),
    row(w('power'), powerOf(hardware, w)),
    '',
    row(t('link'), `${t(kinds[link.kind])}${roundTrip}`),
    row(w('signal'), signalOf(hardware, w)),
    row(
      w('today'),
      `${traffic.billedTodayMb.toFixed(1)} MB; ${w('queued')}: ${outbox.messages} ${t('messages')}`,
    ),
    '',
    row(t('emergencies'), status.emergencies.map(({ title }) => title).join('; ') || t('none')),
    row(w('alarms'), alarms.map(({ code }) => code).join(' ') || t('none')),
  ];
}

type Words = (word: keyof typeof WORDS) => string;

function amplifierOf(
  { amplifier }: HardwareFacts,
  w: Words,
  t: (text: keyof typeof TEXTS) => string,
): string {
  if (amplifier === undefined) return w('unknown');
  const { state, hot, fault } = amplifier;
  return [
    t(phaseText(state)),
    ...(hot === true ? [w('hot')] : []),
    ...(fault === undefined ? [] : [fault]),
  ].join(', ');
}

function powerOf({ mainsLost, supplyLow, batteryLow }: HardwareFacts, w: Words): string {
  const bad = [
    ...(mainsLost === true ? [w('mainsLost')] : []),
    ...(supplyLow === true ? [w('supplyLow')] : []),
    ...(batteryLow === true ? [w('batteryLow')] : []),
  ];
  if (bad.length > 0) return bad.join(', ');
  return [mainsLost, supplyLow, batteryLow].every((one) => one === undefined) ? w('unknown') : w('well');
}

function signalOf({ modem }: HardwareFacts, w: Words): string {
  if (modem?.gone === true) return w('modemGone');
  if (modem?.sim === 'absent') return w('simAbsent');
  if (modem?.sim === 'locked') return w('simLocked');
  if (modem?.signalDbm === undefined) return w('unknown');
  return `${modem.operator ?? ''} ${modem.signalDbm} dBm`.trim();
}

function meter(levelDb: number): string {
  const filled = Math.round(
    (1 - Math.min(0, Math.max(METER_LEAST_DB, levelDb)) / METER_LEAST_DB) * METER_COLUMNS,
  );
  return `[${'#'.repeat(filled)}${'.'.repeat(METER_COLUMNS - filled)}]`;
}
