/** Claims and bounds of area main. */
export const MAIN_VI = {
  'In a fresh clone inside a Debian # root and a Debian # root with only git, Node and npm: ./build/demo exits # and ./build/test passes':
    'Trong bản sao mã nguồn mới, trên gốc Debian {1} và Debian {2} chỉ có git, Node và npm: ./build/demo kết thúc với mã {3} và ./build/test đạt',
  'both exit # in both roots, # failed, with CI=true':
    'cả hai lệnh kết thúc với mã {1} trên cả hai gốc, {2} phép thử hỏng, với CI=true',
  'Each segment of heard-*.wav has one fixed lag against its source':
    'Mỗi đoạn trong heard-*.wav lệch so với nguồn một khoảng cố định',
  'every window within ±# ms of it': 'mọi cửa sổ nằm trong ±{1} ms quanh khoảng đó',
  'Every # s window above −# dBFS is the sound of its source':
    'Mọi cửa sổ {1} s trên −{2} dBFS đúng là âm thanh của nguồn',
  'correlation above #': 'hệ số tương quan trên {1}',
  'The order of bulletins, told by the sound alone, is right':
    'Thứ tự các bản tin, chỉ xét theo âm thanh thu được, là đúng',
  'bulletin, chime, emergency, bulletin, notice, notice | bulletin, notice':
    'bản tin, nhạc hiệu, khẩn cấp, bản tin, thông báo, thông báo | bản tin, thông báo',
  'Silence where nothing should play': 'Im lặng ở nơi không được phát gì',
  'below −# dBFS in every # ms': 'dưới −{1} dBFS trong mỗi {2} ms',
  'After the emergency the live bulletin is back on its own time line':
    'Sau tin khẩn cấp, bản tin trực tiếp trở lại đúng dòng thời gian của nó',
  'within # ms': 'trong vòng {1} ms',
  'The demo ends well: refusals and outage reported, records signed without a gap':
    'Buổi trình diễn kết thúc tốt: việc từ chối và việc mất mạng đều được báo, các bản ghi có chữ ký liền mạch',
  'exit code #, under # s': 'mã thoát {1}, dưới {2} s',
  'MP#, live from Icecast and as a file, with an emergency between, commanded over mosquitto, is heard on the software card through aplay as it was sent':
    'MP{1}, trực tiếp từ Icecast và từ tệp, có tin khẩn cấp chen giữa, lệnh qua mosquitto, nghe được trên card âm thanh mềm qua aplay đúng như đã gửi',
  'each segment one lag ±# ms; every # s window over −# dBFS > # (ramps left out); order live, emergency, live, file; < −# dBFS elsewhere; live back within # ms of its time line; receipts hold the samples heard':
    'mỗi đoạn một độ trễ ±{1} ms; mọi cửa sổ {2} s trên −{3} dBFS > {4} (trừ đoạn chuyển); thứ tự trực tiếp, khẩn cấp, trực tiếp, tệp; nơi khác < −{5} dBFS; trực tiếp trở lại trong {6} ms so với dòng thời gian; biên nhận ghi đúng số mẫu đã nghe',
  'AAC, live from Icecast and as a file, with an emergency between, commanded over mosquitto, is heard on the software card through aplay as it was sent':
    'AAC, trực tiếp từ Icecast và từ tệp, có tin khẩn cấp chen giữa, lệnh qua mosquitto, nghe được trên card âm thanh mềm qua aplay đúng như đã gửi',
  'Ogg Opus, live from Icecast and as a file, with an emergency between, commanded over mosquitto, is heard on the software card through aplay as it was sent':
    'Ogg Opus, trực tiếp từ Icecast và từ tệp, có tin khẩn cấp chen giữa, lệnh qua mosquitto, nghe được trên card âm thanh mềm qua aplay đúng như đã gửi',
  'The broker is killed under a live bulletin: the sound goes on, and after its restart the receiver is back, says how long it was away, and plays a new command.':
    'Máy chủ MQTT bị giết khi đang phát trực tiếp: tiếng vẫn phát tiếp; khi máy chủ chạy lại, bộ thu nối lại, báo đã mất bao lâu và phát lệnh mới.',
  'no silence over # ms; back within # s of the restart; alarm and clearing E_LINK_*, length right within # ms; command done and heard (correlation > #)':
    'không im lặng quá {1} ms; nối lại trong {2} s sau khi máy chủ chạy; có cảnh báo và báo hết E_LINK_*, độ dài đúng trong {3} ms; lệnh được làm và nghe được (tương quan > {4})',
  'The media server is killed in mid-play: the receiver lives and reports, and when the server is back the same bulletin sounds again without a new command.':
    'Máy chủ âm thanh bị giết giữa lúc phát: bộ thu vẫn sống và báo; khi máy chủ trở lại, chính bản tin đó lại phát mà không cần lệnh mới.',
  'alarm E_MEDIA_CONNECT or E_MEDIA_STALL; sound within # s of the restart; same bulletin, same process':
    'cảnh báo E_MEDIA_CONNECT hoặc E_MEDIA_STALL; có tiếng trong {1} s sau khi chạy lại; cùng bản tin, cùng tiến trình',
  'The player process is killed in mid-play: the receiver lives and reports, opens another, and its receipt claims no frame that died.':
    'Tiến trình phát bị giết giữa lúc phát: bộ thu vẫn sống và báo, mở tiến trình khác, và biên nhận không tính những mẫu đã mất.',
  'alarm and clearing E_SINK_DIED; sound back within # s; receipt below the frames asked for, and at most # ms above those on the card':
    'có cảnh báo và báo hết E_SINK_DIED; có tiếng lại trong {1} s; biên nhận ít hơn số mẫu đã yêu cầu và nhiều nhất {2} ms trên số mẫu ở card',
  'The receiver is killed while its broker is away: after the restart everything it had kept is delivered, byte for byte, and it plays again.':
    'Bộ thu bị giết khi đang mất máy chủ MQTT: sau khi chạy lại, mọi điều đã lưu được gửi đủ từng byte, và bộ thu lại phát được.',
  'at least one receipt kept; all records delivered, chain unbroken, nothing left; the next bulletin is heard':
    'lưu ít nhất một biên nhận; mọi bản ghi được gửi, chuỗi không đứt, không sót; nghe được bản tin kế tiếp',
  'Bad input: a garbage message.': 'Đầu vào xấu: bản tin rác.',
  'E_MESSAGE_GARBAGE; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MESSAGE_GARBAGE; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a message of # kB.': 'Đầu vào xấu: bản tin dài {1} kB.',
  'E_MESSAGE_SIZE; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MESSAGE_SIZE; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: an unknown type, rightly signed.': 'Đầu vào xấu: loại lạ, chữ ký đúng.',
  'E_MESSAGE_TYPE; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MESSAGE_TYPE; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: an unknown bulletin class, rightly signed.': 'Đầu vào xấu: mức bản tin lạ, chữ ký đúng.',
  'E_MESSAGE_CLASS; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MESSAGE_CLASS; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: broken JSON, rightly signed.': 'Đầu vào xấu: JSON hỏng, chữ ký đúng.',
  'Bad input: media that is not there (#).': 'Đầu vào xấu: tệp âm thanh không có ({1}).',
  'E_MEDIA_STATUS; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MEDIA_STATUS; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a file that is HTML (#), its digest right.':
    'Đầu vào xấu: tệp thực ra là HTML ({1}), mã băm đúng.',
  'E_MEDIA_FORMAT; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MEDIA_FORMAT; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a live stream that is HTML (#).': 'Đầu vào xấu: luồng trực tiếp thực ra là HTML ({1}).',
  'Bad input: a file that is not the one signed (digest).':
    'Đầu vào xấu: tệp không phải tệp đã ký (sai mã băm).',
  'E_MEDIA_DIGEST; lives, bulletin on air unbroken, next command done, no message missing':
    'E_MEDIA_DIGEST; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a message of # kB over MQTT #.': 'Đầu vào xấu: bản tin dài {1} kB qua MQTT {2}.',
  'Bad input: a device key that others may read (mode #).':
    'Đầu vào xấu: khóa thiết bị người khác đọc được (quyền {1}).',
  'E_IDENTITY_KEY; lives, bulletin on air unbroken, next command done, no message missing':
    'E_IDENTITY_KEY; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a damaged device key.': 'Đầu vào xấu: khóa thiết bị bị hỏng.',
  'Bad input: a configuration with an unknown key.': 'Đầu vào xấu: cấu hình có mục lạ.',
  'E_CONFIG_KEY; lives, bulletin on air unbroken, next command done, no message missing':
    'E_CONFIG_KEY; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
  'Bad input: a configuration that is not JSON.': 'Đầu vào xấu: cấu hình không phải JSON.',
  'E_CONFIG_READ; lives, bulletin on air unbroken, next command done, no message missing':
    'E_CONFIG_READ; vẫn sống, bản tin đang phát không đứt, lệnh kế tiếp được làm, không thiếu bản tin nào',
} as const;
