/** Claims and bounds of area programme. */
export const PROGRAMME_VI = {
  'Whatever happens to a receiver, nothing is heard that should not be: # random histories.':
    'Dù điều gì xảy ra với bộ thu, không phát điều không được phát: {1} lịch sử ngẫu nhiên.',
  'never outside permitted hours, never before its time, never twice, never what is over, every lease ends; seeds printed':
    'không bao giờ ngoài khung giờ được phép, không trước giờ, không hai lần, không phát điều đã hết hạn, mọi lượt thuê sóng đều kết thúc; in ra hạt giống ngẫu nhiên',
  'The judge of the histories finds bugs: each of those planted shows.':
    'Bộ chấm các lịch sử phát hiện được lỗi: mỗi lỗi cài thử đều lộ ra.',
  '# planted bugs, each found within # histories': '{1} lỗi cài thử, mỗi lỗi được tìm ra trong {2} lịch sử',
  'A year on a virtual clock, with daily power cuts and outages of six hours: every slot is played on time, or when the mains are back, none twice.':
    'Một năm trên đồng hồ ảo, mỗi ngày có mất điện và mất mạng sáu giờ: mọi khung giờ được phát đúng lúc hoặc khi có điện lại, không khung nào hai lần.',
  'none wrong, none double, under # s': 'không sai, không lặp, dưới {1} s',
  'Seven days without a network, from a schedule whose files were fetched ahead: all of it is played from the cache.':
    'Bảy ngày không có mạng, theo lịch có tệp đã tải trước: tất cả được phát từ bộ nhớ đệm.',
  'every entry opened at its time, every file of it in the cache with its digest; a cut download went on, a broken file was fetched again':
    'mọi mục mở đúng giờ, mọi tệp có trong bộ nhớ đệm với đúng mã băm; tải dở được tải tiếp, tệp hỏng được tải lại',
  'The whole receiver on the software card: an entry is heard at its time, from the cache, while broker and media server are gone; its receipt comes afterwards, and the digest of the plan.':
    'Cả bộ thu trên card âm thanh mềm: một mục được phát đúng giờ, từ bộ nhớ đệm, khi mất cả máy chủ MQTT lẫn máy chủ âm thanh; biên nhận và mã băm của lịch đến sau.',
  "first sample # to # ms after its time; on air for its slot ±# ms; over # % of it its file's tone":
    'mẫu đầu tiên sau giờ từ {1} đến {2} ms; phát đúng độ dài khung ±{3} ms; trên {4} % thời gian là âm của tệp đó',
  'Killed, or its mains cut, before each change of the disk while it replaces a schedule, fetches a file or writes its log: the old or the new is there, and the step comes to its end afterwards.':
    'Bị giết hoặc mất điện trước mỗi thay đổi trên đĩa khi đang thay lịch, tải tệp hay ghi nhật ký: vẫn còn bản cũ hoặc bản mới, và bước đó hoàn tất sau.',
  'every n of every step, SIGKILL and power cut; never neither, never torn':
    'mọi n của mọi bước, SIGKILL và cắt điện; không bao giờ mất cả hai, không bao giờ rách tệp',
  'A disk filled to the last block: the programme and the emergency still play, and it is told what was given up.':
    'Đĩa đầy đến khối cuối cùng: chương trình và tin khẩn cấp vẫn phát, và điều phải bỏ được báo.',
  'every entry opened, its file from the cache; the emergency too; cache, memory and log each say that they could not write; once there is room the log has every line':
    'mọi mục đều mở, tệp từ bộ nhớ đệm; tin khẩn cấp cũng vậy; bộ nhớ đệm, trạng thái và nhật ký đều báo không ghi được; khi có chỗ, nhật ký đủ mọi dòng',
  'A decision of the planner costs little with # entries and ten years of exceptions, and little more with ten times as many.':
    'Một quyết định của bộ lập lịch tốn rất ít với {1} mục và mười năm ngoại lệ, và không hơn mấy khi gấp mười lần.',
  'median ≤ # ms; from # to # entries growing no faster than n log n':
    'trung vị ≤ {1} ms; từ {2} đến {3} mục tăng không nhanh hơn n log n',
} as const;
