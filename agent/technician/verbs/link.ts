import type { Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { clockText } from '../day-text.js';
import { linkStrips, type LinkHistory } from '../link-history.js';
import { say } from '../texts.js';
import type { Status } from '../status.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa link`: the connection, its last hours as a chart, and what it cost today. */
export const linkVerb: QuickVerb = {
  summary: {
    vi: 'kết nối trong ba giờ qua và dung lượng hôm nay',
    en: 'the link of the last three hours and what it cost today',
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
  const { link: up, bytes, most } = linkStrips(history);
  const [first, last] = [minutes[0], minutes.at(-1)];
  const span =
    first === undefined || last === undefined ? '' : `${clockText(first.atMs)}–${clockText(last.atMs)}`;
  const share = minutes.length === 0 ? 0 : (minutes.filter((one) => one.up).length / minutes.length) * 100;
  return [
    `${say('link', language)}: ${say(KINDS[link.kind], language)}, ping ${link.keepaliveS} s`,
    `${vi ? 'Hôm nay' : 'Today'}: ${traffic.billedTodayMb.toFixed(1)} MB${traffic.overBudget ? (vi ? ' (QUÁ HẠN MỨC)' : ' (OVER BUDGET)') : ''}`,
    '',
    `${vi ? 'nối ' : 'link'}  [${up}]`,
    `${vi ? 'byte' : 'B   '}  [${bytes}]`,
    `      ${span}  ${share.toFixed(0)} % ${vi ? 'có kết nối' : 'connected'}, ${vi ? 'nhiều nhất' : 'at most'} ${most} B/min`,
    vi ? '      # có nối  - chập chờn  . mất nối' : '      # connected  - on and off  . offline',
  ].join('\n');
}
