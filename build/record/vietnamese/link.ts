/** Claims and bounds of area link. */
export const LINK_VI = {
  'The receiver is killed # times at chance moments while it takes up # receipts and security events: each that was accepted arrives at mosquitto, and repeats are known as such.':
    'Bộ thu bị giết {1} lần vào lúc ngẫu nhiên khi đang nhận {2} biên nhận và sự kiện an ninh: mỗi điều đã nhận đều đến mosquitto, và bản gửi lặp được nhận ra.',
  '# lost; repeats known by (receiver, boot, sequence); order kept within boot and class':
    'mất {1}; bản lặp nhận ra theo (bộ thu, lần khởi động, số thứ tự); giữ thứ tự trong mỗi lần khởi động và mỗi loại',
  'The power is cut # times at chance moments, and the disk loses, tears or keeps by chance what was not synced: each of # receipts and security events that was accepted arrives at mosquitto.':
    'Cắt điện {1} lần vào lúc ngẫu nhiên, đĩa mất, rách hoặc giữ ngẫu nhiên phần chưa ghi hẳn: mỗi điều trong {2} biên nhận và sự kiện an ninh đã nhận đều đến mosquitto.',
  '# lost; repeats known by (receiver, boot, sequence); order kept; the cuts took something of the disk':
    'mất {1}; bản lặp nhận ra theo (bộ thu, lần khởi động, số thứ tự); giữ thứ tự; các lần cắt có lấy mất dữ liệu trên đĩa',
  'The disk becomes full, read-only or broken under a running outbox: messages are refused with a code, those that are there go out, and once the disk is well the same process goes on.':
    'Đĩa đầy, chỉ đọc hoặc hỏng khi hộp thư đi đang chạy: bản tin bị từ chối kèm mã, bản tin sẵn có vẫn gửi đi, và khi đĩa tốt lại, chính tiến trình đó chạy tiếp.',
  'E_STORE_WRITE alone; # of what was accepted lost, over a power cut afterwards; the file of state keeps its last value':
    'chỉ E_STORE_WRITE; mất {1} điều đã nhận, kể cả khi mất điện sau đó; tệp trạng thái giữ giá trị cuối',
  'The mains of a simulated arm# receiver go # times in the middle of a play: every receipt and security event that it had kept arrives.':
    'Bộ thu arm{1} mô phỏng mất điện {2} lần giữa lúc phát: mọi biên nhận và sự kiện an ninh đã lưu đều đến nơi.',
  '# of # come back and report; no hole in the chain of signed records':
    '{1} trên {2} lần trở lại và báo cáo; chuỗi bản ghi có chữ ký không thủng',
  'Led to hostile brokers in turn, the receiver lives through each, stays small, and comes back to the good one.':
    'Lần lượt bị dẫn tới các máy chủ MQTT cố ý phá, bộ thu sống sót, không phình bộ nhớ, và trở về máy chủ tốt.',
  'at least # behaviours; the same process; at most # MB above its memory before; back each time':
    'ít nhất {1} kiểu phá; cùng một tiến trình; bộ nhớ nhiều nhất {2} MB trên mức trước đó; lần nào cũng trở về',
  'Six hours without a broker: everything kept is delivered afterwards, in order within a class, and the outbox keeps to its bound.':
    'Sáu giờ không có máy chủ MQTT: mọi điều đã lưu được gửi sau đó, đúng thứ tự trong mỗi loại, và hộp thư đi giữ đúng giới hạn.',
  'no receipt or security event lost; order kept; at most # MiB; what was dropped is counted':
    'không mất biên nhận hay sự kiện an ninh nào; giữ thứ tự; nhiều nhất {1} MiB; điều phải bỏ được đếm',
  'Six hours without a broker and a flood of # MB of alarms: everything kept is delivered afterwards, in order within a class, and the outbox keeps to its bound.':
    'Sáu giờ không có máy chủ MQTT và dội {1} MB cảnh báo: mọi điều đã lưu được gửi sau đó, đúng thứ tự trong mỗi loại, và hộp thư đi giữ đúng giới hạn.',
  'A mosquitto with # receivers is killed and comes back: all are back, and fewer attempts fail than with a fixed second between them, on a healthy and on a slow broker.':
    'Một mosquitto với {1} bộ thu bị giết rồi trở lại: tất cả nối lại, và số lần thử hỏng ít hơn so với chờ cố định một giây, trên máy chủ khỏe và máy chủ chậm.',
  'all of # back within # s with jitter; fewer failures than fixed':
    'cả {1} bộ thu nối lại trong {2} s nhờ chờ ngẫu nhiên; ít lần hỏng hơn so với chờ cố định',
  'An idle receiver, pings, readings and the signed beats that vouch for every document of its three areas included, stays within its traffic a day.':
    'Bộ thu rảnh, tính cả tin giữ kết nối, số đo và nhịp có chữ ký xác nhận mọi văn bản của ba địa bàn, không vượt lưu lượng mỗi ngày.',
  'at a learned keepalive of # s at most # kB a day on the wire (IP bytes, both directions)':
    'với chu kỳ giữ kết nối học được {1} s, nhiều nhất {2} kB mỗi ngày trên đường truyền (byte IP, cả hai chiều)',
  'The way to the broker becomes a black hole in mid-play: what is on air goes on, the link knows in time, and the province is told afterwards.':
    'Đường tới máy chủ MQTT thành hố đen giữa lúc phát: điều đang phát vẫn tiếp tục, bộ thu nhận ra kịp, và tỉnh được báo sau đó.',
  'no silence over # ms; noticed within # × keepalive; alarm and clearing with the length right within # ms':
    'không im lặng quá {1} ms; nhận ra trong {2} lần chu kỳ giữ kết nối; cảnh báo và báo hết với độ dài đúng trong {3} ms',
} as const;
