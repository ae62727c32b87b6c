import { LoaError, type Language } from '../../core/errors.js';
import type { UpdateView } from '../../update/update-view.js';
import { askReceiver } from '../client.js';
import { reasonText } from '../reason-text.js';
import type { Text } from '../texts.js';
import { EXIT, type QuickVerb } from '../verb.js';

const STAGES: Readonly<Record<UpdateView['stage'], Text>> = {
  idle: { vi: 'không có bản mới', en: 'nothing newer is known' },
  announced: { vi: 'có bản mới', en: 'a newer one is there' },
  waiting: { vi: 'có bản mới, đang chờ', en: 'a newer one is there, and waits' },
  downloading: { vi: 'đang tải', en: 'downloading' },
  verifying: { vi: 'đang kiểm tra', en: 'verifying' },
  unpacking: { vi: 'đang giải nén', en: 'unpacking' },
  'trial-ready': { vi: 'sẵn sàng chạy thử', en: 'ready for its trial' },
  trial: { vi: 'đang chạy thử', en: 'on trial' },
  committed: { vi: 'bản mới đã được giữ', en: 'the new one is kept' },
  back: { vi: 'đã quay về bản trước', en: 'went back to the one before' },
};

const REASONS: Readonly<Record<string, Text>> = {
  'held-here': { vi: 'kỹ thuật viên giữ lại', en: 'held by a technician' },
  held: { vi: 'tỉnh giữ lại', en: 'held by the province' },
  'no-word': { vi: 'tỉnh chưa cho phép', en: 'the province has not let it begin' },
  'other-version': { vi: 'tỉnh chọn bản khác', en: 'the province wants another version' },
  stage: { vi: 'chưa đến lượt bộ thu này', en: 'not the turn of this receiver yet' },
  'no-slots': { vi: 'không chạy từ gói cài đặt', en: 'not started by the package' },
  'safe-mode': { vi: 'chế độ an toàn', en: 'safe mode' },
  clock: { vi: 'đồng hồ chưa tin được', en: 'the clock is not trusted' },
  emergency: { vi: 'có tin khẩn cấp', en: 'an emergency is in force' },
  'on-air': { vi: 'đang phát', en: 'on air' },
  'soon-on-air': { vi: 'sắp phát', en: 'on air soon' },
  window: { vi: 'ngoài khung giờ cập nhật', en: 'outside the window for updates' },
  turn: { vi: 'chưa đến lượt tải trong khung giờ', en: 'its moment within the window has not come' },
  later: { vi: 'lần trước lỗi, sẽ thử lại', en: 'failed, tried again later' },
  budget: { vi: 'hết hạn mức dữ liệu hôm nay', en: "today's bytes are used up" },
};

const PATHS: Readonly<Record<string, string>> = {
  check: 'check',
  hold: 'hold',
  release: 'release',
  rollback: 'rollback',
};

/** `loa update`: how updates stand; check now, hold them, let them go on, go back. */
export const updateVerb: QuickVerb = {
  summary: { vi: 'cập nhật chương trình', en: 'updates of the program' },
  usage: 'update [status|check|hold|release|rollback]',
  async run({ args, config, language, json, print }) {
    const [what = 'status', ...more] = args;
    const path = PATHS[what];
    if (more.length > 0 || (path === undefined && what !== 'status'))
      throw new LoaError('E_USAGE', updateVerb.usage);
    const view = (await (path === undefined
      ? askReceiver(config.socketPath, 'GET', '/v1/update')
      : askReceiver(config.socketPath, 'POST', `/v1/update/${path}`, {}))) as UpdateView;
    print(json ? JSON.stringify(view) : updateText(view, language));
    return EXIT.done;
  },
};

/** How updates stand as a person reads it, at most 80 columns a line. */
export function updateText(view: UpdateView, language: Language): string {
  const vi = language === 'vi';
  const place = { a: vi ? 'ngăn a' : 'slot a', b: vi ? 'ngăn b' : 'slot b', floor: vi ? 'gói' : 'package' };
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  const { offered, why, refusal, back } = view;
  const lines = [
    `${vi ? 'Đang chạy' : 'Running'}: ${view.version}${view.running === undefined ? '' : ` (${place[view.running]})`}`,
    `${vi ? 'Cập nhật' : 'Update'}: ${view.on ? STAGES[view.stage][language] : vi ? 'chưa đặt kho (update.url)' : 'no repository is set (update.url)'}`,
    ...(offered === undefined
      ? []
      : [
          `${vi ? 'Bản mới' : 'New'}: ${offered.version}, ${mb(view.heldBytes ?? 0)}/${mb(offered.bytes)} MiB`,
        ]),
    ...(why === undefined ? [] : [`${vi ? 'Chờ vì' : 'Waits'}: ${REASONS[why]?.[language] ?? why}`]),
    ...(view.heldHere
      ? [vi ? 'Đang giữ tại đây: loa update release để bỏ' : 'Held here: loa update release']
      : []),
    ...(back === undefined
      ? []
      : [`${back.version}: ${reasonText(back.code, language)}`, `  ${back.code} ${back.detail}`]),
    ...(refusal === undefined
      ? []
      : [
          `${vi ? 'Kho' : 'Repository'}: ${reasonText(refusal.code, language)}`,
          `  ${refusal.code} ${refusal.detail}`,
        ]),
  ];
  return lines.map((line) => line.slice(0, 80).trimEnd()).join('\n');
}
