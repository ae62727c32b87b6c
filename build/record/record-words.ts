import type { Language } from '../../agent/core/errors.js';
import type { Area } from '../claims/claim.js';
import type { Both } from './requirement.js';

/** Everything that the acceptance record says of itself. */
export const WORDS = {
  state: { vi: 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', en: 'SOCIALIST REPUBLIC OF VIET NAM' },
  motto: { vi: 'Độc lập - Tự do - Hạnh phúc', en: 'Independence - Freedom - Happiness' },
  title: {
    vi: 'BIÊN BẢN NGHIỆM THU KỸ THUẬT',
    en: 'TECHNICAL ACCEPTANCE RECORD',
  },
  subject: {
    vi: 'Phần mềm bộ thu truyền thanh IP/4G cấp xã “Loa”',
    en: 'Program of the IP/4G commune loudspeaker receiver “Loa”',
  },
  number: { vi: 'Số: ……………… /BB-NT', en: 'No.: ………………' },
  made: { vi: 'Lập lúc', en: 'Made at' },
  version: { vi: 'Phiên bản chương trình', en: 'Version of the program' },
  commit: { vi: 'Commit lúc lập', en: 'Commit when made' },
  madeOn: { vi: 'Lập trên máy', en: 'Made on the machine' },
  place: { vi: 'Địa điểm', en: 'Place' },
  serial: { vi: 'Bộ thu (mã, số máy)', en: 'Receiver (id, serial number)' },
  partyA: { vi: 'Bên giao (đại diện, chức vụ)', en: 'Handed over by (name, office)' },
  partyB: { vi: 'Bên nhận (đại diện, chức vụ)', en: 'Accepted by (name, office)' },
  partyC: { vi: 'Đơn vị vận hành (đại diện, chức vụ)', en: 'Operated by (name, office)' },
  howRead: { vi: 'Cách đọc biên bản', en: 'How to read this record' },
  howFigures: {
    vi: 'Mỗi dòng là một cam kết của sản phẩm với giới hạn, số đo, ngày, commit và máy đã đo. Số đo và ghi chú in nguyên văn (tiếng Anh) như chương trình đo ghi lại; không số đo nào được nhập tay. Dòng CHƯA CHẠY không có số đo và nêu lý do.',
    en: 'Each row is a claim of the product with its bound, figure, date, commit and the machine that measured. Figures and notes are as the measuring program wrote them; none was typed in. A row NOT RUN has no figure and says why.',
  },
  howMixed: {
    vi: 'Các số đo không cùng một commit hoặc không cùng một máy: mỗi dòng ghi lượt đo của nó (bảng “Các lượt đo”), và dòng đo trên commit khác với commit lúc lập được đánh dấu ≠.',
    en: 'The figures are not all of one commit or one machine: each row names its run (table “Runs”), and one measured on another commit than that of this record is marked ≠.',
  },
  howOne: {
    vi: 'Mọi số đo thuộc đúng commit nêu trên.',
    en: 'Every figure is of the commit named above.',
  },
  howNone: { vi: 'Chưa có số đo nào.', en: 'There is no figure yet.' },
  howBoard: {
    vi: 'Chưa số đo nào được lấy trên bo mạch ARM thật; các dòng ARM là mô phỏng, card âm thanh là card mềm. Tại chỗ lắp đặt, lệnh loa accept lập biên bản có chữ ký của chính bộ thu và phải kèm theo biên bản này.',
    en: 'No figure was taken on a real ARM board; rows of ARM are simulated, and the sound card is one in software. On site, loa accept leaves a record signed by the receiver itself, which belongs to this one.',
  },
  howConform: {
    vi: 'Biên bản này không phải chứng nhận tuân thủ quy định. Bảng tuân thủ nói rõ điều khoản nào chưa được đọc.',
    en: 'This record certifies no conformity. The matrix says which clauses have not been read.',
  },
  summary: { vi: '1. Tổng hợp', en: '1. Summary' },
  runs: { vi: 'Các lượt đo', en: 'Runs' },
  run: { vi: 'Lượt', en: 'Run' },
  machine: { vi: 'Máy', en: 'Machine' },
  figures: { vi: 'Số dòng', en: 'Rows' },
  from: { vi: 'Từ', en: 'From' },
  to: { vi: 'Đến', en: 'To' },
  area: { vi: 'Lĩnh vực', en: 'Area' },
  all: { vi: 'Tất cả', en: 'All' },
  charts: { vi: '2. Biểu đồ', en: '2. Charts' },
  claims: { vi: '3. Các cam kết và số đo', en: '3. Claims and figures' },
  matrix: { vi: '4. Bảng tuân thủ', en: '4. Compliance matrix' },
  baseline: {
    vi: '5. Yêu cầu an toàn cơ bản ETSI EN 303 645',
    en: '5. Security baseline ETSI EN 303 645',
  },
  conclusion: { vi: '6. Kết luận và chữ ký', en: '6. Conclusion and signatures' },
  item: { vi: 'Mục', en: 'Item' },
  claim: { vi: 'Cam kết và giới hạn', en: 'Claim and bound' },
  bound: { vi: 'Giới hạn', en: 'Bound' },
  measured: { vi: 'Số đo và ghi chú', en: 'Figure and note' },
  result: { vi: 'Kết quả', en: 'Result' },
  holds: { vi: 'ĐẠT', en: 'HOLDS' },
  short: { vi: 'KHÔNG ĐẠT', en: 'FALLS SHORT' },
  unmeasured: { vi: 'KHÔNG ĐO ĐƯỢC', en: 'NOT MEASURED' },
  'not run': { vi: 'CHƯA CHẠY', en: 'NOT RUN' },
  long: {
    vi: 'không chạy: chỉ đo khi có --long',
    en: 'not run: measured with --long alone',
  },
  never: { vi: 'không chạy: chưa lượt nào đo', en: 'not run: no run has measured it' },
  boundChanged: {
    vi: 'không chạy: số đo trước đây theo giới hạn khác',
    en: 'not run: an earlier figure was against another bound',
  },
  earlier: { vi: 'Các lần trước', en: 'Earlier runs' },
  noVietnamese: { vi: '(chưa có bản tiếng Việt)', en: '' },
  requirement: { vi: 'Yêu cầu (lời của chúng tôi)', en: 'Requirement (our words)' },
  known: { vi: 'Biết đến đâu', en: 'Known how' },
  standing: { vi: 'Tình trạng', en: 'Standing' },
  evidence: { vi: 'Bằng gì, hoặc phải đọc gì', en: 'By what, or what must be read' },
  read: { vi: 'đã đọc ở nguồn công khai', en: 'read in a public source' },
  'second-hand': { vi: 'qua nguồn thứ hai', en: 'second-hand' },
  background: { vi: 'hiểu biết chung, chưa đọc lời văn', en: 'background knowledge, wording unread' },
  unread: { vi: 'chưa đọc lời văn', en: 'wording unread' },
  shown: {
    vi: 'Được đáp ứng: mọi cam kết nêu tên đều đạt',
    en: 'Addressed: every claim named holds',
  },
  partly: {
    vi: 'Được đáp ứng một phần: có cam kết chưa có số đo',
    en: 'Addressed in part: some claims have no figure yet',
  },
  fallsShort: {
    vi: 'Được đáp ứng một phần: có cam kết không đạt',
    en: 'Addressed in part: some claims fall short',
  },
  unproved: {
    vi: 'Chưa chứng minh: chưa đo cam kết nào',
    en: 'Not shown: no claim has been measured',
  },
  standsUnread: {
    vi: 'CHƯA ĐỌC: không khẳng định gì về sự tuân thủ',
    en: 'UNREAD: nothing is claimed',
  },
  standsNot: { vi: 'KHÔNG ÁP DỤNG', en: 'NOT APPLICABLE' },
  mustRead: { vi: 'Phải đọc', en: 'To be read' },
  practice: {
    vi: 'Trong khi chờ, theo thông lệ tốt (không suy ra tuân thủ)',
    en: 'Meanwhile, by good practice (no conformity follows)',
  },
  marks: {
    vi: 'Dấu “chưa đọc lời văn” và “hiểu biết chung” nghĩa là không ai trong dự án đã thấy câu chữ của điều khoản: trước khi đọc điều nêu ở cột cuối thì không ai được nói sản phẩm tuân thủ điều khoản đó.',
    en: 'The marks “wording unread” and “background knowledge” mean that nobody of the project has seen the clause: before what the last column names has been read, nobody may say that the product meets it.',
  },
  provision: { vi: 'Mục', en: 'Area' },
  asks: { vi: 'Yêu cầu (lời của chúng tôi)', en: 'What is asked (our words)' },
  by: { vi: 'Chứng minh bằng', en: 'Shown by' },
  missing: { vi: 'Còn thiếu, hoặc vì sao không áp dụng', en: 'What is missing, or why it does not apply' },
  baseShown: { vi: 'đã chứng minh', en: 'shown' },
  basePartly: { vi: 'một phần', en: 'partly' },
  baseNotYet: { vi: 'chưa', en: 'not yet' },
  baseNot: { vi: 'không áp dụng', en: 'not applicable' },
  baseNote: {
    vi: 'Số mục theo ETSI EN 303 645; lời văn là của chúng tôi, đọc từ bản tóm tắt công khai.',
    en: 'Numbers are those of ETSI EN 303 645; the wording is ours, from public summaries.',
  },
  chartSummary: { vi: 'Kết quả theo lĩnh vực (số cam kết)', en: 'Results by area (number of claims)' },
  chartInterrupt: {
    vi: 'Từ lệnh khẩn cấp đến mẫu đầu tiên: từng lần, xếp theo độ trễ (ms)',
    en: 'From the emergency’s command to the first sample: each time, by latency (ms)',
  },
  chartDemo: {
    vi: 'Buổi trình diễn: ai có sóng và mức âm đã ghi được',
    en: 'The demo: who had the air, and the level that was recorded',
  },
  chartRun: { vi: 'Lượt đo', en: 'Run' },
  boundMedian: { vi: 'giới hạn trung vị', en: 'bound of the median' },
  boundP95: { vi: 'giới hạn p95', en: 'bound of p95' },
  decision: {
    vi: 'Kết luận của các bên:   ☐ nghiệm thu   ☐ nghiệm thu có bảo lưu   ☐ không nghiệm thu',
    en: 'The parties conclude:   ☐ accepted   ☐ accepted with reservations   ☐ not accepted',
  },
  reservations: { vi: 'Bảo lưu, thời hạn khắc phục:', en: 'Reservations, and by when they are mended:' },
  enclosed: {
    vi: 'Kèm theo: biên bản loa accept của bộ thu, tệp:',
    en: 'Enclosed: the record of loa accept of the receiver, file:',
  },
  signA: { vi: 'ĐẠI DIỆN BÊN GIAO', en: 'HANDED OVER BY' },
  signB: { vi: 'ĐẠI DIỆN BÊN NHẬN', en: 'ACCEPTED BY' },
  signC: { vi: 'ĐƠN VỊ VẬN HÀNH', en: 'OPERATED BY' },
  sign: { vi: '(ký, ghi rõ họ tên)', en: '(signature, name in full)' },
  zone: { vi: 'giờ Việt Nam, UTC+7', en: 'time of Vietnam, UTC+7' },
  processors: { vi: 'bộ xử lý', en: 'processors' },
} as const satisfies Record<string, Both>;

/** Names of the areas. */
export const AREA_WORDS: Readonly<Record<Area, Both>> = {
  main: { vi: 'Một bản tin từ tỉnh đến loa', en: 'One bulletin from the province to the loudspeaker' },
  trust: { vi: 'Tin cậy và an toàn', en: 'Trust and security' },
  sound: { vi: 'Âm thanh', en: 'Sound' },
  arm: { vi: 'Bộ thu ARM và gói cài', en: 'ARM receivers and packages' },
  programme: { vi: 'Chương trình phát', en: 'Programme' },
  emergency: { vi: 'Khẩn cấp', en: 'Emergency' },
  link: { vi: 'Kết nối', en: 'Link' },
  hardware: { vi: 'Phần cứng', en: 'Hardware' },
  technician: { vi: 'Kỹ thuật viên', en: 'Technician' },
  update: { vi: 'Cập nhật và biên bản', en: 'Updates and this record' },
};

/** One text in one language. */
export function word(name: keyof typeof WORDS, language: Language): string {
  return WORDS[name][language];
}
