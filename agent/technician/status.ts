import type { AmplifierStatus } from '../../hardware/types.js';
import type { AirClass } from '../../protocols/messages/common.js';
import { printable } from '../../protocols/printable.js';
import type { ByteAccount } from '../link/byte-ledger.js';
import type { Language } from '../core/errors.js';
import type { SafeReason } from '../safe-mode.js';
import { say, type TEXTS } from './texts.js';

/** What `loa status` tells: the one view of the running receiver. Instants are RFC 3339. */
export interface Status {
  readonly receiver: string;
  readonly version: string;
  readonly startedAt: string;
  readonly uptimeS: number;
  readonly link: {
    readonly kind: 'idle' | 'connecting' | 'up' | 'waiting' | 'closed';
    readonly since: string;
    readonly mqttVersion?: number;
    /** Which of the brokers in the settings; 0 is the first. */
    readonly broker: number;
    /** Time between two pings, learned. */
    readonly keepaliveS: number;
    /** The TLS session was resumed. */
    readonly resumed?: boolean;
    readonly lastError?: { readonly code: string; readonly detail: string };
    /** Topics that the broker does not let it hear on this connection. */
    readonly refusedTopics?: readonly string[];
    /** How long the broker took to answer last, milliseconds. */
    readonly roundTripMs?: number;
  };
  /** The second way for what is retained; left out where none is set. */
  readonly mirror?: {
    /** Why it is in use; left out while it is not. */
    readonly reason?: 'no-broker' | 'withheld' | 'silent';
    /** Seconds since it last answered; left out where it has not yet. */
    readonly answeredAgoS?: number;
    readonly lastError?: { readonly code: string; readonly detail: string };
  };
  /** Why link, verification, sound and emergencies run alone; left out where all runs. */
  readonly safeMode?: SafeReason;
  readonly trustVersion: number;
  readonly assignment?: { readonly home: string; readonly areas: readonly string[]; readonly epoch: number };
  readonly sink: {
    readonly kind: string;
    readonly ok: boolean;
    readonly code?: string;
    readonly detail?: string;
    readonly underruns: number;
  };
  /** Left out where the board has none. */
  readonly amplifier?: AmplifierStatus;
  readonly levelDb?: number;
  readonly onAir?: {
    readonly playId: string;
    readonly class: AirClass;
    readonly title: string;
    readonly authority: string;
  };
  readonly emergencies: readonly {
    readonly id: string;
    readonly title: string;
    readonly authority: string;
  }[];
  readonly outbox: {
    readonly messages: number;
    readonly bytes: number;
    /** Refused by the broker for good, and put aside. */
    readonly refused: number;
    /** Dropped for want of room, by kind. */
    readonly dropped: Readonly<Record<string, number>>;
  };
  /** Bytes by interface and purpose. */
  readonly traffic: ByteAccount & { readonly billedTodayMb: number; readonly overBudget: boolean };
  readonly refused: Readonly<Record<string, number>>;
  readonly certificate: { readonly notAfter: string; readonly daysLeft: number };
}

const LINK_TEXTS = {
  idle: 'linkIdle',
  connecting: 'linkConnecting',
  up: 'linkUp',
  waiting: 'linkWaiting',
  closed: 'linkClosed',
} as const satisfies Record<Status['link']['kind'], keyof typeof TEXTS>;

const MIRROR_TEXTS = {
  'no-broker': 'mirrorNoBroker',
  withheld: 'mirrorWithheld',
  silent: 'mirrorSilent',
} as const satisfies Record<string, keyof typeof TEXTS>;

const LABEL_COLUMNS = 24;
const VALUE_LIMIT = 2_000;

