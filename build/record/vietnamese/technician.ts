/** Claims and bounds of area technician. */
export const TECHNICIAN_VI = {
  '# faults are put in, one at a time: loa diagnose names the first cause and gives the right remedy, in both languages, for every one.':
    'Đưa vào {1} lỗi, từng lỗi một: loa diagnose nêu đúng nguyên nhân đầu tiên và đúng cách xử lý, bằng cả hai ngôn ngữ, cho mọi lỗi.',
  'at least #, the # that were asked for by name among them; first cause and remedy right in all; nothing named where nothing is put in; each run within # s':
    'ít nhất {1}, trong đó có đủ {2} lỗi được yêu cầu đích danh; nguyên nhân đầu tiên và cách xử lý đúng tất cả; không có lỗi thì không nêu gì; mỗi lần trong {3} s',
  'status, diagnose, top, why (of a receiver that is well, and with a fault) and install in both languages on a terminal of # × #: no line is longer, nothing runs out at the top, nothing is cut; the guide has today’s pictures.':
    'status, diagnose, top, why (khi bộ thu tốt và khi có lỗi) và install bằng cả hai ngôn ngữ trên màn hình {1} × {2}: không dòng nào dài hơn, không trôi mất phần đầu, không bị cắt; ảnh trong hướng dẫn đúng màn hình hiện nay.',
  '# pictures; no line over # columns; none scrolled, none cut; no Vietnamese word in an English one, and none without it in Vietnamese; all as in the guide':
    '{1} ảnh chụp; không dòng nào quá {2} cột; không ảnh nào bị cuộn hay bị cắt; ảnh tiếng Anh không lẫn tiếng Việt và ngược lại; tất cả giống trong hướng dẫn',
  'Keys, tokens, passphrases and a proxy account are planted in state, settings and log: none is in the support archive, which is small and lists what is inside.':
    'Cài thử khóa, mã truy cập, mật khẩu và tài khoản proxy vào trạng thái, cấu hình và nhật ký: không cái nào lọt vào tệp hỗ trợ; tệp đó nhỏ và liệt kê nội dung.',
  '# found of all planted, as they are, in base# and in hexadecimal; at most # MB; every file listed':
    'tìm thấy {1} trong tất cả bí mật cài thử, ở nguyên dạng, base{2} và thập lục; nhiều nhất {3} MB; mọi tệp được liệt kê',
  'After factory-reset neither the state folder nor the raw image of its file system holds a planted secret, also of files that were deleted and replaced before.':
    'Sau factory-reset, thư mục trạng thái và ảnh thô của hệ thống tệp đều không còn bí mật cài thử, kể cả của tệp đã xóa và thay trước đó.',
  'all found in the raw image before; # after; # files left; the journal emptied':
    'trước đó tìm thấy đủ trong ảnh thô; sau đó {1}; còn {2} tệp; nhật ký hệ thống đã xóa',
  "Every verb's --json fits its schema, its exit code is the documented one, and none hangs: with the receiver running, hung, its socket full, stopped and in safe mode, and with an option that there is not.":
    '--json của mọi lệnh đúng lược đồ, mã thoát đúng tài liệu, và không lệnh nào treo: khi bộ thu chạy, treo, socket đầy, dừng, ở chế độ an toàn, và khi gõ tùy chọn không có.',
  'every verb and every word of it run; all fit; all codes as documented (#, #, #, # and # each seen); each within # s':
    'chạy mọi lệnh và mọi lệnh con; tất cả đúng lược đồ; mọi mã đúng tài liệu (đã thấy đủ {1}, {2}, {3}, {4} và {5}); mỗi lệnh trong {6} s',
  'loa status, bundled as in the packages, answers in little more than the start of Node.':
    'loa status, đóng gói như trong gói cài, trả lời không lâu hơn mấy so với khởi động Node.',
  'median at most # × node -e #, run in turn on the same machine':
    'trung vị nhiều nhất {1} lần node -e {2}, chạy xen kẽ trên cùng máy',
} as const;
