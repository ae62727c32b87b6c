/** Claims and bounds of area arm. */
export const ARM_VI = {
  'A simulated arm# receiver with our package is heard as the source sounds':
    'Bộ thu arm{1} mô phỏng, cài gói của chúng tôi, phát đúng như nguồn',
  '≥ # % of the # s windows above −# dBFS correlate above # with the source at one lag':
    '≥ {1} % số cửa sổ {2} s trên −{3} dBFS tương quan trên {4} với nguồn ở cùng một độ trễ',
  'A simulated armhf receiver with our package is heard as the source sounds':
    'Bộ thu armhf mô phỏng, cài gói của chúng tôi, phát đúng như nguồn',
  'The amplifier line of a simulated arm# receiver is high exactly while it plays':
    'Chân tăng âm của bộ thu arm{1} mô phỏng ở mức cao đúng trong lúc phát',
  'The amplifier line of a simulated armhf receiver is high exactly while it plays':
    'Chân tăng âm của bộ thu armhf mô phỏng ở mức cao đúng trong lúc phát',
  'high from before the first sample to after the last, no longer than its times say; line relay and supply on meanwhile, all off afterwards':
    'cao từ trước mẫu đầu đến sau mẫu cuối, không lâu hơn các thời gian đã đặt; rơ le đường loa và nguồn đóng suốt lúc đó, sau đó ngắt hết',
  'On a simulated arm# receiver a start takes little more than Node itself':
    'Trên bộ thu arm{1} mô phỏng, khởi động không lâu hơn mấy so với chính Node',
  'unit start to birth ≤ # ×, to ready ≤ # × a bare `node -e #` in the same guest':
    'từ lúc khởi động dịch vụ đến tin chào ≤ {1} lần, đến sẵn sàng ≤ {2} lần lệnh `node -e {3}` trần trong cùng máy ảo',
  'On a simulated armhf receiver a start takes little more than Node itself':
    'Trên bộ thu armhf mô phỏng, khởi động không lâu hơn mấy so với chính Node',
  'The receiver needs little memory while it plays, on armhf': 'Bộ thu cần ít bộ nhớ khi phát, trên armhf',
  'USS of all its processes ≤ # MB playing': 'USS của mọi tiến trình ≤ {1} MB khi phát',
  'After a power cut in the middle of a play it boots, sounds the stored emergency, and reports':
    'Mất điện giữa lúc phát: bộ thu khởi động lại, phát tin khẩn cấp đã lưu và báo về',
  '# of #': '{1} trên {2}',
  'The packages install with apt on clean Debian roots, `loa status` answers, and purge leaves nothing':
    'Các gói cài được bằng apt trên gốc Debian sạch, `loa status` trả lời, và gỡ bỏ không để sót gì',
  'every package; exit code # with a remedy; settings kept over a new installation; nothing left':
    'mọi gói; mã thoát {1} kèm cách xử lý; cấu hình còn nguyên khi cài lại; không sót gì',
  'Two builds of one commit, in two places, with two umasks and time zones, are the same bytes':
    'Hai lần dựng từ một commit, ở hai nơi, hai umask và hai múi giờ, giống nhau từng byte',
  'the same SHA-# for each package that carries no Node': 'cùng SHA-{1} cho mỗi gói không kèm Node',
  'The units may do little on the system, and why they may do what they may is written down':
    'Các dịch vụ được phép làm rất ít trên hệ thống, và lý do của mỗi quyền được ghi rõ',
  'systemd-analyze security ≤ # each; each remaining exposure in build/packages/README.md':
    'systemd-analyze security ≤ {1} mỗi dịch vụ; mỗi điểm còn hở được ghi trong build/packages/README.md',
} as const;
