/** Claims and bounds of area technician. */
export const TECHNICIAN_VI = {
  '# faults are put in, one at a time: loa diagnose names the first cause and gives the right remedy, in both languages, for every one.':
    'Đưa vào {1} lỗi, từng lỗi một: loa diagnose nêu đúng nguyên nhân đầu tiên và đúng cách xử lý, bằng cả hai ngôn ngữ, cho mọi lỗi.',
  'at least #; all named; remedy right in all; each run within # s':
    'ít nhất {1}; nêu đúng tất cả; cách xử lý đúng tất cả; mỗi lần trong {2} s',
  'status, diagnose, top, why and install in both languages on a terminal of # × #: no line is longer and nothing runs out at the top.':
    'status, diagnose, top, why và install bằng cả hai ngôn ngữ trên màn hình {1} × {2}: không dòng nào dài hơn và không trôi mất phần đầu.',
  '# pictures; no line over # columns; none scrolled; no text cut but lists of codes':
    '{1} ảnh chụp; không dòng nào quá {2} cột; không ảnh nào bị cuộn; không cắt chữ trừ danh sách mã',
  'Keys, tokens, passphrases and a proxy account are planted in state, settings and log: none is in the support archive, which is small and lists what is inside.':
    'Cài thử khóa, mã truy cập, mật khẩu và tài khoản proxy vào trạng thái, cấu hình và nhật ký: không cái nào lọt vào tệp hỗ trợ; tệp đó nhỏ và liệt kê nội dung.',
  '# found of all planted, as they are, in base# and in hexadecimal; at most # MB; every file listed':
    'tìm thấy {1} trong tất cả bí mật cài thử, ở nguyên dạng, base{2} và thập lục; nhiều nhất {3} MB; mọi tệp được liệt kê',
  'After factory-reset neither the state folder nor the raw image of its file system holds a planted secret, also of files that were deleted and replaced before.':
    'Sau factory-reset, thư mục trạng thái và ảnh thô của hệ thống tệp đều không còn bí mật cài thử, kể cả của tệp đã xóa và thay trước đó.',
  'all found in the raw image before; # after; # files left':
    'trước đó tìm thấy đủ trong ảnh thô; sau đó {1}; còn {2} tệp',
  "Every verb's --json fits its schema, and none hangs with the receiver running, hung, stopped, or its socket full; exit codes are as documented.":
    '--json của mọi lệnh đúng lược đồ, và không lệnh nào treo khi bộ thu chạy, treo, dừng hay socket đầy; mã thoát đúng tài liệu.',
  'all fit; each within # s; codes #, #, #, #, # where the document says':
    'tất cả đúng; mỗi lệnh trong {1} s; mã {2}, {3}, {4}, {5}, {6} đúng chỗ tài liệu nêu',
  'loa status, bundled as in the packages, answers in little more than the start of Node.':
    'loa status, đóng gói như trong gói cài, trả lời không lâu hơn mấy so với khởi động Node.',
  'median at most # × node -e #, run in turn on the same machine':
    'trung vị nhiều nhất {1} lần node -e {2}, chạy xen kẽ trên cùng máy',
} as const;
