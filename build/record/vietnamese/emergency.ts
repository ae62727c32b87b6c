/** Claims and bounds of area emergency. */
export const EMERGENCY_VI = {
  'An emergency is heard: nothing broken': 'Tin khẩn cấp được phát: không hỏng gì',
  'each of # sounds within # ms of its publication, median ≤ # ms':
    'mỗi tin trong {1} tin có tiếng trong {2} ms từ lúc gửi, trung vị ≤ {3} ms',
  'An emergency is heard: disk full': 'Tin khẩn cấp được phát: đĩa đầy',
  'An emergency is heard: disk read-only': 'Tin khẩn cấp được phát: đĩa chỉ đọc',
  'An emergency is heard: disk read-only since before the start':
    'Tin khẩn cấp được phát: đĩa chỉ đọc từ trước khi khởi động',
  'An emergency is heard: disk that hangs: nothing written to it returns':
    'Tin khẩn cấp được phát: đĩa treo, không lần ghi nào xong',
  'An emergency is heard: update in progress: its archive comes in':
    'Tin khẩn cấp được phát: đang tải bản cập nhật',
  'An emergency is heard: update on trial: the new program runs':
    'Tin khẩn cấp được phát: bản cập nhật đang chạy thử',
  'An emergency is heard: log that nobody reads': 'Tin khẩn cấp được phát: nhật ký không ai đọc',
  'An emergency is heard: configuration corrupt': 'Tin khẩn cấp được phát: cấu hình hỏng',
  'An emergency is heard: broker lost right after delivery':
    'Tin khẩn cấp được phát: mất máy chủ MQTT ngay sau khi nhận',
  'An emergency is heard: device certificate expired while connected':
    'Tin khẩn cấp được phát: chứng thư thiết bị hết hạn khi đang nối',
  'An emergency is heard: broker gone for good and device certificate expired: the mirror':
    'Tin khẩn cấp được phát: mất hẳn máy chủ MQTT và chứng thư hết hạn: qua kênh dự phòng',
  'each of # sounds within # ms of its publication': 'mỗi tin trong {1} tin có tiếng trong {2} ms từ lúc gửi',
  'An emergency is heard: media server dead': 'Tin khẩn cấp được phát: máy chủ âm thanh chết',
  'An emergency is heard: decoder and voice missing': 'Tin khẩn cấp được phát: thiếu bộ giải mã và giọng đọc',
  'An emergency is heard: cache empty': 'Tin khẩn cấp được phát: bộ nhớ đệm trống',
  'An emergency is heard: clock stepped to # while connected':
    'Tin khẩn cấp được phát: đồng hồ nhảy đến năm {1} khi đang nối',
  'An emergency is heard: clock stepped to # while connected, no beat ever':
    'Tin khẩn cấp được phát: đồng hồ nhảy đến năm {=1} khi đang nối, chưa có nhịp nào của tỉnh',
  'An emergency is heard: permitted hours closed': 'Tin khẩn cấp được phát: ngoài khung giờ được phép phát',
  'An emergency is heard: every other volume at its least, all day':
    'Tin khẩn cấp được phát: mọi âm lượng khác ở mức thấp nhất, cả ngày',
  'An emergency is heard: the card muted and at volume # in its mixer':
    'Tin khẩn cấp được phát: card âm thanh bị tắt tiếng, âm lượng {1} trong bộ trộn',
  "An emergency is heard: a lower authority's emergency on air":
    'Tin khẩn cấp được phát: đang phát tin khẩn cấp của cấp thấp hơn',
  'An emergency is heard: safe mode after five crashes':
    'Tin khẩn cấp được phát: chế độ an toàn sau năm lần đổ vỡ',
  'An emergency is heard: sink restarting': 'Tin khẩn cấp được phát: đầu ra âm thanh đang mở lại',
  'An emergency is heard: main loop busy for # of each # ms':
    'Tin khẩn cấp được phát: vòng lặp chính bận {1} trong mỗi {2} ms',
  'An emergency is heard: # commands before it': 'Tin khẩn cấp được phát: sau {1} lệnh khác',
  'each of # sounds within # ms of its acknowledgement, median ≤ # ms':
    'mỗi tin trong {1} tin có tiếng trong {2} ms từ lúc xác nhận, trung vị ≤ {3} ms',
  'An emergency is heard: a flood of # MB on another topic':
    'Tin khẩn cấp được phát: bị dội {1} MB trên chủ đề khác',
  'A receiver that is killed lets an emergency in force be heard again: at once where it was cut off, then at its repeat; what was cancelled or has expired is silent':
    'Bộ thu bị giết vẫn phát lại tin khẩn cấp còn hiệu lực: phát ngay nếu bị cắt giữa chừng, rồi theo chu kỳ lặp; tin đã hủy hoặc hết hạn thì im',
  'cut off: sound within # s of the start; its repeat no more than # s after the uncut one’s; silent after cancellation and end; ten cuts in a minute: two sounds at most':
    'bị cắt: có tiếng trong {1} s sau khi khởi động; lần lặp không trễ quá {2} s so với khi không bị cắt; im sau khi hủy và hết hạn; mười lần cắt trong một phút: nhiều nhất hai lần phát',
  'The same where the power is cut: what was not synced to its disk is lost, whole or in part':
    'Cũng như vậy khi mất điện: những gì chưa ghi chắc xuống đĩa bị mất, cả hoặc một phần',
  'Its power cut at # instants by chance between the publication of an emergency and the end of its sounding, a receiver lets it be heard':
    'Bị cắt điện ở {1} thời điểm ngẫu nhiên từ lúc gửi tin khẩn cấp đến khi phát xong, bộ thu vẫn phát lại tin ấy',
  'each time, within # s of the start': 'lần nào cũng trong {1} s sau khi khởi động',
  'A test, an exercise, a system message, a draft and a replayed alert are not heard, and each is reported':
    'Tin thử, tin diễn tập, tin hệ thống, bản nháp và tin phát lại đều không phát ra loa, và mỗi tin đều được báo',
  'every sample at the card # for # s after each; the province told N_EMERGENCY_SILENT, or E_DOCUMENT_OLD':
    'mọi mẫu ở card bằng {1} trong {2} s sau mỗi tin; tỉnh được báo N_EMERGENCY_SILENT hoặc E_DOCUMENT_OLD',
  'A receiver decides on CAP # documents of many shapes, those of the standard’s examples and hostile ones among them, as a table says':
    'Bộ thu quyết định về văn bản CAP {=1} đủ hình dạng, gồm cả ví dụ của tiêu chuẩn và văn bản cố ý phá, đúng như bảng',
  'at least # documents, every decision as in the table, none longer than # ms':
    'ít nhất {1} văn bản, mọi quyết định như bảng, không lần nào quá {2} ms',
  'From publication at mosquitto to the first sample on the card, # times, while the receiver plays, fetches and reports':
    'Từ lúc gửi đến mosquitto đến mẫu đầu tiên ở card, {1} lần, trong khi bộ thu đang phát, tải và báo cáo',
  'median ≤ # ms, p# ≤ # ms; those in which the witness stalled repeated and counted':
    'trung vị ≤ {1} ms, p{2} ≤ {3} ms; lần nào máy đo bị khựng thì đo lại và đếm',
} as const;
