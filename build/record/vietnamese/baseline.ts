/** Rows of the security baseline (ETSI EN 303 645): what is asked, and what is missing. */
export const BASELINE_VI = {
  'no end of support is published; nothing of it was proved on a board':
    'chưa công bố thời hạn hỗ trợ; chưa chứng minh trên mạch thật',
  'no default password and no secret shared by devices; each makes its own key; nothing to log in to over the network':
    'không mật khẩu mặc định, không bí mật dùng chung giữa các thiết bị; mỗi thiết bị tự tạo khóa; không có gì để đăng nhập qua mạng',
  'a way to report a weakness, with times to acknowledge and to tell the state of it':
    'có cách báo lỗ hổng, với thời hạn xác nhận và thời hạn báo tình trạng xử lý',
  'updates whose signature the device checks; altered, unsigned and older ones refused; end of support published; version readable':
    'bản cập nhật được thiết bị kiểm tra chữ ký; bản bị sửa, không ký hoặc cũ hơn bị từ chối; công bố thời điểm hết hỗ trợ; đọc được phiên bản',
  'only the version is readable (loa status); there is no update yet, and no end of support is published':
    'chỉ đọc được phiên bản (loa status); chưa có cập nhật, chưa công bố thời điểm hết hỗ trợ',
  'secrets stored safely: key of mode #, own for each device, in no image, log or support file':
    'bí mật được cất an toàn: khóa quyền {1}, riêng cho mỗi thiết bị, không nằm trong ảnh đĩa, nhật ký hay tệp hỗ trợ',
  'no key in hardware; images of boards are not scanned':
    'khóa chưa nằm trong phần cứng; ảnh đĩa của bo mạch chưa được quét',
  'TLS # or # with its own trust store; wrong authority, host and date refused; no configuration from afar without a signature':
    'TLS {=1} hoặc {=2} với bộ CA riêng; sai CA, sai tên máy, sai ngày đều bị từ chối; không cấu hình từ xa khi thiếu chữ ký',
  'the rows of the table in certs/README.md that are open': 'các dòng còn mở trong bảng của certs/README.md',
  'a small surface: no listener, no version told to strangers, no right that is not needed, debug ports documented':
    'bề mặt tấn công nhỏ: không cổng lắng nghe, không lộ phiên bản cho người lạ, không quyền thừa, cổng gỡ lỗi được ghi rõ',
  'debug ports of boards are not documented': 'chưa ghi rõ cổng gỡ lỗi của các bo mạch',
  'the integrity of the software is verified, and a mismatch raises an alarm':
    'tính toàn vẹn của phần mềm được xác minh, sai lệch thì báo động',
  'packages and images are not signed or verified yet': 'gói cài và ảnh đĩa chưa được ký hay xác minh',
  'personal data: what sensors there are is documented, and no sound leaves the device':
    'dữ liệu cá nhân: ghi rõ có những cảm biến nào, và không âm thanh nào rời thiết bị',
  'the closed schemas of what goes up hold no sound and no person, and the IMEI only where a setting asks for it; a sensor of the loudspeaker line may be a microphone: levels are compared on the device, no sound leaves it; no page for the public says so yet':
    'lược đồ đóng của bản tin gửi lên không chứa âm thanh hay con người, và chỉ chứa IMEI khi cấu hình yêu cầu; cảm biến đường dây loa có thể là micro: chỉ so mức âm trên thiết bị, không âm thanh nào rời đi; chưa có trang công khai nói điều này',
  'works on without the network, recovers from power loss, comes back without a herd':
    'không có mạng vẫn hoạt động, tự hồi phục sau mất điện, nối lại không ồ ạt',
  'on a slow broker a fleet is back no sooner than with a fixed second between its attempts':
    'trên máy chủ MQTT chậm, cả đội bộ thu nối lại không sớm hơn so với chờ cố định một giây',
  'telemetry is looked at for signs of attack: refused signatures, reboots, steps of the clock are reported':
    'số đo từ xa được xem xét để tìm dấu hiệu tấn công: chữ ký bị từ chối, khởi động lại, đồng hồ nhảy đều được báo',
  'refusals are security events, counted and signed, and a clock in doubt is an alarm; how a province looks at them is its own':
    'việc từ chối là sự kiện an ninh được đếm và ký, đồng hồ đáng ngờ là cảnh báo; tỉnh xem xét thế nào là việc của tỉnh',
  'a person can wipe keys, kept sound and logs, shown by a scan afterwards':
    'người dùng xóa được khóa, âm thanh đã lưu và nhật ký, có phép quét chứng minh sau đó',
  'what flash keeps in reserve is out of reach of a program':
    'phần dự trữ bên trong bộ nhớ flash nằm ngoài tầm với của chương trình',
  'few decisions at installation, and a check that says it is securely set up':
    'ít quyết định khi cài đặt, và có bước kiểm tra xác nhận đã cài đặt an toàn',
  'three decisions and a check that says so; a swap of a receiver was not tried against a province':
    'ba quyết định và một bước kiểm tra xác nhận; việc thay bộ thu chưa thử với hệ thống của tỉnh',
  'every input is validated: each parser is fuzzed':
    'mọi đầu vào được kiểm tra: mỗi bộ phân tích được thử bằng dữ liệu ngẫu nhiên',
  'CAP has a table of hostile documents but no fuzzer; ffmpeg and the WASM decoders are not fuzzed':
    'CAP có bảng văn bản cố ý phá nhưng chưa thử ngẫu nhiên; ffmpeg và bộ giải mã WASM chưa thử ngẫu nhiên',
  'consumer data protection: consent to the processing of personal data':
    'bảo vệ dữ liệu người dùng: sự đồng ý về xử lý dữ liệu cá nhân',
  'the device processes no personal data: it has no users of its own, and no sound or picture leaves it':
    'thiết bị không xử lý dữ liệu cá nhân: không có người dùng riêng, không âm thanh hay hình ảnh nào rời thiết bị',
} as const;
