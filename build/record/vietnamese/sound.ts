/** Claims and bounds of area sound. */
export const SOUND_VI = {
  'A stored emergency interrupts a bulletin # times at once, without a hole and without a click':
    'Tin khẩn cấp lưu sẵn chen ngang bản tin {1} lần, lập tức, không hở tiếng, không tiếng lách tách',
  "command to first sample: median ≤ # ms, p# ≤ # ms; hole # ms; largest step ≤ a ramp's":
    'từ lệnh đến mẫu đầu tiên: trung vị ≤ {1} ms, p{2} ≤ {3} ms; hở {4} ms; bước nhảy lớn nhất ≤ của đoạn chuyển',
  'A live emergency begins with its stored chime as fast, and the speech follows without a hole':
    'Tin khẩn cấp trực tiếp bắt đầu bằng nhạc hiệu lưu sẵn cũng nhanh như vậy, và lời nói tiếp theo không hở',
  "chime: median ≤ # ms, p# ≤ # ms; no stretch of more than # ms below −# dBFS from the chime's begin to the speech":
    'nhạc hiệu: trung vị ≤ {1} ms, p{2} ≤ {3} ms; từ đầu nhạc hiệu đến lời nói không có đoạn nào dài quá {4} ms dưới −{5} dBFS',
  'A live MP# stream with a burst of # s is heard soon after its command':
    'Luồng MP{1} trực tiếp có đệm sẵn {2} s nghe được ngay sau lệnh',
  "p# of # plays ≤ # ms, from the MQTT publication to the card's record":
    'p{1} của {2} lần phát ≤ {3} ms, từ lúc gửi qua MQTT đến bản ghi của card',
  'A live MP# stream without a burst is heard soon after its command':
    'Luồng MP{1} trực tiếp không đệm sẵn nghe được ngay sau lệnh',
  'A live Opus stream with a burst of # s is heard soon after its command':
    'Luồng Opus trực tiếp có đệm sẵn {1} s nghe được ngay sau lệnh',
  'A live Opus stream without a burst is heard soon after its command':
    'Luồng Opus trực tiếp không đệm sẵn nghe được ngay sau lệnh',
  'A live AAC stream with a burst of # s is heard soon after its command':
    'Luồng AAC trực tiếp có đệm sẵn {1} s nghe được ngay sau lệnh',
  'A live AAC stream without a burst is heard soon after its command':
    'Luồng AAC trực tiếp không đệm sẵn nghe được ngay sau lệnh',
  'An HLS stream (MPEG-TS, AAC) is heard': 'Luồng HLS (MPEG-TS, AAC) nghe được',
  'all of # plays; the first sample is reported': 'cả {1} lần phát; mẫu đầu tiên được báo',
  'A stored file in MP# is heard from its first sample to its last':
    'Tệp lưu sẵn dạng MP{1} nghe được từ mẫu đầu đến mẫu cuối',
  'first # ms ≥ -# dB (a ramp is −#), last # ms ≥ -# dB, each # s correlates > #':
    '{1} ms đầu ≥ -{2} dB (đoạn chuyển là −{3}), {4} ms cuối ≥ -{5} dB, mỗi {6} s tương quan > {7}',
  'A stored file in AAC ADTS is heard from its first sample to its last':
    'Tệp lưu sẵn dạng AAC ADTS nghe được từ mẫu đầu đến mẫu cuối',
  'A stored file in AAC in MP# is heard from its first sample to its last':
    'Tệp lưu sẵn dạng AAC trong MP{1} nghe được từ mẫu đầu đến mẫu cuối',
  'A stored file in Ogg Opus is heard from its first sample to its last':
    'Tệp lưu sẵn dạng Ogg Opus nghe được từ mẫu đầu đến mẫu cuối',
  'A stored file in Ogg Vorbis is heard from its first sample to its last':
    'Tệp lưu sẵn dạng Ogg Vorbis nghe được từ mẫu đầu đến mẫu cuối',
  'A stored file in FLAC is heard from its first sample to its last':
    'Tệp lưu sẵn dạng FLAC nghe được từ mẫu đầu đến mẫu cuối',
  'A stored file in WAV is heard from its first sample to its last':
    'Tệp lưu sẵn dạng WAV nghe được từ mẫu đầu đến mẫu cuối',
  'A live stream in MP#, AAC and Opus is heard from its first sample on':
    'Luồng trực tiếp dạng MP{1}, AAC và Opus nghe được ngay từ mẫu đầu',
  'first # ms ≥ -# dB, each # s correlates > #': '{1} ms đầu ≥ -{2} dB, mỗi {3} s tương quan > {4}',
  'A file is played for # minutes with the other core busy and the main thread blocked for # % of the time':
    'Phát một tệp {1} phút khi lõi kia bận và luồng chính bị chặn {2} % thời gian',
  'underruns ≤ those of a bare paced writer with the same buffer beside it + #':
    'số lần hụt mẫu ≤ của bộ ghi đơn giản cùng bộ đệm chạy bên cạnh + {1}',
  'A live bulletin survives: silent stall': 'Bản tin trực tiếp vượt qua: nguồn đứng im lặng',
  'as the measured line says of this fault; the receipt agrees with the card’s record within # ms':
    'như dòng số đo nêu cho lỗi này; biên nhận khớp bản ghi của card trong {1} ms',
  'A live bulletin survives: clean end': 'Bản tin trực tiếp vượt qua: nguồn kết thúc gọn',
  'A live bulletin survives: burst after a pause': 'Bản tin trực tiếp vượt qua: dồn dữ liệu sau khi ngừng',
  'A live bulletin survives: corrupted frames': 'Bản tin trực tiếp vượt qua: khung dữ liệu hỏng',
  'A live bulletin survives: wrong content type': 'Bản tin trực tiếp vượt qua: sai loại nội dung',
  'A live bulletin survives: slow trickle': 'Bản tin trực tiếp vượt qua: dữ liệu nhỏ giọt',
  'A live bulletin survives: redirect loop': 'Bản tin trực tiếp vượt qua: chuyển hướng vòng lặp',
  'A live bulletin survives: server gone for # s': 'Bản tin trực tiếp vượt qua: mất máy chủ {1} s',
  'A live bulletin survives: decoder killed': 'Bản tin trực tiếp vượt qua: bộ giải mã bị giết',
  'A live bulletin survives: sink killed': 'Bản tin trực tiếp vượt qua: đầu ra âm thanh bị giết',
  'A live bulletin survives: sink hung': 'Bản tin trực tiếp vượt qua: đầu ra âm thanh bị treo',
  'A live bulletin survives: card removed and back': 'Bản tin trực tiếp vượt qua: tháo card rồi gắn lại',
  'A live bulletin survives: TLS failure': 'Bản tin trực tiếp vượt qua: lỗi TLS',
  'Where a live emergency falls silent, the next of its chain is heard, and the live words again when they are back':
    'Khi tin khẩn cấp trực tiếp mất tiếng, nguồn kế tiếp trong chuỗi dự phòng được phát, và lời trực tiếp trở lại khi có lại',
  "silence ≤ # ms from the dry buffer to the fallback; live again within # s of the server's cure":
    'im lặng ≤ {1} ms từ lúc cạn đệm đến nguồn dự phòng; trực tiếp trở lại trong {2} s sau khi máy chủ hồi phục',
  'The whole receiver plays for little more processor time than `ffmpeg -f alsa` beside it (# s each)':
    'Cả bộ thu phát tốn thời gian xử lý không nhiều hơn mấy so với `ffmpeg -f alsa` chạy bên cạnh (mỗi loại {1} s)',
  "CPU ≤ # × ffmpeg's for MP# #k, MP# #k, AAC #k, Opus #k; process trees":
    'CPU ≤ {1} × của ffmpeg với MP{2} {3}k, MP{4} {5}k, AAC {6}k, Opus {7}k; tính cả cây tiến trình',
  'The receiver that plays MP# holds little more memory than a bare Node with one worker and one MQTT client over TLS':
    'Bộ thu đang phát MP{1} giữ bộ nhớ không nhiều hơn mấy so với Node trần có một luồng phụ và một máy khách MQTT qua TLS',
  'USS of the process tree ≤ # ×; each with a copy of Node that no other process shares':
    'USS của cây tiến trình ≤ {1} lần; mỗi bên dùng bản Node riêng không chung với tiến trình khác',
  'Over # hours of plays the receiver does not grow': 'Qua {1} giờ phát, bộ thu không phình bộ nhớ',
  'slope of USS after the first quarter of an hour ≤ # MB/h, by least squares':
    'độ dốc USS sau mười lăm phút đầu ≤ {1} MB/giờ, theo bình phương tối thiểu',
  '# interruptions and changes of source leave nothing behind':
    '{1} lần chen ngang và đổi nguồn không để sót lại gì',
  'descriptors and processes as before (descriptors + # at most); USS + # MB at most after a warm-up':
    'số mô tả tệp và tiến trình như trước (mô tả tệp nhiều nhất + {1}); USS nhiều nhất + {2} MB sau khi chạy nóng',
} as const;
