import type { Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { clockText } from '../day-text.js';
import { linkStrips, type LinkHistory, type Strip } from '../link-history.js';
import { say } from '../texts.js';
import type { Status } from '../status.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa link`: the connection, its last hours as a chart, and what it cost today. */
export const linkVerb: QuickVerb = {
  summary: {
    vi: 'kết nối, độ trễ, dung lượng và sóng trong ba giờ qua',
    en: 'link, latency, bytes and signal of the last three hours',
  },
  usage: 'link',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const [status, history] = await Promise.all([
      askReceiver(config.socketPath, 'GET', '/v1/status') as Promise<Status>,
      askReceiver(config.socketPath, 'GET', '/v1/link') as Promise<LinkHistory>,
    ]);
    const { link, traffic } = status;
    print(json ? JSON.stringify({ link, traffic, history }) : linkText(status, history, language));
    return EXIT.done;
  },
};

const KINDS = {
  up: 'linkUp',
  connecting: 'linkConnecting',
  waiting: 'linkWaiting',
  idle: 'linkIdle',
  closed: 'linkClosed',
} as const;

/** The link as a person reads it, at most 80 columns a line. */
export function linkText({ link, traffic }: Status, history: LinkHistory, language: Language): string {
  const vi = language === 'vi';
  const { minutes } = history;
  const strips = linkStrips(history);
  const [first, last] = [minutes[0], minutes.at(-1)];
  const span =
    first === undefined || last === undefined ? '' : `${clockText(first.atMs)}–${clockText(last.atMs)}`;
  const share = minutes.length === 0 ? 0 : (minutes.filter((one) => one.up).length / minutes.length) * 100;
  const answer =
    link.roundTripMs === undefined ? '' : `, ${vi ? 'trả lời sau' : 'answers in'} ${link.roundTripMs} ms`;
  return [
    `${say('link', language)}: ${say(KINDS[link.kind], language)}, ping ${link.keepaliveS} s${answer}`,
    `${vi ? 'Hôm nay' : 'Today'}: ${traffic.billedTodayMb.toFixed(1)} MB${traffic.overBudget ? (vi ? ' (QUÁ HẠN MỨC)' : ' (OVER BUDGET)') : ''}`,
    '',
    `${vi ? 'nối ' : 'link'}  [${strips.link}]`,
    `      ${span}  ${share.toFixed(0)} % ${vi ? 'có kết nối' : 'connected'}`,
    ...chart(vi ? 'byte' : 'B   ', vi ? 'B/phút' : 'B/min', strips.bytes),
    ...chart(vi ? 'trễ ' : 'ms  ', 'ms', strips.roundTripMs),
    ...chart(vi ? 'sóng' : 'dBm ', 'dBm', strips.signalDbm),
    vi ? '      # có nối  - chập chờn  . mất nối' : '      # connected  - on and off  . offline',
  ].join('\n');
}

/** A strip with its span; nothing where nothing was measured. */
function chart(label: string, unit: string, { bars, least, most }: Strip): string[] {
  if (least === undefined || most === undefined) return [];
  return [`${label}  [${bars}]`, `      ${least} … ${most} ${unit}`];
}
