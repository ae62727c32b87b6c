import { AMPLIFIER_TEXTS } from './error-texts-amplifier.js';
import { DIAGNOSIS_TEXTS } from './diagnosis-texts.js';
import { HEALTH_TEXTS } from './health-texts.js';
import { UPDATE_TEXTS } from './update-texts.js';

interface Text {
  readonly cause: string;
  readonly remedy: string;
}

/** Every error code of Loa with its cause and remedy for a person. `ERRORS.md` is printed from this table. */
export const ERROR_TEXTS = {
  ...DIAGNOSIS_TEXTS,
  E_USAGE: {
    vi: { cause: 'Lệnh gõ chưa đúng.', remedy: 'Xem cách dùng: loa --help.' },
    en: { cause: 'The command line is not right.', remedy: 'See loa --help.' },
  },
  E_INTERNAL: {
    vi: { cause: 'Lỗi bên trong chương trình.', remedy: 'Ghi lại mã và nhật ký, báo cho nhà phát triển.' },
    en: { cause: 'A fault inside the program.', remedy: 'Keep the code and the log and report it.' },
  },
  E_CONFIG_READ: {
    vi: { cause: 'Không đọc được tệp cấu hình.', remedy: 'Kiểm tra đường dẫn, quyền đọc và cú pháp JSON.' },
    en: {
      cause: 'The configuration file cannot be read.',
      remedy: 'Check its path, permissions and JSON syntax.',
    },
  },
  E_CONFIG_KEY: {
    vi: {
      cause: 'Cấu hình có khóa lạ hoặc giá trị ngoài phạm vi.',
      remedy: 'Sửa khóa được nêu; danh sách khóa ở agent/SETTINGS.md.',
    },
    en: {
      cause: 'The configuration has an unknown key or a value out of range.',
      remedy: 'Correct the key named; agent/SETTINGS.md lists them.',
    },
  },
  E_IDENTITY_KEY: {
    vi: {
      cause: 'Không đọc được khóa riêng của bộ thu.',
      remedy:
        'Kiểm tra tệp device.key (quyền 0600, chủ sở hữu loa) hoặc tạo lại bằng loa certificate request.',
    },
    en: {
      cause: "The receiver's private key cannot be read.",
      remedy: 'Check device.key (mode 0600, owner loa), or make a new one with loa certificate request.',
    },
  },
  E_IDENTITY_CERTIFICATE: {
    vi: {
      cause: 'Chứng thư của bộ thu thiếu, hỏng hoặc không khớp khóa.',
      remedy: 'Cài lại chứng thư bằng loa certificate install.',
    },
    en: {
      cause: "The receiver's certificate is missing, damaged or does not match its key.",
      remedy: 'Install it again with loa certificate install.',
    },
  },
  E_IDENTITY_EXPIRED: {
    vi: {
      cause: 'Chứng thư của bộ thu đã hết hạn hoặc chưa có hiệu lực.',
      remedy: 'Kiểm tra đồng hồ; nếu đúng, xin chứng thư mới.',
    },
    en: {
      cause: "The receiver's certificate has expired or is not yet valid.",
      remedy: 'Check the clock; if it is right, request a new certificate.',
    },
  },
  E_IDENTITY_FOREIGN: {
    vi: {
      cause: 'Chứng thư của bộ thu không do cơ quan chứng thực đã cài cấp.',
      remedy: 'Cài chứng thư do tỉnh cấp, hoặc cài đúng neo tin cậy.',
    },
    en: {
      cause: "The receiver's certificate was not issued by an installed anchor.",
      remedy: "Install the province's certificate, or the right anchors.",
    },
  },
  E_IDENTITY_STAGED: {
    vi: {
      cause: 'Chứng thư mới không dùng được với máy chủ của tỉnh, hoặc không có chứng thư mới nào đang chờ.',
      remedy: 'Bộ thu vẫn dùng chứng thư cũ và sẽ xin lại; nếu lặp lại, báo tỉnh kiểm tra chứng thư vừa cấp.',
    },
    en: {
      cause: 'The new certificate does not work with the province, or none is waiting.',
      remedy:
        'The receiver keeps the old one and asks again; if it comes back, have the province check what it issued.',
    },
  },
  E_IDENTITY_BUNDLE: {
    vi: {
      cause: 'Không mở được tệp PKCS#12: sai mật khẩu, tệp hỏng hoặc thiếu khóa, chứng thư.',
      remedy: 'Kiểm tra mật khẩu và tệp .p12; xin tỉnh xuất lại nếu cần.',
    },
    en: {
      cause: 'The PKCS#12 file cannot be opened: wrong passphrase, damaged, or without key or certificate.',
      remedy: 'Check the passphrase and the .p12 file; have it exported again.',
    },
  },
  E_IDENTITY_ANCHORS: {
    vi: {
      cause:
        'Bộ chứng thư CA mới không dùng được: CA đang dùng không xác nhận, tệp sai, hoặc không kiểm được máy chủ của tỉnh bằng bộ mới.',
      remedy:
        'Bộ thu vẫn dùng bộ CA cũ. Báo tỉnh kiểm tra; nếu đúng là tỉnh đổi CA, cài tệp tỉnh gửi bằng: loa certificate anchors TỆP.',
    },
    en: {
      cause:
        'The new set of certificate authorities does not do: not vouched for by those in force, a wrong file, or the province cannot be verified by it.',
      remedy:
        'The receiver keeps the old set. Have the province check; where it did change its authority, install its file: loa certificate anchors FILE.',
    },
  },
  E_ENROL_CONNECT: {
    vi: {
      cause: 'Không kết nối được máy chủ cấp chứng thư (EST), hoặc máy chủ trả lời quá chậm.',
      remedy: 'Kiểm tra mạng và địa chỉ enrolment.url.',
    },
    en: {
      cause: 'The enrolment server (EST) cannot be reached or is too slow.',
      remedy: 'Check the network and enrolment.url.',
    },
  },
  E_ENROL_TLS: {
    vi: {
      cause: 'Máy chủ cấp chứng thư không chứng minh được là của tỉnh.',
      remedy: 'Kiểm tra địa chỉ, đồng hồ của bộ thu và neo tin cậy; đừng bỏ qua lỗi này.',
    },
    en: {
      cause: 'The enrolment server does not prove that it is the province.',
      remedy: 'Check address, clock and anchors; do not work around this.',
    },
  },
  E_ENROL_FINGERPRINT: {
    vi: {
      cause: 'Không có chứng thư CA nào của máy chủ khớp dấu vân tay đã nhập.',
      remedy: 'So lại dấu vân tay SHA-256 do tỉnh gửi bằng đường khác; nếu vẫn sai, có thể đang bị mạo danh.',
    },
    en: {
      cause: 'No CA certificate of the server has the fingerprint given.',
      remedy:
        'Compare the SHA-256 fingerprint by another way; if it still differs, somebody may pose as the province.',
    },
  },
  E_ENROL_REFUSED: {
    vi: {
      cause: 'Tỉnh từ chối cấp chứng thư: mã một lần sai hoặc đã dùng, hoặc bộ thu không có trong danh sách.',
      remedy: 'Xin mã một lần mới, hoặc nhờ tỉnh đưa bộ thu vào danh sách.',
    },
    en: {
      cause:
        'The province refuses a certificate: the token is wrong or used, or the receiver is not on its list.',
      remedy: 'Ask for a new token, or have the receiver put on the list.',
    },
  },
  E_ENROL_PENDING: {
    vi: {
      cause: 'Tỉnh đã nhận yêu cầu nhưng chưa duyệt.',
      remedy: 'Đợi tỉnh duyệt rồi chạy lại lệnh này; khóa trên bộ thu được giữ nguyên.',
    },
    en: {
      cause: 'The province has the request but has not decided yet.',
      remedy: 'Run the command again once it has; the key on the device is kept.',
    },
  },
  E_ENROL_ANSWER: {
    vi: {
      cause: 'Máy chủ cấp chứng thư trả lời sai chuẩn EST (RFC 7030).',
      remedy: 'Báo tỉnh kiểm tra máy chủ EST; kèm chi tiết trong nhật ký.',
    },
    en: {
      cause: 'The enrolment server does not answer as EST (RFC 7030) says.',
      remedy: 'Have the province check its EST server; the log has the detail.',
    },
  },
  E_ENROL_DEMAND: {
    vi: {
      cause: 'Máy chủ cấp chứng thư đòi loại khóa hoặc thông tin mà bộ thu không có.',
      remedy: 'Tỉnh cần chấp nhận khóa EC P-256 hoặc RSA 2048 đến 4096 bit.',
    },
    en: {
      cause: 'The enrolment server demands a key or an attribute that the receiver does not have.',
      remedy: 'The province must accept EC P-256 or RSA of 2048 to 4096 bits.',
    },
  },
  E_REVOCATION_LIST: {
    vi: {
      cause: 'Danh sách thu hồi chứng thư hỏng, quá hạn hoặc không do tỉnh ký.',
      remedy: 'Kiểm tra địa chỉ trust.revocationUrl và tệp CRL của tỉnh.',
    },
    en: {
      cause: 'The list of revoked certificates is damaged, out of date, or not signed by the province.',
      remedy: 'Check trust.revocationUrl and the list that the province publishes.',
    },
  },
  E_TRUST_DOCUMENT: {
    vi: {
      cause: 'Văn bản tin cậy thiếu, hỏng hoặc không hợp lệ.',
      remedy: 'Cài lại văn bản tin cậy của tỉnh: loa certificate trust --trust TỆP --fingerprint MÃ.',
    },
    en: {
      cause: 'The trust document is missing, damaged or not valid.',
      remedy:
        "Install the province's trust document again: loa certificate trust --trust FILE --fingerprint HEX.",
    },
  },
  E_TRUST_SIGNATURE: {
    vi: {
      cause: 'Văn bản tin cậy không đủ chữ ký của khóa gốc.',
      remedy: 'Lấy văn bản đúng từ tỉnh; so vân tay khóa gốc qua kênh khác.',
    },
    en: {
      cause: 'Too few root keys signed the trust document.',
      remedy: 'Get the right one from the province; compare the root fingerprint by another way.',
    },
  },
  E_TRUST_OLD: {
    vi: {
      cause: 'Văn bản tin cậy cũ hơn bản đang dùng hoặc nhảy phiên bản.',
      remedy: 'Tỉnh phát lại các phiên bản theo thứ tự.',
    },
    en: {
      cause: 'The trust document is older than the one in use, or skips a version.',
      remedy: 'The province publishes the versions in order.',
    },
  },
  E_MESSAGE_GARBAGE: {
    vi: {
      cause: 'Bản tin điều khiển không đọc được.',
      remedy: 'Kiểm tra phần mềm gửi: phải là JWS rút gọn, JSON UTF-8.',
    },
    en: {
      cause: 'A message cannot be read.',
      remedy: 'Check the sender: a compact JWS of UTF-8 JSON is wanted.',
    },
  },
  E_MESSAGE_SIZE: {
    vi: {
      cause: 'Bản tin điều khiển quá lớn.',
      remedy: 'Giới hạn là 64 KiB; gửi âm thanh bằng địa chỉ tải về.',
    },
    en: { cause: 'A message is too large.', remedy: 'The limit is 64 KiB; send sound by its address.' },
  },
  E_TOPIC_FLOODED: {
    vi: {
      cause: 'Quá nhiều thư bị từ chối trên một chủ đề; bộ thu tạm rời chủ đề đó.',
      remedy: 'Tìm máy gửi ở máy chủ MQTT, thu hồi tài khoản của nó; bộ thu tự quay lại.',
    },
    en: {
      cause: 'Too many messages on one topic were refused; the receiver has left it for a while.',
      remedy: 'Find the sender at the broker and take its account away; the receiver comes back by itself.',
    },
  },
  E_MESSAGE_TYPE: {
    vi: {
      cause: 'Loại bản tin điều khiển không biết.',
      remedy: 'Kiểm tra phiên bản giao thức ở protocols/asyncapi.yaml.',
    },
    en: {
      cause: 'The type of a message is not known.',
      remedy: 'Check the protocol version in protocols/asyncapi.yaml.',
    },
  },
  E_MESSAGE_CLASS: {
    vi: {
      cause: 'Loại bản tin phát thanh không biết.',
      remedy: 'Chỉ có normal (thông thường) và priority (ưu tiên); khẩn cấp gửi qua emergency.',
    },
    en: {
      cause: 'The bulletin class is not known.',
      remedy: 'There are normal and priority; an emergency goes by its own topic.',
    },
  },
  E_MESSAGE_SCHEMA: {
    vi: {
      cause: 'Bản tin điều khiển thiếu hoặc sai trường.',
      remedy: 'So với lược đồ ở protocols/asyncapi.yaml.',
    },
    en: {
      cause: 'A field of a message is missing or wrong.',
      remedy: 'Compare with the schema in protocols/asyncapi.yaml.',
    },
  },
  E_SIGNATURE_ALGORITHM: {
    vi: {
      cause: 'Thuật toán hoặc tiêu đề chữ ký không được phép.',
      remedy: 'Ký bằng ES256 hoặc EdDSA, không dùng crit.',
    },
    en: {
      cause: 'The algorithm or header of a signature is not allowed.',
      remedy: 'Sign with ES256 or EdDSA, without crit.',
    },
  },
  E_SIGNATURE_KEY: {
    vi: {
      cause: 'Khóa ký không có trong văn bản tin cậy.',
      remedy: 'Nếu là khóa thật, tỉnh thêm vào văn bản tin cậy; nếu không, có kẻ lạ gửi lệnh.',
    },
    en: {
      cause: 'The signing key is not in the trust document.',
      remedy: 'If the key is real the province adds it; if not, a stranger is sending.',
    },
  },
  E_SIGNATURE_INVALID: {
    vi: {
      cause: 'Chữ ký sai: nội dung bị sửa hoặc khóa giả.',
      remedy: 'Coi là tấn công: kiểm tra tài khoản broker và khóa của đơn vị gửi.',
    },
    en: {
      cause: 'The signature is wrong: altered content or a forged key.',
      remedy: "Treat as an attack: check the broker accounts and the sender's key.",
    },
  },
  E_AUTHORITY_AREA: {
    vi: {
      cause: 'Đơn vị gửi không có quyền ở địa bàn này.',
      remedy: 'Gửi từ đơn vị quản lý địa bàn, hoặc sửa phân công bộ thu.',
    },
    en: {
      cause: "The sender's area does not contain this receiver.",
      remedy: "Send from the area's own authority, or correct the assignment.",
    },
  },
  E_AUTHORITY_GRANT: {
    vi: {
      cause: 'Đơn vị gửi không được phép làm việc này.',
      remedy: 'Tỉnh xem lại quyền trong văn bản tin cậy.',
    },
    en: {
      cause: 'The sender is not granted this.',
      remedy: 'The province reviews the grants in the trust document.',
    },
  },
  E_AUTHORITY_REVOKED: {
    vi: {
      cause: 'Đơn vị hoặc khóa gửi đã bị thu hồi hoặc ngoài thời hạn.',
      remedy: 'Dùng khóa còn hiệu lực.',
    },
    en: {
      cause: 'The sender or its key is revoked or out of its validity.',
      remedy: 'Use a key that is valid.',
    },
  },
  E_AUTHORITY_HOURS: {
    vi: {
      cause: 'Ngoài khung giờ mà đơn vị được phép phát.',
      remedy: 'Phát trong khung giờ được cấp, hoặc sửa khung giờ trong văn bản tin cậy.',
    },
    en: {
      cause: 'Outside the hours in which the authority may play.',
      remedy: 'Play within the hours granted, or change them in the trust document.',
    },
  },
  E_AUTHORITY_MINUTES: {
    vi: {
      cause: 'Đơn vị đã phát hết số phút được phép trong ngày.',
      remedy: 'Chờ sang ngày mới (giờ Việt Nam), hoặc sửa số phút trong văn bản tin cậy.',
    },
    en: {
      cause: 'The authority has used up its minutes of this day.',
      remedy: 'Wait for the next day (UTC+7), or change the minutes in the trust document.',
    },
  },
  E_COMMAND_EXPIRED: {
    vi: {
      cause: 'Lệnh đã hết hạn khi đến nơi.',
      remedy: 'Kiểm tra đường truyền và đồng hồ hai đầu, gửi lại.',
    },
    en: {
      cause: 'The command had expired when it came.',
      remedy: 'Check the link and both clocks, send again.',
    },
  },
  E_COMMAND_TIME: {
    vi: {
      cause: 'Thời điểm trong lệnh không hợp lý (tương lai hoặc quá dài).',
      remedy: 'Chỉnh đồng hồ phía gửi; lệnh phát trực tiếp sống tối đa 10 phút.',
    },
    en: {
      cause: 'The times in the command are not plausible (future, or too long a life).',
      remedy: "Set the sender's clock; a live play command lives 10 min at most.",
    },
  },
  E_COMMAND_REPLAY: {
    vi: {
      cause: 'Lệnh này đã nhận rồi.',
      remedy: 'Không cần làm gì; nếu lặp nhiều, có kẻ phát lại lệnh cũ.',
    },
    en: {
      cause: 'This command was received before.',
      remedy: 'Nothing to do; if it repeats, someone replays old commands.',
    },
  },
  E_COMMAND_TARGET: {
    vi: {
      cause: 'Lệnh không dành cho bộ thu này.',
      remedy: 'Kiểm tra mã bộ thu, địa bàn và kỳ phân công (epoch).',
    },
    en: {
      cause: 'The command is not for this receiver.',
      remedy: "Check the receiver id, area and the assignment's epoch.",
    },
  },
  E_COMMAND_STOP: {
    vi: {
      cause: 'Không có gì để dừng, hoặc đơn vị không được dừng bản tin này.',
      remedy: 'Chỉ đơn vị đã phát hoặc cấp trên được dừng.',
    },
    en: {
      cause: 'There is nothing to stop, or this authority may not stop it.',
      remedy: 'Only the one who started it or a higher one may.',
    },
  },
  E_COMMAND_BUSY: {
    vi: { cause: 'Đã có quá nhiều bản tin đang chờ phát.', remedy: 'Chờ hoặc dừng bớt bản tin rồi gửi lại.' },
    en: { cause: 'Too many bulletins are waiting already.', remedy: 'Wait, or stop some, and send again.' },
  },
  E_DOCUMENT_OLD: {
    vi: { cause: 'Văn bản cũ hơn bản đang dùng.', remedy: 'Gửi bản có revision lớn hơn.' },
    en: { cause: 'The document is older than the one in force.', remedy: 'Send one with a larger revision.' },
  },
  E_DOCUMENT_SLOT: {
    vi: { cause: 'Văn bản nằm sai chủ đề MQTT.', remedy: 'Gửi đúng chủ đề của đơn vị và địa bàn đã ký.' },
    en: {
      cause: 'The document came on a topic that is not its own.',
      remedy: 'Publish it on the topic of the signed authority and area.',
    },
  },
  E_DOCUMENT_WITHHELD: {
    vi: {
      cause: 'Tỉnh báo có văn bản mới hơn nhưng bộ thu không nhận được.',
      remedy: 'Kiểm tra máy chủ MQTT (văn bản lưu giữ, quyền truy cập); có thể ai đó đang chặn văn bản.',
    },
    en: {
      cause: 'The province tells of a newer document, which has not come.',
      remedy: 'Check the broker (retained messages, access rules); somebody may be withholding it.',
    },
  },
  E_TRUST_STALE: {
    vi: {
      cause: 'Quá lâu không có tín hiệu ký số của tỉnh: chưa chắc văn bản tin cậy còn mới.',
      remedy: 'Kiểm tra hệ thống nguồn có gửi nhịp (beat) và máy chủ MQTT có chuyển nhịp không.',
    },
    en: {
      cause: 'No signed beat of the province for too long: the trust document may be out of date.',
      remedy: 'Check that the source system sends beats and that the broker passes them on.',
    },
  },
  E_CLOCK_UNKNOWN: {
    vi: {
      cause: 'Đồng hồ sai và chưa được tỉnh xác nhận, nên không biết lệnh còn hạn hay không.',
      remedy: 'Nối mạng để nhận giờ ký số của tỉnh; kiểm tra pin đồng hồ và NTP.',
    },
    en: {
      cause:
        'The clock is wrong and not confirmed by the province: whether a command is current is not known.',
      remedy: 'Connect it, so that it gets signed time from the province; check clock battery and NTP.',
    },
  },
  E_CLOCK_STEPPED: {
    vi: {
      cause: 'Đồng hồ hệ thống lệch quá 5 phút so với giờ ký số của tỉnh.',
      remedy: 'Kiểm tra NTP; bộ thu vẫn chạy theo giờ của tỉnh.',
    },
    en: {
      cause: 'The system clock is more than 5 minutes off the signed time of the province.',
      remedy: 'Check NTP; the receiver goes on by the time of the province.',
    },
  },
  E_JOURNAL_LOST: {
    vi: {
      cause: 'Sổ lệnh đã mất: lệnh này có thể đã được thực hiện trước đó.',
      remedy: 'Gửi lại lệnh mới; nếu lặp lại, kiểm tra thẻ nhớ hoặc đĩa.',
    },
    en: {
      cause: 'The journal of commands was lost: this command may have been done before.',
      remedy: 'Send a new command; if it happens again, check the disk.',
    },
  },
  E_MEDIA_ADDRESS: {
    vi: {
      cause: 'Địa chỉ âm thanh không được phép.',
      remedy: 'Dùng https:// hoặc địa chỉ trong danh sách nội bộ.',
    },
    en: {
      cause: 'The address of the sound is not allowed.',
      remedy: 'Use https:// or an address on the local list.',
    },
  },
  E_MEDIA_CONNECT: {
    vi: {
      cause: 'Không kết nối được máy chủ âm thanh.',
      remedy: 'Kiểm tra mạng, tên miền, chứng thư máy chủ.',
    },
    en: {
      cause: 'The media server cannot be reached.',
      remedy: "Check the network, the name and the server's certificate.",
    },
  },
  E_MEDIA_STATUS: {
    vi: {
      cause: 'Máy chủ âm thanh trả lời không có (ví dụ 404).',
      remedy: 'Kiểm tra địa chỉ tệp hoặc luồng.',
    },
    en: {
      cause: 'The media server answered with a refusal (404, for one).',
      remedy: 'Check the address of the file or stream.',
    },
  },
  E_MEDIA_FORMAT: {
    vi: {
      cause: 'Nội dung tải về không phải âm thanh biết được (ví dụ trang HTML).',
      remedy: 'Mở địa chỉ bằng trình duyệt: thường là trang đăng nhập hoặc báo lỗi.',
    },
    en: {
      cause: 'What came is no sound that is known (an HTML page, for one).',
      remedy: 'Open the address in a browser: often a log-in or error page.',
    },
  },
  E_MEDIA_DIGEST: {
    vi: {
      cause: 'Tệp âm thanh khác với tệp đã ký.',
      remedy: 'Tải lên lại tệp đúng; nếu lặp lại, coi là bị tráo tệp.',
    },
    en: {
      cause: 'The file is not the one that was signed.',
      remedy: 'Upload the right file; if it repeats, treat as tampering.',
    },
  },
  E_MEDIA_STALL: {
    vi: {
      cause: 'Luồng âm thanh ngừng gửi dữ liệu.',
      remedy: 'Kiểm tra nguồn phát và tín hiệu 4G; bộ thu tự nối lại.',
    },
    en: {
      cause: 'The stream stopped sending.',
      remedy: 'Check the source and the 4G signal; the receiver reconnects by itself.',
    },
  },
  E_MEDIA_SIZE: {
    vi: { cause: 'Tệp âm thanh quá lớn.', remedy: 'Giới hạn là 64 MiB cho một tệp.' },
    en: { cause: 'The file is too large.', remedy: 'The limit is 64 MiB a file.' },
  },
  E_MEDIA_DECODE: {
    vi: {
      cause: 'Không giải mã được âm thanh.',
      remedy: 'Kiểm tra tệp; mã hóa lại thành MP3, AAC hoặc Opus.',
    },
    en: {
      cause: 'The sound cannot be decoded.',
      remedy: 'Check the file; encode it again as MP3, AAC or Opus.',
    },
  },
  E_MEDIA_FALLBACK: {
    vi: {
      cause: 'Nguồn chính của bản tin mất tiếng; bộ thu đang phát nguồn dự phòng.',
      remedy: 'Kiểm tra nguồn phát và đường truyền; khi có tiếng lại, bộ thu tự quay về nguồn chính.',
    },
    en: {
      cause: 'The first source of the bulletin gives no sound; another of its chain is heard.',
      remedy: 'Check the source and the network; the receiver goes back to it by itself.',
    },
  },
  E_MEDIA_SILENT: {
    vi: {
      cause: 'Bản tin đang được phát nhưng không có tiếng.',
      remedy: 'Kiểm tra micrô, bàn trộn và nguồn phát; thêm nguồn dự phòng cho bản tin.',
    },
    en: {
      cause: 'A bulletin is on, and nothing is heard of it.',
      remedy: 'Check microphone, desk and source; give the bulletin a fallback.',
    },
  },
  E_SPEECH_MISSING: {
    vi: { cause: 'Thiếu bộ đọc văn bản (espeak-ng).', remedy: 'Cài gói espeak-ng.' },
    en: { cause: 'The speech program (espeak-ng) is missing.', remedy: 'Install the package espeak-ng.' },
  },
  E_SPEECH: {
    vi: {
      cause: 'Không đọc được văn bản thành tiếng.',
      remedy: 'Chạy thử espeak-ng -v vi; kiểm tra cấu hình speech.voice.',
    },
    en: {
      cause: 'The text could not be spoken.',
      remedy: 'Try espeak-ng -v vi; check the setting speech.voice.',
    },
  },
  E_CAPTURE: {
    vi: {
      cause: 'Không thu được tiếng từ đường vào hoặc micrô.',
      remedy: 'Xem thiết bị: arecord -l; kiểm tra cấu hình capture.device và dây tín hiệu.',
    },
    en: {
      cause: 'Line in or microphone gives no sound.',
      remedy: 'See the devices with arecord -l; check the setting capture.device and the cable.',
    },
  },
  E_DECODER_MISSING: {
    vi: { cause: 'Thiếu bộ giải mã (ffmpeg).', remedy: 'Cài gói ffmpeg.' },
    en: { cause: 'A decoder (ffmpeg) is missing.', remedy: 'Install the package ffmpeg.' },
  },
  E_SINK_OPEN: {
    vi: {
      cause: 'Không mở được cổng âm thanh.',
      remedy: 'Kiểm tra card âm thanh: aplay -l; cấu hình sound.device.',
    },
    en: {
      cause: 'The sound output cannot be opened.',
      remedy: 'Check the card with aplay -l, and the setting sound.device.',
    },
  },
  E_SINK_DIED: {
    vi: {
      cause: 'Cổng âm thanh ngừng giữa chừng.',
      remedy: 'Bộ thu tự mở lại; nếu lặp lại, kiểm tra card và nguồn.',
    },
    en: {
      cause: 'The sound output stopped.',
      remedy: 'The receiver reopens it; if it repeats, check card and power.',
    },
  },
  E_SOUND_ENGINE: {
    vi: {
      cause: 'Luồng xử lý âm thanh dừng bất thường.',
      remedy: 'Bộ thu tự khởi động lại phần âm thanh; gửi nhật ký nếu lặp lại.',
    },
    en: {
      cause: 'The sound engine stopped unexpectedly.',
      remedy: 'The receiver restarts it; send the log if it repeats.',
    },
  },
  E_LINK_CONNECT: {
    vi: { cause: 'Không nối được máy chủ MQTT.', remedy: 'Kiểm tra mạng, địa chỉ, cổng 8883.' },
    en: { cause: 'The broker cannot be reached.', remedy: 'Check the network, the address and port 8883.' },
  },
  E_LINK_TLS: {
    vi: {
      cause: 'Bắt tay TLS với máy chủ MQTT thất bại.',
      remedy: 'Kiểm tra neo tin cậy, tên máy chủ, đồng hồ và chứng thư bộ thu.',
    },
    en: {
      cause: 'The TLS handshake with the broker failed.',
      remedy: "Check anchors, host name, clock and the receiver's certificate.",
    },
  },
  E_LINK_DNS: {
    vi: {
      cause: 'Không tìm thấy địa chỉ của máy chủ MQTT (lỗi DNS).',
      remedy: 'Kiểm tra tên máy chủ, DNS và APN của SIM.',
    },
    en: {
      cause: "The broker's name is not found (DNS).",
      remedy: "Check the host name, the DNS server and the SIM's APN.",
    },
  },
  E_LINK_PORTAL: {
    vi: {
      cause: 'Một trang web trả lời thay cho máy chủ MQTT: mạng bắt đăng nhập, hoặc SIM hết tiền.',
      remedy: 'Kiểm tra tài khoản SIM; đăng nhập mạng đó hoặc dùng mạng khác.',
    },
    en: {
      cause: 'A web page answers in place of the broker: a captive portal, or a SIM without credit.',
      remedy: "Check the SIM's account; log in to that network or use another.",
    },
  },
  E_LINK_PROXY: {
    vi: {
      cause: 'Proxy không cho nối tới máy chủ MQTT.',
      remedy: 'Kiểm tra broker.proxy: địa chỉ, tài khoản, và cổng mà proxy cho phép.',
    },
    en: {
      cause: 'The proxy does not lead to the broker.',
      remedy: 'Check broker.proxy: its address, its account and the ports that it allows.',
    },
  },
  E_LINK_TAKEN_OVER: {
    vi: {
      cause: 'Một thiết bị khác vừa vào máy chủ MQTT bằng đúng mã của bộ thu này.',
      remedy: 'Tìm xem có bộ thu bị sao chép hay bị đánh cắp khoá; thu hồi chứng thư nếu có.',
    },
    en: {
      cause: "Another device has just connected to the broker under this receiver's id.",
      remedy: 'Look for a copied receiver or a stolen key; revoke the certificate if there is one.',
    },
  },
  E_LINK_REFUSED: {
    vi: {
      cause: 'Máy chủ MQTT từ chối bộ thu.',
      remedy: 'Kiểm tra quyền của chứng thư và mã bộ thu trên máy chủ.',
    },
    en: {
      cause: 'The broker refused the receiver.',
      remedy: "Check the certificate's rights and the receiver id at the broker.",
    },
  },
  E_LINK_LOST: {
    vi: { cause: 'Mất kết nối tới máy chủ MQTT.', remedy: 'Bộ thu tự nối lại; kiểm tra 4G nếu kéo dài.' },
    en: {
      cause: 'The connection to the broker was lost.',
      remedy: 'The receiver reconnects; check 4G if it lasts.',
    },
  },
  E_LINK_PROTOCOL: {
    vi: {
      cause: 'Máy chủ MQTT gửi gói sai chuẩn.',
      remedy: 'Kiểm tra phần mềm máy chủ; có thể có kẻ chen giữa.',
    },
    en: {
      cause: 'The broker sent a packet against the standard.',
      remedy: 'Check the broker; someone may stand between.',
    },
  },
  E_MIRROR_UNREACHABLE: {
    vi: {
      cause: 'Không đọc được kênh dự phòng HTTPS của tỉnh.',
      remedy: 'Kiểm tra mạng, cài đặt mirror.url và chứng thư của máy chủ dự phòng.',
    },
    en: {
      cause: "The province's mirror over HTTPS cannot be read.",
      remedy: "Check the network, the setting mirror.url and the certificate of the mirror's server.",
    },
  },
  E_MIRROR_ANSWER: {
    vi: {
      cause: 'Kênh dự phòng trả về thứ không phải văn bản đã ký: chuyển hướng, tệp rỗng hoặc quá lớn.',
      remedy:
        'Bộ thu bỏ qua tệp đó; báo tỉnh kiểm tra máy chủ dự phòng theo mục mirror trong certs/PROVINCE.md.',
    },
    en: {
      cause:
        'The mirror gave something that is no signed document: a redirect, an empty file or too long a one.',
      remedy: 'The file is passed over; have the province check its server (mirror, in certs/PROVINCE.md).',
    },
  },
  E_STORE_OPEN: {
    vi: {
      cause: 'Không mở được kho dữ liệu của bộ thu.',
      remedy: 'Kiểm tra ổ đĩa và quyền thư mục trạng thái.',
    },
    en: {
      cause: "The receiver's store cannot be opened.",
      remedy: 'Check the disk and the permissions of the state folder.',
    },
  },
  E_BEAT_MISSING: {
    vi: {
      cause: 'Hai nhịp ký số liên tiếp của tỉnh không đến: tin khẩn cấp lúc này có thể cũng không đến.',
      remedy: 'Xem kết nối và kênh dự phòng bằng loa status; nếu đã nối, hỏi tỉnh có còn phát nhịp không.',
    },
    en: {
      cause: "Two of the province's signed beats in a row have not come: an emergency might not come either.",
      remedy:
        'See link and mirror with loa status; if connected, ask the province whether it still sends beats.',
    },
  },
  E_PATH_TEST: {
    vi: {
      cause: 'Bài thử không tiếng của đường tin khẩn cấp (xác minh, giải mã, trộn, cổng âm thanh) không đạt.',
      remedy: 'Xem chi tiết; thử lại bằng loa test, rồi thử card âm thanh bằng loa tone.',
    },
    en: {
      cause: 'The silent test of the path of an emergency (verify, decode, mix, sound output) has failed.',
      remedy: 'See the detail; test again with loa test, then the sound card with loa tone.',
    },
  },
  E_SAFE_MODE: {
    vi: {
      cause:
        'Bộ thu đang ở chế độ an toàn (chương trình hỏng liên tiếp hoặc không mở được kho dữ liệu): chỉ giữ kết nối, xác minh, âm thanh và tin khẩn cấp.',
      remedy:
        'Xem lý do bằng loa why; sửa xong có thể rời ngay bằng loa safe leave, nếu không bộ thu tự thử lại.',
    },
    en: {
      cause:
        'The receiver is in safe mode (it crashed again and again, or its store cannot be opened): link, verification, sound and emergencies alone.',
      remedy:
        'loa why gives the reason; once mended, loa safe leave leaves it now, or the receiver tries by itself.',
    },
  },
  E_CAP_SIZE: {
    vi: {
      cause: 'Tài liệu CAP quá lớn, quá nhiều phần tử hoặc lồng quá sâu; không phát.',
      remedy: 'Rút gọn đa giác và phần mô tả; một tài liệu tối đa 32 KiB.',
    },
    en: {
      cause: 'A CAP document is too large, has too many elements or is nested too deeply; it is not heard.',
      remedy: 'Shorten polygons and descriptions; a document has 32 KiB at most.',
    },
  },
  E_CAP_XML: {
    vi: {
      cause: 'Tài liệu CAP không phải XML hợp lệ (UTF-8), hoặc có DOCTYPE; không phát.',
      remedy: 'Nhờ nơi gửi cảnh báo sửa tài liệu; DOCTYPE và thực thể không được phép.',
    },
    en: {
      cause: 'A CAP document is not well-formed XML in UTF-8, or has a DOCTYPE; it is not heard.',
      remedy: 'Have its sender mend it; a DOCTYPE and entities are not allowed.',
    },
  },
  E_CAP_FIELD: {
    vi: {
      cause: 'Tài liệu không đúng chuẩn CAP 1.2 (thiếu, thừa hoặc sai phần tử); không phát.',
      remedy: 'Xem phần tử được nêu tên; thời điểm phải có múi giờ dạng +07:00, không dùng Z.',
    },
    en: {
      cause: 'A document does not keep to CAP 1.2 (an element missing, too many or wrong); it is not heard.',
      remedy: 'See the element named; an instant has a zone such as +07:00, not Z.',
    },
  },
  E_STATE_FILE: {
    vi: {
      cause: 'Một tệp trạng thái bị hỏng; bộ thu dùng bản tốt gần nhất hoặc giá trị ban đầu.',
      remedy: 'Nếu lặp lại: thẻ nhớ sắp hỏng, hãy thay.',
    },
    en: {
      cause: 'A file of state is damaged; the last good one or the factory value is used.',
      remedy: 'If it comes again, the memory card is failing: replace it.',
    },
  },
  E_SIM_BUDGET: {
    vi: {
      cause: 'Đã dùng hết hạn mức dữ liệu SIM của hôm nay; việc tải thường chờ đến mai, khẩn cấp không chờ.',
      remedy: 'Xem bộ thu tải gì; tăng network.simBudgetMb hoặc gói cước nếu cần.',
    },
    en: {
      cause: "Today's SIM budget is used up; ordinary fetching waits until tomorrow, emergencies do not.",
      remedy: 'Look at what is fetched; raise network.simBudgetMb or the data plan if needed.',
    },
  },
  E_STORE_WRITE: {
    vi: { cause: 'Không ghi được xuống đĩa.', remedy: 'Kiểm tra đĩa đầy, chỉ đọc hoặc hỏng.' },
    en: { cause: 'The disk cannot be written.', remedy: 'Check whether it is full, read-only or failing.' },
  },
  E_NOT_RUNNING: {
    vi: {
      cause: 'Bộ thu không chạy hoặc không trả lời.',
      remedy: 'Khởi động: systemctl start loa, hoặc loa run.',
    },
    en: {
      cause: 'The receiver is not running or does not answer.',
      remedy: 'Start it: systemctl start loa, or loa run.',
    },
  },
  E_LOCAL_LIMIT: {
    vi: {
      cause: 'Âm thử tại chỗ vượt giới hạn.',
      remedy: 'Tối đa 30 giây và −20 dB; thử lại khi không có bản tin.',
    },
    en: {
      cause: 'Local sound beyond its limits.',
      remedy: 'At most 30 s and −20 dB; try when nothing is on air.',
    },
  },
  E_LOCAL_HOURS: {
    vi: {
      cause: 'Ngoài khung giờ được phép phát, không được thử tiếng tại chỗ.',
      remedy: 'Thử trong khung giờ, hoặc xin tỉnh giấy phép đã ký cho bộ thu và ngày này: loa permit TỆP.',
    },
    en: {
      cause: 'Outside the permitted hours no sound is made on site.',
      remedy:
        'Try within them, or have the province sign a permit for this receiver and day: loa permit FILE.',
    },
  },
  ...AMPLIFIER_TEXTS,
  ...HEALTH_TEXTS,
  ...UPDATE_TEXTS,
} as const satisfies Record<string, { vi: Text; en: Text }>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_TEXTS;
