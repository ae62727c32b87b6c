import { printable } from '../../../protocols/printable.js';
import type { Language } from '../../core/errors.js';
import type { CacheView, MediaProgress } from '../../programme/media-keeper.js';
import { askReceiver } from '../client.js';
import { clockText } from '../day-text.js';
import type { Text } from '../texts.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

const STATES: Readonly<Record<MediaProgress['state'], Text>> = {
  here: { vi: 'đã có', en: 'here' },
  waiting: { vi: 'chờ tải', en: 'waiting' },
  begun: { vi: 'đang tải', en: 'begun' },
  failed: { vi: 'tải lỗi', en: 'failed' },
  'no-room': { vi: 'hết chỗ', en: 'no room' },
};

/** `loa cache`: the files fetched ahead of the programme. */
export const cacheVerb: QuickVerb = {
  summary: { vi: 'tệp âm thanh đã tải trước cho lịch', en: 'the files fetched ahead of the programme' },
  usage: 'cache',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const view = (await askReceiver(config.socketPath, 'GET', '/v1/cache')) as CacheView;
    print(json ? JSON.stringify(view) : cacheText(view, language));
    return EXIT.done;
  },
};

/** The cache as a person reads it, at most 80 columns a line. */
export function cacheText(view: CacheView, language: Language): string {
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  const vi = language === 'vi';
  const here = view.wanted.filter(({ state }) => state === 'here').length;
  const lines = [
    vi
      ? `Đã có ${here}/${view.wanted.length} tệp cần; ${view.files} tệp, ${mb(view.bytes)}/${mb(view.quotaBytes)} MiB`
      : `${here} of ${view.wanted.length} wanted files are here; ${view.files} files, ${mb(view.bytes)} of ${mb(view.quotaBytes)} MiB`,
    vi
      ? `Tải trước hôm nay: ${mb(view.fetchedTodayBytes)}/${mb(view.budgetBytes)} MiB`
      : `Fetched ahead today: ${mb(view.fetchedTodayBytes)} of ${mb(view.budgetBytes)} MiB`,
  ];
  for (const { sha256, url, neededMs, state, bytes, code } of view.wanted.slice(0, 100)) {
    const need =
      neededMs === 0
        ? vi
          ? 'khẩn cấp'
          : 'emergency'
        : `${new Date(neededMs + 25_200_000).toISOString().slice(5, 10)} ${clockText(neededMs)}`;
    const name = printable(url.slice(url.lastIndexOf('/') + 1), 24);
    const rest = [STATES[state][language], bytes > 0 ? `${mb(bytes)} MiB` : '', code ?? ''];
    lines.push(
      `${need.padEnd(12)} ${sha256.slice(0, 8)} ${name.slice(0, 24).padEnd(24)} ${rest.join(' ')}`
        .trimEnd()
        .slice(0, 80),
    );
  }
  return lines.join('\n');
}
