/** Claims and bounds of area trust. */
export const TRUST_VI = {
  'Every threat of certs/README.md is stopped, tried now on the real parts':
    'Mọi mối đe dọa nêu trong certs/README.md đều bị chặn, thử ngay trên các bộ phận thật',
  'each attack has no effect, has its named refusal, and an honest command is still done':
    'mỗi cuộc tấn công không có tác dụng, bị từ chối đúng mã, và lệnh đúng vẫn được làm',
  'Clock at #, stepped to #, issuedAt in #, lost journal, stale trust: the documented table, cell by cell':
    'Đồng hồ ở {1}, nhảy đến {2}, issuedAt ở {3}, mất nhật ký lệnh, văn bản tin cậy quá cũ: đúng bảng đã công bố, từng ô',
  'no assertion fails': 'không phép kiểm nào hỏng',
  'Trust document: catching up over versions, rollback, fork, freeze, one stolen root key of three; a revoked authority silenced':
    'Văn bản tin cậy: đuổi kịp qua nhiều phiên bản, lùi phiên bản, rẽ nhánh, đóng băng, mất một trong ba khóa gốc; cơ quan bị thu hồi phải im',
  'Provinces merge, a receiver is away for # days over it, a swap on the pole; an unknown key costs no arithmetic; a flooded topic is left':
    'Tỉnh sáp nhập, bộ thu vắng {1} ngày trong lúc đó, thay bộ thu trên cột; khóa lạ không tốn phép tính; chủ đề bị dội tin thì bỏ qua',
  'A live source whose command names a key is asked of no other key':
    'Nguồn trực tiếp mà lệnh đã nêu khóa thì không chấp nhận khóa khác',
  "A province's guide: TLS authority by OpenSSL, root keys # of # offline, admitting, revoking, theft, run as it stands":
    'Hướng dẫn cho tỉnh: CA bằng OpenSSL, khóa gốc {1} trên {2} để ngoài mạng, kết nạp, thu hồi, mất cắp, chạy đúng như văn bản',
  'A token from the operator’s terminal enrols a receiver; the province’s signed renew exchanges its certificate':
    'Mã một lần do người vận hành cấp ghi danh được bộ thu; lệnh gia hạn có chữ ký của tỉnh đổi được chứng thư',
  'Grants: hours, minutes a day from what was heard, fleet and time of their own':
    'Quyền: khung giờ, số phút mỗi ngày tính theo điều đã phát, quyền quản lý bộ thu và quyền báo giờ tách riêng',
  'A revocation of an authority on a running receiver takes at once and ends what it has on air':
    'Thu hồi một cơ quan có hiệu lực ngay trên bộ thu đang chạy và chấm dứt điều cơ quan đó đang phát',
  "The broker's revocation list is fetched, verified, stored and asked at each handshake, without a restart":
    'Danh sách thu hồi của máy chủ MQTT được tải, xác minh, lưu và hỏi ở mỗi lần bắt tay, không cần khởi động lại',
  'Mutated and wrongly signed messages, trust documents and certificates are all refused':
    'Bản tin, văn bản tin cậy và chứng thư bị biến đổi hoặc ký sai đều bị từ chối',
  'of # none accepted, none crashes, half re-signed, RSS grows under # MiB':
    'trong {1} mẫu không mẫu nào được nhận, không lần nào đổ vỡ, một nửa được ký lại, RSS tăng dưới {2} MiB',
  'Every parser takes random and mutated input':
    'Mọi bộ phân tích chịu được đầu vào ngẫu nhiên và đầu vào biến đổi',
  '# inputs each: named errors only, bounded in time and memory':
    '{1} đầu vào mỗi bộ: chỉ có lỗi đã đặt tên, giới hạn về thời gian và bộ nhớ',
  'Enrolment: killed before each change of the disk, started again':
    'Ghi danh: bị giết trước mỗi thay đổi trên đĩa, rồi chạy lại',
  'every n, process killed and power cut: the identity loads, a broker takes it, the step ends well':
    'với mọi n, giết tiến trình và cắt điện: danh tính vẫn nạp được, máy chủ MQTT chấp nhận, bước đó hoàn tất',
  'Renewal: killed before each change of the disk, started again':
    'Gia hạn: bị giết trước mỗi thay đổi trên đĩa, rồi chạy lại',
  'Rotation of the anchors: killed before each change of the disk, started again':
    'Thay bộ CA: bị giết trước mỗi thay đổi trên đĩa, rồi chạy lại',
  'Trust update: killed before each change of the disk, started again':
    'Cập nhật văn bản tin cậy: bị giết trước mỗi thay đổi trên đĩa, rồi chạy lại',
  'Renewal on a running receiver leaves no gap in what is being played':
    'Gia hạn trên bộ thu đang chạy không để lại chỗ hở trong điều đang phát',
  'every loud # s window above #, no hole or jump, no underrun; then connected with the new certificate':
    'mọi cửa sổ {1} s có tiếng trên {2}, không hở không nhảy, không hụt mẫu; sau đó nối bằng chứng thư mới',
  'OpenSSL verifies each request and each certificate made':
    'OpenSSL xác minh được mọi yêu cầu và mọi chứng thư đã tạo',
  'EC P-# and RSA-#, enrolled and renewed; by the in-process authority and by cfssl':
    'EC P-{1} và RSA-{2}, ghi danh và gia hạn; bằng CA trong tiến trình và bằng cfssl',
  'The private key is in no log, report or process list':
    'Khóa riêng không có trong nhật ký, báo cáo hay danh sách tiến trình nào',
  'none of its numbers, in hexadecimal or base#, in any place searched; the search finds a planted one':
    'không con số nào của khóa, dạng thập lục hay base{1}, ở mọi nơi đã tìm; phép tìm phát hiện được khóa cài thử',
  'The running receiver can write no core': 'Bộ thu đang chạy không ghi được tệp core',
  'RLIMIT_CORE #, soft and hard, and no mapping in coredump_filter':
    'RLIMIT_CORE bằng {1}, mềm và cứng, và coredump_filter không có vùng nào',
  'With an expired certificate and no broker an emergency comes by the mirror, is heard, and is ended by it':
    'Chứng thư hết hạn và không có máy chủ MQTT: tin khẩn cấp đến qua kênh dự phòng, nghe được, và được kết thúc qua kênh đó',
  'asked every second: on air and silent within # s; every loud # s window above #; trust document # to #; no connection':
    'hỏi mỗi giây: phát và im trong {1} s; mọi cửa sổ {2} s có tiếng trên {3}; văn bản tin cậy từ {4} lên {5}; không có kết nối',
  'Rotation of the anchors, revocation and a renewal taken back leave no gap in what is being played':
    'Thay bộ CA, thu hồi và rút lại một lần gia hạn không để lại chỗ hở trong điều đang phát',
  'every loud # s window above #, no hole or jump, # ms of silence in a bulletin that has none, no underrun, all steps done, every record believed':
    'mọi cửa sổ {1} s có tiếng trên {2}, không hở không nhảy, {3} ms im lặng trong bản tin vốn không có, không hụt mẫu, mọi bước hoàn tất, mọi bản ghi đáng tin',
  'The anchors of a running receiver go from the old authority to both to the new one alone; link, renewal and media follow':
    'Bộ CA của bộ thu đang chạy chuyển từ CA cũ sang cả hai rồi chỉ CA mới; kết nối, gia hạn và âm thanh đều theo',
  'added, renewed, broker re-issued, old one dropped, media of the new one heard and of the old one refused':
    'đã thêm, đã gia hạn, máy chủ MQTT cấp lại, bỏ CA cũ, âm thanh của CA mới nghe được và của CA cũ bị từ chối',
  'A revoked broker is left for one with a good certificate, and a receiver that is revoked plays on and says so':
    'Rời máy chủ MQTT bị thu hồi để sang máy chủ có chứng thư tốt; bộ thu bị thu hồi vẫn phát tiếp và báo điều đó',
  'both, on a running receiver, without a restart of it':
    'cả hai, trên bộ thu đang chạy, không khởi động lại',
  'A renewed pair that the broker refuses three times gives way to the old one, with an alarm':
    'Cặp khóa và chứng thư mới bị máy chủ MQTT từ chối ba lần thì nhường cho cặp cũ, kèm cảnh báo',
  'the old certificate in force and connected again, without a restart':
    'chứng thư cũ có hiệu lực và nối lại được, không khởi động lại',
  'Signed messages are verified fast enough, beside openssl speed for the same curve':
    'Xác minh chữ ký đủ nhanh, so với openssl speed trên cùng đường cong',
  'at least # a second': 'ít nhất {1} lần mỗi giây',
  'Keys and trust document add little to the start': 'Khóa và văn bản tin cậy làm khởi động chậm thêm rất ít',
  'at most # ms': 'nhiều nhất {1} ms',
  'The report says of every area of ETSI EN # # what shows it, what is missing, or why it does not apply':
    'Báo cáo nêu cho từng mục của ETSI EN {1} {2}: điều gì chứng minh, còn thiếu gì, hoặc vì sao không áp dụng',
  '# to #, no row without either; what is named exists':
    'từ {=1} đến {=2}, không dòng nào bỏ trống cả hai; điều được nêu tên đều có thật',
  'A running receiver listens on no port': 'Bộ thu đang chạy không mở cổng mạng nào',
  'no TCP or UDP listener': 'không có cổng TCP hay UDP nào lắng nghe',
  'The repository holds no secret': 'Kho mã nguồn không chứa bí mật nào',
  'no private key, token or assigned secret': 'không có khóa riêng, mã truy cập hay bí mật gán sẵn',
  'Neither log, status, help, arguments nor environment of a receiver holds a secret':
    'Nhật ký, trạng thái, trợ giúp, tham số và biến môi trường của bộ thu đều không chứa bí mật',
  'no part of its private key, no key, no token':
    'không phần nào của khóa riêng, không khóa, không mã truy cập',
} as const;
