import type { Language } from '../core/errors.js';

/** A text in both languages. */
export interface Text {
  readonly vi: string;
  readonly en: string;
}

/** Labels and sentences of the command line. */
export const TEXTS = {
  receiver: { vi: 'Bộ thu', en: 'Receiver' },
  version: { vi: 'Phiên bản', en: 'Version' },
  running: { vi: 'Đã chạy', en: 'Running for' },
  link: { vi: 'Kết nối', en: 'Link' },
  linkUp: { vi: 'đã nối với máy chủ của tỉnh', en: 'connected to the province' },
  linkConnecting: { vi: 'đang nối', en: 'connecting' },
  linkWaiting: { vi: 'mất kết nối, chờ nối lại', en: 'offline, waiting to connect again' },
  linkIdle: { vi: 'chưa nối', en: 'not started' },
  linkClosed: { vi: 'đã đóng', en: 'closed' },
  mirror: { vi: 'Kênh dự phòng', en: 'Mirror' },
  mirrorRests: { vi: 'chưa cần dùng', en: 'not needed' },
  mirrorNoBroker: { vi: 'đang dùng: không có máy chủ MQTT', en: 'in use: no broker' },
  mirrorWithheld: {
    vi: 'đang dùng: máy chủ MQTT giữ lại văn bản',
    en: 'in use: the broker withholds a document',
  },
  mirrorSilent: { vi: 'đang dùng: không có nhịp ký số', en: 'in use: no beat from the broker' },
  sinceAnswer: { vi: 'Trả lời gần nhất cách đây', en: 'Time since its last answer' },
  neverAnswered: { vi: 'Chưa trả lời lần nào', en: 'It has not answered yet' },
  area: { vi: 'Địa bàn', en: 'Area' },
  unassigned: { vi: 'chưa được phân công', en: 'not assigned yet' },
  trust: { vi: 'Văn bản tin cậy', en: 'Trust document' },
  sound: { vi: 'Âm thanh', en: 'Sound output' },
  soundOk: { vi: 'tốt', en: 'working' },
  amplifier: { vi: 'Tăng âm', en: 'Amplifier' },
  amplifierOff: { vi: 'đang nghỉ', en: 'resting' },
  amplifierOn: { vi: 'đang bật, câm tiếng', en: 'on, muted' },
  amplifierOpen: { vi: 'đang mở tiếng', en: 'open' },
  underruns: { vi: 'lần hụt mẫu', en: 'underruns' },
  onAir: { vi: 'Đang phát', en: 'On air' },
  silent: { vi: 'không phát gì', en: 'nothing' },
  emergencies: { vi: 'Khẩn cấp còn hiệu lực', en: 'Emergencies in force' },
  none: { vi: 'không có', en: 'none' },
  queued: { vi: 'Chờ gửi về tỉnh', en: 'Waiting to be sent' },
  messages: { vi: 'bản tin', en: 'messages' },
  certificate: { vi: 'Chứng thư', en: 'Certificate' },
  daysLeft: { vi: 'ngày nữa hết hạn', en: 'days left' },
  refused: { vi: 'Đã từ chối', en: 'Refused' },
  local: { vi: 'thử tại chỗ', en: 'local test' },
  normal: { vi: 'thông thường', en: 'normal' },
  priority: { vi: 'ưu tiên', en: 'priority' },
  emergency: { vi: 'khẩn cấp', en: 'emergency' },
  cause: { vi: 'Nguyên nhân', en: 'Cause' },
  remedy: { vi: 'Cách xử lý', en: 'Remedy' },
  safeMode: { vi: 'Chế độ an toàn', en: 'Safe mode' },
  safeCrashes: {
    vi: 'chương trình hỏng năm lần trong mười phút; chỉ phát khẩn cấp',
    en: 'five crashes in ten minutes; emergencies alone',
  },
  safeStore: {
    vi: 'không ghi được kho dữ liệu; chỉ phát khẩn cấp',
    en: 'the store cannot be written; emergencies alone',
  },
  safeLeaving: { vi: 'Đang rời chế độ an toàn.', en: 'Leaving safe mode.' },
  testBusy: {
    vi: 'Đang phát nội dung khác: hãy thử lại khi im lặng.',
    en: 'Something else has the air: test again when it is silent.',
  },
  toneStarted: { vi: 'Đang phát âm thử.', en: 'The test tone is playing.' },
  usage: { vi: 'Cách dùng', en: 'Usage' },
  verbs: { vi: 'Các lệnh', en: 'Commands' },
  options: { vi: 'Tùy chọn chung', en: 'Common options' },
  optionConfig: { vi: 'tệp cấu hình (hoặc biến LOA_CONFIG)', en: 'configuration file (or LOA_CONFIG)' },
  optionLang: { vi: 'ngôn ngữ hiển thị', en: 'language of the texts' },
  optionJson: { vi: 'in JSON cho máy đọc', en: 'print JSON for programs' },
  exitCodes: {
    vi: 'Mã thoát: 0 xong, 1 lỗi, 2 gõ sai lệnh, 3 bộ thu không chạy, 4 đã tìm thấy khâu hỏng hoặc cảnh báo.',
    en: 'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the receiver is not running, 4 a fault or an alarm was found.',
  },
  tagline: {
    vi: 'Loa: chương trình trong bộ thu truyền thanh IP/4G của xã.',
    en: 'Loa: the program inside an IP/4G commune loudspeaker receiver.',
  },
  requestMade: {
    vi: 'Đã tạo khóa và yêu cầu cấp chứng thư. Gửi tệp này cho tỉnh:',
    en: 'Key and certificate request are made. Take this file to the province:',
  },
  installed: { vi: 'Đã cài chứng thư của bộ thu', en: 'Installed the certificate of receiver' },
  passphrase: { vi: 'Mật khẩu của tệp PKCS#12', en: 'Passphrase of the PKCS#12 file' },
  renewing: {
    vi: 'Bộ thu đang gia hạn chứng thư. Xem kết quả bằng: loa certificate show',
    en: 'The receiver is renewing its certificate. See the result with: loa certificate show',
  },
  lookingAtAnchors: {
    vi: 'Bộ thu đang xem lại bộ CA và danh sách thu hồi. Xem kết quả bằng: loa certificate show',
    en: 'The receiver is looking at the authorities and the revocation list. See the result with: loa certificate show',
  },
  anchorsInForce: { vi: 'CA đang tin cậy', en: 'Authority trusted' },
  anchorsStaged: { vi: 'CA mới đang chờ thử', en: 'New authority, waiting' },
  anchorsInstalled: { vi: 'Đã cài bộ CA mới, số chứng thư:', en: 'Installed the new set of authorities:' },
  previousPair: { vi: 'Chứng thư trước đó', en: 'Previous certificate' },
  stagedPair: { vi: 'Chứng thư mới đang chờ', en: 'New certificate, waiting' },
  trustInstalled: { vi: 'Đã cài văn bản tin cậy, phiên bản', en: 'Installed the trust document, version' },
} as const satisfies Record<string, Text>;

/** One text in one language. */
export function say(text: keyof typeof TEXTS, language: Language): string {
  return TEXTS[text][language];
}

/** The language to speak: the option, else the environment's locale where it is one of ours, else the configuration's. */
export function chooseLanguage(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
  configured: Language,
): Language {
  if (option === 'vi' || option === 'en') return option;
  const locale = environment.LC_ALL ?? environment.LC_MESSAGES ?? environment.LANG ?? '';
  if (locale.startsWith('vi')) return 'vi';
  return locale.startsWith('en') ? 'en' : configured;
}
