import type { Language } from '../../agent/core/errors.js';

/** Everything that the demo says. */
export const DEMO_TEXTS = {
  title: {
    vi: 'Một bản tin từ tỉnh đến cụm loa: hai bộ thu của xã Tân Hòa, hai ấp.',
    en: 'One bulletin from the province to the loudspeaker: two receivers, two hamlets.',
  },
  province: {
    vi: 'Hệ thống thông tin nguồn của tỉnh đã chạy',
    en: 'The source information system is running',
  },
  enrolled: { vi: 'đã xin và cài chứng thư do tỉnh cấp', en: 'has its certificate from the province' },
  born: { vi: 'đã kết nối và báo danh', en: 'is connected and has reported its birth' },
  bulletin: {
    vi: 'Xã Tân Hòa phát trực tiếp bản tin thông thường đến cả hai ấp',
    en: 'Tan Hoa broadcasts a normal bulletin live to both hamlets',
  },
  onAir: { vi: 'đang phát', en: 'is on air with' },
  renewed: { vi: 'Xã gia hạn lượt phát', en: 'The commune renews the lease' },
  emergency: { vi: 'KHẨN CẤP: cảnh báo bão chỉ cho Ấp 1', en: 'EMERGENCY: storm warning, for hamlet 1 only' },
  back: { vi: 'trở lại bản tin trực tiếp', en: 'is back on the live bulletin' },
  intruderTls: {
    vi: 'Kẻ lạ nối vào máy chủ bằng chứng thư của tỉnh khác',
    en: "A stranger connects with another authority's certificate",
  },
  intruderKey: {
    vi: 'Kẻ lạ gửi lệnh phát ký bằng khóa lạ',
    en: 'A stranger sends a command signed with a foreign key',
  },
  intruderReplay: {
    vi: 'Kẻ lạ phát lại lệnh cũ của xã',
    en: "A stranger replays the commune's earlier command",
  },
  intruderNeighbour: {
    vi: 'Xã An Phú ra lệnh cho xã bên cạnh',
    en: 'The commune of An Phu commands its neighbour',
  },
  refusedBy: { vi: 'từ chối', en: 'refuses' },
  leaseEnds: { vi: 'Lượt phát hết hạn, loa tự im', en: 'The lease ends: silence without a stop' },
  cut: { vi: 'Mất mạng ở Ấp 2', en: 'The network of hamlet 2 is cut' },
  notice: {
    vi: 'Xã phát thông báo (tệp) trong lúc Ấp 2 mất mạng',
    en: 'A notice (file) goes out while hamlet 2 is away',
  },
  silent: { vi: 'Tỉnh thấy bộ thu mất kết nối', en: 'The province sees the receiver go' },
  mended: { vi: 'Mạng ở Ấp 2 có lại', en: 'The network of hamlet 2 is mended' },
  returned: { vi: 'đã nối lại và tự báo đã mất mạng', en: 'has returned and says itself that it was away' },
  late: { vi: 'bỏ lệnh đến muộn, không phát bù', en: 'refuses the command that came too late' },
  again: { vi: 'Xã phát thông báo đến cả hai ấp', en: 'A notice for both hamlets' },
  receipt: { vi: 'biên nhận', en: 'receipt' },
  completed: { vi: 'phát hết', en: 'completed' },
  stopped: { vi: 'bị dừng', en: 'stopped' },
  'lease-ended': { vi: 'hết hạn lượt phát', en: 'lease ended' },
  failed: { vi: 'không phát được', en: 'failed' },
  dropped: { vi: 'bị bỏ', en: 'dropped' },
  foreignTls: { vi: 'chứng thư không do tỉnh cấp', en: 'a certificate that the province did not issue' },
  broker: { vi: 'máy chủ MQTT', en: 'the broker' },
  judging: { vi: 'So âm thanh đã phát với nguồn', en: 'Comparing what was heard with the sources' },
  right: {
    vi: 'ĐÚNG: điều nghe được khớp với điều được phép phát.',
    en: 'RIGHT: what was heard is what was allowed.',
  },
  wrong: { vi: 'SAI: điều nghe được không khớp.', en: 'WRONG: what was heard does not match.' },
  files: { vi: 'Kết quả nằm ở', en: 'Results are in' },
  noFfmpeg: {
    vi: 'Thiếu ffmpeg: so với bộ giải mã của chính Loa (bằng chứng yếu hơn).',
    en: "No ffmpeg: the references come from Loa's own decoder (weaker evidence).",
  },
  playing: {
    vi: 'Bộ thu 1 phát ra loa của máy này; chỉ bộ thu 2 được so sánh.',
    en: "Receiver 1 plays on this machine's loudspeaker; only receiver 2 is compared.",
  },
} as const satisfies Record<string, Record<Language, string>>;

/** A text of the demo in one language. */
export function tell(text: keyof typeof DEMO_TEXTS, language: Language): string {
  return DEMO_TEXTS[text][language];
}