/** The status as a person reads it, at most 80 columns a line. */
export function statusText(status: Status, language: Language): string {
  const t = (text: keyof typeof TEXTS): string => say(text, language);
  const { link, sink, assignment, onAir } = status;
  const rows: [string, string][] = [
    [t('receiver'), status.receiver],
    [t('version'), `${status.version}   ${t('running').toLowerCase()} ${duration(status.uptimeS)}`],
    [
      t('link'),
      t(LINK_TEXTS[link.kind]) +
        (link.mqttVersion === undefined ? '' : ` (MQTT ${link.mqttVersion === 4 ? '3.1.1' : '5'})`),
    ],
  ];
  if (link.kind !== 'up' && link.lastError !== undefined)
    rows.push(['', `${link.lastError.code}: ${link.lastError.detail}`]);
  if (status.safeMode !== undefined)
    rows.push([t('safeMode'), t(status.safeMode === 'crashes' ? 'safeCrashes' : 'safeStore')]);
  rows.push(...mirrorRows(status.mirror, t));
  rows.push(
    [t('area'), assignment === undefined ? t('unassigned') : assignment.areas.join(' < ')],
    [t('trust'), `${t('version').toLowerCase()} ${status.trustVersion}`],
    [
      t('sound'),
      `${sink.kind}, ${sink.ok ? t('soundOk') : (sink.code ?? '?')}, ${sink.underruns} ${t('underruns')}`,
    ],
  );
  if (!sink.ok && sink.detail !== undefined) rows.push(['', sink.detail]);
  if (status.amplifier !== undefined) rows.push([t('amplifier'), amplifierText(status.amplifier, t)]);
  rows.push(
    [
      t('onAir'),
      onAir === undefined ? t('silent') : `${onAir.title} (${t(onAir.class)}, ${onAir.authority})`,
    ],
    [
      t('emergencies'),
      status.emergencies.length === 0 ? t('none') : status.emergencies.map(({ title }) => title).join('; '),
    ],
    [t('queued'), `${status.outbox.messages} ${t('messages')}`],
    [t('certificate'), `${Math.floor(status.certificate.daysLeft)} ${t('daysLeft')}`],
  );
  const refused = Object.entries(status.refused);
  if (refused.length > 0)
    rows.push([t('refused'), refused.map(([code, count]) => `${code} × ${count}`).join(', ')]);
  return rows.map(([label, value]) => wrapped(label, value)).join('\n');
}

function amplifierText(
  { phase, gainDb, temperatureC, code }: AmplifierStatus,
  t: (text: keyof typeof TEXTS) => string,
): string {
  return [
    ...(code === undefined ? [] : [code]),
    t(phaseText(phase)),
    ...(temperatureC === undefined ? [] : [`${temperatureC} °C`]),
    ...(gainDb === 0 ? [] : [`${gainDb} dB`]),
  ].join(', ');
}

/** The text of a phase of the amplifier; any that is not known is one in which it is on, and muted. */
export function phaseText(phase: string): 'amplifierOff' | 'amplifierOpen' | 'amplifierOn' {
  if (phase === 'off' || phase === 'standby') return 'amplifierOff';
  return phase === 'open' ? 'amplifierOpen' : 'amplifierOn';
}

function mirrorRows(mirror: Status['mirror'], t: (text: keyof typeof TEXTS) => string): [string, string][] {
  if (mirror === undefined) return [];
  const { reason, answeredAgoS, lastError } = mirror;
  if (reason === undefined) return [[t('mirror'), t('mirrorRests')]];
  const age =
    answeredAgoS === undefined ? t('neverAnswered') : `${t('sinceAnswer')}: ${duration(answeredAgoS)}`;
  const rows: [string, string][] = [
    [t('mirror'), t(MIRROR_TEXTS[reason])],
    ['', age],
  ];
  if (lastError !== undefined) rows.push(['', `${lastError.code}: ${lastError.detail}`]);
  return rows;
}

/** A text may come from a broker, a media server or a player: no escape sequence of it reaches the terminal. */
function wrapped(label: string, value: string): string {
  const room = 80 - LABEL_COLUMNS;
  const lines: string[] = [];
  let line = '';
  for (const word of wordsOf(printable(value, VALUE_LIMIT), room)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((text, i) => (i === 0 ? label : '').padEnd(LABEL_COLUMNS) + text).join('\n');
}

/** Words of at most `room` columns: a longer one, an address for one, is cut into pieces. */
function wordsOf(value: string, room: number): string[] {
  return value
    .split(' ')
    .flatMap((word) => (word.length <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, 'g')) ?? [])));
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}
