import type { Requirement } from './requirement.js';

/**
 * What the province and the Ministry ask of a commune's receiving cluster, as far as it is known, in our words. No row quotes the
 * regulation; a row that nobody has read says what has to be read.
 */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'C1',
    asks: {
      vi: 'Thông tư 39/2020/TT-BTTTT: đài truyền thanh cấp xã ứng dụng công nghệ thông tin - viễn thông, truyền âm thanh và dữ liệu qua mạng viễn thông hoặc Internet, là một thành phần của hệ thống cấp tỉnh bên cạnh hệ thống thông tin nguồn',
      en: 'Circular 39/2020/TT-BTTTT: a commune station that uses information and telecommunication technology, carries sound and data over telecom networks or the Internet, and is one component of a provincial system beside the source information system',
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'main' }, { area: 'link' }],
    note: {
      vi: 'chỉ phần bộ thu; hệ thống thông tin nguồn của tỉnh không thuộc sản phẩm này',
      en: "the receiver's part alone; the province's source information system is not of this product",
    },
  },
  {
    id: 'C2a',
    asks: {
      vi: 'Điều 5: phần mềm của cụm thu đáp ứng Phụ lục 2 (an toàn thông tin)',
      en: "Article 5: the receiving cluster's software meets Annex 2 (security)",
    },
    known: 'unread',
    kind: 'unread',
    mustRead: {
      vi: 'toàn văn Phụ lục 2 của Thông tư 39/2020/TT-BTTTT',
      en: 'the whole text of Annex 2 of Circular 39/2020/TT-BTTTT',
    },
    practice: [{ area: 'trust' }],
  },
  {
    id: 'C2b',
    asks: {
      vi: 'Điều 5: phần cứng đáp ứng Phụ lục 1',
      en: 'Article 5: the hardware meets Annex 1',
    },
    known: 'unread',
    kind: 'unread',
    mustRead: {
      vi: 'toàn văn Phụ lục 1, và hồ sơ của nhà sản xuất bo mạch, tăng âm và loa đã chọn',
      en: 'the whole text of Annex 1, and the papers of the makers of the board, amplifier and loudspeakers that were chosen',
    },
    practice: [{ area: 'hardware' }],
  },
  {
    id: 'C2c',
    asks: {
      vi: 'Điều 5: phần mềm của tỉnh đáp ứng Phụ lục 3 (chức năng) và Phụ lục 4 (an toàn)',
      en: 'Article 5: the provincial software meets Annex 3 (functions) and Annex 4 (security)',
    },
    known: 'read',
    kind: 'not applicable',
    because: {
      vi: 'sản phẩm này là phần mềm trong bộ thu; phần mềm của tỉnh do tỉnh nghiệm thu riêng',
      en: 'this product is the program inside the receiver; the province accepts its own software separately',
    },
  },
  {
    id: 'C3',
    asks: {
      vi: 'Ba mức bản tin: thông thường, ưu tiên, khẩn cấp; khẩn cấp phát ngay; khi trùng bản tin ưu tiên của xã thì người dùng cấp xã quyết định thứ tự',
      en: 'Three classes of bulletin: normal, priority, emergency; an emergency is played at once; where it clashes with a priority bulletin of the commune, the commune user decides the order',
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'emergency' }, { area: 'programme', item: 1 }, { area: 'sound', item: 1 }],
    note: {
      vi: 'thứ tự do xã quyết định đi kèm lịch đã ký của xã',
      en: "the commune's order comes with its signed schedule",
    },
  },
  {
    id: 'C4',
    asks: {
      vi: 'Cụm thu nối qua Internet/Intranet, SIM 3G/4G, Wi-Fi hoặc Ethernet; một hệ thống cấp tỉnh phục vụ mọi cấp và quản lý các cụm',
      en: 'Clusters connect over Internet or Intranet, 3G/4G SIM, Wi-Fi or Ethernet; one provincial system serves all levels and manages the clusters',
    },
    known: 'second-hand',
    kind: 'unread',
    mustRead: {
      vi: 'văn bản gốc nêu các kiểu kết nối (mới biết qua nguồn thứ hai); modem 4G thật chưa được thử',
      en: 'the original text on kinds of connection (known second-hand); no real 4G modem was tried',
    },
    practice: [{ area: 'link' }],
  },
  {
    id: 'C5',
    asks: {
      vi: 'Bộ mã hóa, tốc độ bit, công suất, cấp IP, dạng mã định danh, trường trạng thái, thời hạn lưu nhật ký',
      en: 'Codec, bit rate, power, IP rating, form of identifiers, fields of status, how long logs are kept',
    },
    known: 'unread',
    kind: 'unread',
    mustRead: {
      vi: 'Phụ lục 1, 2 và 3; các văn bản hướng dẫn 1273 (27/4/2021), 2455 (27/6/2023) và 5616; đến lúc đó mỗi con số là một mục cấu hình',
      en: 'Annexes 1, 2 and 3; guidance 1273 (27/4/2021), 2455 (27/6/2023) and 5616; until then each figure is a setting',
    },
    practice: [{ area: 'sound', item: 2 }, { area: 'programme' }],
  },
  {
    id: 'C6',
    asks: {
      vi: 'Chứng thư, TLS, không mật khẩu mặc định, cập nhật có chữ ký (Phụ lục 2 và 4)',
      en: 'Certificates, TLS, no default password, signed updates (Annexes 2 and 4)',
    },
    known: 'background',
    kind: 'unread',
    mustRead: {
      vi: 'câu chữ của Phụ lục 2 và Phụ lục 4 về chứng thư, TLS, mật khẩu và cập nhật',
      en: 'the wording of Annexes 2 and 4 on certificates, TLS, passwords and updates',
    },
    practice: [
      { area: 'trust', item: 3 },
      { area: 'trust', item: 4 },
      { area: 'trust', item: 7 },
    ],
  },
  {
    id: 'C7',
    asks: {
      vi: 'Chưa thấy nguồn nào bắt buộc MQTT hay một giao thức thiết bị nào: giao thức của sản phẩm được công bố mở để tỉnh tự làm được',
      en: "No source shows that MQTT or any device protocol is mandated: the product's protocol is open and documented, so that a province can implement it",
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'trust', item: 1 }],
    note: {
      vi: 'protocols/asyncapi.yaml có ví dụ được phép thử xác minh; không tìm thấy điều bắt buộc chưa phải là bằng chứng rằng không có',
      en: 'protocols/asyncapi.yaml with examples that a test verifies; that no mandate was found does not show that there is none',
    },
  },
  {
    id: 'C8',
    asks: {
      vi: 'Bỏ cấp huyện và sáp nhập tỉnh từ 01/7/2025: không cố định bốn cấp hành chính; địa bàn có độ sâu bất kỳ; bộ thu chuyển địa bàn bằng phân công, không cần đến tận nơi',
      en: 'Districts abolished and provinces merged on 1/7/2025: never four fixed administrative levels; areas of any depth; a receiver is re-homed by its assignment, without a visit',
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'trust', item: 1 }],
    note: {
      vi: 'phép thử sáp nhập tỉnh nằm trong mục trust 1',
      en: 'the trial of a merger is among the claims of trust 1',
    },
  },
  {
    id: 'C9',
    asks: {
      vi: 'Kế hoạch của tỉnh (11/KH-STTTT, Vĩnh Long, 2024): hệ thống đến ấp, khóm, tổ dân phố; bảng tin điện tử công cộng nối với hệ thống thông tin nguồn; báo cáo hằng năm với số liệu từ 15/12 năm trước đến 14/12',
      en: "A province's plan (11/KH-STTTT, Vĩnh Long, 2024): down to hamlet, quarter and residential group; public electronic boards connected to the source system; a yearly report with figures from 15 December to 14 December",
    },
    known: 'read',
    kind: 'addressed',
    by: [
      { area: 'programme', item: 4 },
      { area: 'link', item: 1 },
    ],
    note: {
      vi: 'bộ thu giữ nhật ký phát và biên nhận có chữ ký cho báo cáo (loa report); bảng tin điện tử không thuộc sản phẩm này',
      en: 'the receiver keeps log and signed receipts for the report (loa report); electronic boards are not of this product',
    },
  },
  {
    id: 'C10',
    asks: {
      vi: 'Quyết định 736/QĐ-BTTTT (31/5/2021), khuyến nghị: yêu cầu an toàn cơ bản cho thiết bị IoT tiêu dùng, lấy nguyên ETSI EN 303 645 V2.1.1 mục 5.1 đến 5.13; phần hai về bảo vệ dữ liệu',
      en: 'Decision 736/QĐ-BTTTT (31/5/2021), recommended: baseline for consumer IoT devices, which takes over ETSI EN 303 645 V2.1.1, 5.1 to 5.13; a second part on data protection',
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'trust', item: 7 }],
    note: {
      vi: 'từng mục ở bảng EN 303 645 bên dưới, gồm cả điều còn thiếu; lời văn của tiêu chuẩn ETSI mới đọc qua bản tóm tắt công khai; bộ thu không phải thiết bị tiêu dùng',
      en: 'row by row in the table of EN 303 645 below, what is missing included; the ETSI wording was read in public summaries only; a receiver is not a consumer device',
    },
  },
  {
    id: 'C11a',
    asks: {
      vi: 'Quyết định 742/QĐ-BTTTT (2022), nhóm 6: kiểm tra đầu vào, chống chèn mã thông thường, kiểm soát thông báo lỗi, không có mật khẩu hay bí mật trong mã nguồn',
      en: 'Decision 742/QĐ-BTTTT (2022), group 6: validation of input, defence against common injection, control of error messages, no credentials or secrets in source code',
    },
    known: 'read',
    kind: 'addressed',
    by: [
      { area: 'trust', item: 2 },
      { area: 'trust', item: 7 },
      { area: 'main', item: 5 },
    ],
  },
  {
    id: 'C11b',
    asks: {
      vi: 'Quyết định 742/QĐ-BTTTT, các nhóm khác: xác thực, kiểm soát truy cập, nhật ký, bảo vệ đường truyền, chống chối bỏ, sao lưu',
      en: 'Decision 742/QĐ-BTTTT, the other groups: authentication, access control, logs, protected communication, non-repudiation, backup',
    },
    known: 'background',
    kind: 'unread',
    mustRead: {
      vi: 'các nhóm của Quyết định 742/QĐ-BTTTT ngoài nhóm 6',
      en: 'the groups of Decision 742/QĐ-BTTTT other than group 6',
    },
    practice: [
      { area: 'trust', item: 1 },
      { area: 'trust', item: 5 },
      { area: 'link', item: 1 },
    ],
  },
  {
    id: 'C12',
    asks: {
      vi: 'Thành phần của đài: cụm thu, thiết bị quản lý, lưu trữ và sản xuất chương trình, loa, micro; phần mềm của cụm thu và của hệ thống cấp tỉnh',
      en: 'Components of a station: receiving clusters, equipment to manage, store and produce programmes, loudspeakers, microphones; software of the clusters and of the provincial system',
    },
    known: 'read',
    kind: 'addressed',
    by: [{ area: 'main' }, { area: 'arm' }],
    note: {
      vi: 'chỉ phần mềm của cụm thu; thiết bị sản xuất chương trình, loa và micro được nghiệm thu riêng',
      en: 'the software of the clusters alone; equipment for production, loudspeakers and microphones are accepted separately',
    },
  },
];
