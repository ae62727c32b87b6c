/** Claims and bounds of area hardware. */
export const HARDWARE_VI = {
  '# random histories of play, stop, fault, emergency, heat and power: the amplifier is in no unsafe state':
    '{1} lịch sử ngẫu nhiên gồm phát, dừng, lỗi, khẩn cấp, nóng và mất điện: tăng âm không bao giờ ở trạng thái nguy hiểm',
  'no relay switched unmuted or before its time, nothing let through before it is open, nothing muted that was still to be heard, never open in a short circuit, never left open or under power with nobody on air, nobody waits for ever; seeds printed':
    'không đóng cắt rơ le khi chưa câm hoặc trước giờ, không cho tiếng qua trước khi mở, không câm điều còn phải nghe, không bao giờ mở khi chập tải, không để mở hay có điện khi không ai phát, không ai chờ mãi; in ra hạt giống ngẫu nhiên',
  'The judge of the histories finds an amplifier that does not keep a time':
    'Bộ chấm các lịch sử phát hiện tăng âm không giữ đúng thời gian',
  'each of # times spoilt is found within # histories':
    'mỗi thời gian trong {1} thời gian bị làm sai được tìm ra trong {2} lịch sử',
  'The running receiver on the software card with simulated lines: files, a live stream and an emergency wake the amplifier, an open line stops it':
    'Bộ thu đang chạy trên card âm thanh mềm với các chân mô phỏng: tệp, luồng trực tiếp và tin khẩn cấp đánh thức tăng âm, hở mạch thì dừng',
  'nothing of what begins while it is off or held is lost (head, tail and correlation), no frame is heard while it is muted or before it is open, lines in their order and times, the refusal in the receipt, the emergency heard in spite of the open line':
    'không mất phần nào của điều bắt đầu khi tăng âm tắt hoặc bị giữ (đầu, cuối và tương quan), không mẫu nào lọt khi đang câm hoặc chưa mở, các chân đúng thứ tự và thời gian, biên nhận ghi việc từ chối, tin khẩn cấp vẫn phát dù hở mạch',
  'Each fault that is injected (open, short, hot, start in heat, under-voltage, mains lost, battery, card gone, modem dead, SIM, disk, fan, door, memory) is the right alarm, once, cleared once, and what depends on it is silent.':
    'Mỗi lỗi đưa vào (hở mạch, chập tải, nóng, khởi động khi nóng, sụt áp, mất điện lưới, ắc quy, mất card, modem chết, SIM, đĩa, quạt, cửa, bộ nhớ) cho đúng một cảnh báo, một lần báo hết, và điều phụ thuộc thì im.',
  'exactly one alarm and one clearing of the right code for each, nothing else':
    'mỗi lỗi đúng một cảnh báo và một lần báo hết đúng mã, không gì khác',
  'The same faults come and go for three hours, every # s, # and # minutes: they do not flood.':
    'Chính các lỗi đó chập chờn trong ba giờ, mỗi {1} s, {2} và {3} phút: không dội cảnh báo.',
  'at most three alarms of one code within any hour, # messages with their clearings; each is told at all':
    'nhiều nhất ba cảnh báo cùng mã trong một giờ bất kỳ, {1} bản tin kể cả báo hết; lỗi nào cũng được báo',
  'The main loop, the sound thread and the outbox of a running receiver stand still, one after the other: each time it is reset, and the next run says why.':
    'Vòng lặp chính, luồng âm thanh và hộp thư đi của bộ thu đang chạy lần lượt đứng yên: lần nào cũng bị khởi động lại, và lần chạy sau nói rõ vì sao.',
  "food withheld until systemd's time (# s here) has run out, within # s; the next start's reason is the watchdog and names the part":
    'ngừng nuôi watchdog đến khi hết thời hạn của systemd (ở đây {1} s), trong {2} s; lý do của lần khởi động sau là watchdog và nêu tên bộ phận',
  'The main loop stands still while an emergency sounds: it is not reset before the sound is over, and then it is.':
    'Vòng lặp chính đứng yên khi đang phát tin khẩn cấp: không khởi động lại trước khi phát xong, sau đó mới khởi động lại.',
  'no reset within # s of sound that would follow; reset afterwards':
    'không khởi động lại trong {1} s âm thanh còn lại; khởi động lại sau đó',
  'A network outage of a day, with an hour in which the disk refuses every write, never withholds the food; a write that never ends does.':
    'Mất mạng một ngày, có một giờ đĩa từ chối mọi lần ghi, không làm ngừng nuôi watchdog; một lần ghi không bao giờ xong thì có.',
  '# of # looks; deadlock seen within # s; the real program without a broker for a minute is fed throughout':
    '{1} trên {2} lần nhìn; thấy kẹt trong {3} s; chương trình thật không có máy chủ MQTT một phút vẫn được nuôi liên tục',
  'With every sensor there is, a birth with all the readings that follow it is small, and so is what a quiet day changes.':
    'Có đủ mọi cảm biến, tin chào cùng toàn bộ số đo theo sau vẫn nhỏ, và thay đổi của một ngày yên ổn cũng nhỏ.',
  "a full birth ≤ # kB and a day's changes ≤ # kB of IP bytes on the wire, acknowledgements included":
    'tin chào đầy đủ ≤ {1} kB và thay đổi cả ngày ≤ {2} kB byte IP trên đường truyền, kể cả xác nhận',
  'A reading of every sensor takes little of the processor and no child process.':
    'Đọc mọi cảm biến tốn rất ít bộ xử lý và không tạo tiến trình con.',
  '≤ # ms of CPU of the whole process for one; no child process':
    '≤ {1} ms CPU của cả tiến trình cho một lần; không tiến trình con',
  'A calibrated self-test tells a normal line from one loudspeaker missing of four, with noise at # dB SNR, in # trials':
    'Tự kiểm tra đã hiệu chuẩn phân biệt được đường dây bình thường với mất một trong bốn loa, khi ồn ở {1} dB SNR, trong {2} lần thử',
  '≤ # % false alarms, ≥ # % found; seeds printed':
    '≤ {1} % báo nhầm, ≥ {2} % phát hiện được; in ra hạt giống ngẫu nhiên',
} as const;
