/** Texts of what concerns board, amplifier and loudspeaker line; part of {@link ERROR_TEXTS}. */
export const AMPLIFIER_TEXTS = {
  E_BOARD: {
    vi: {
      cause: 'Không dùng được tệp mô tả bo mạch; bộ thu chạy như không có tăng âm, cảm biến và đèn.',
      remedy: 'Sửa chỗ được nêu trong tệp; xem hardware/boards/README.md, rồi chạy: loa board check.',
    },
    en: {
      cause: 'The board file cannot be used; the receiver runs as without amplifier, sensors and LEDs.',
      remedy: 'Correct what is named in the file; see hardware/boards/README.md, then run loa board check.',
    },
  },
  E_BOARD_LINES: {
    vi: {
      cause: 'Không điều khiển được các chân GPIO của bo mạch.',
      remedy:
        'Kiểm tra tên chip và số chân (gpioinfo), quyền của /dev/gpiochip*, và chân có bị chương trình khác giữ không: loa board check.',
    },
    en: {
      cause: 'The GPIO lines of the board cannot be driven.',
      remedy:
        'Check chip and line numbers (gpioinfo), the rights of /dev/gpiochip*, and whether another program holds a line: loa board check.',
    },
  },
  E_AMPLIFIER_UNDERVOLTAGE: {
    vi: {
      cause: 'Điện áp nguồn của tăng âm quá thấp; chỉ tin khẩn cấp còn được phát.',
      remedy: 'Kiểm tra điện lưới, bộ nguồn và ắc quy.',
    },
    en: {
      cause: 'The supply voltage of the amplifier is too low; only emergencies are still played.',
      remedy: 'Check mains, power supply and battery.',
    },
  },
  E_AMPLIFIER_LINES: {
    vi: {
      cause:
        'Không điều khiển được rơ le hoặc chân câm tiếng của tăng âm; chỉ tin khẩn cấp còn được thử phát.',
      remedy: 'Chạy loa board check; xem chân GPIO có bị chương trình khác giữ không.',
    },
    en: {
      cause: 'Relays or mute of the amplifier cannot be driven; only emergencies are still tried.',
      remedy: 'Run loa board check; see whether another program holds a GPIO line.',
    },
  },
  E_LINE_LOAD: {
    vi: {
      cause: 'Tải của đường dây loa khác với lúc lắp đặt: có thể thiếu loa hoặc dây bị đứt một nhánh.',
      remedy: 'Đi nghe từng loa; kiểm tra dây. Nếu đã thay đổi số loa, chạy lại: loa calibrate.',
    },
    en: {
      cause:
        'The load of the loudspeaker line is not what it was at installation: a loudspeaker or a branch is missing.',
      remedy:
        'Listen at each loudspeaker; check the cable. Where their number was changed, run loa calibrate again.',
    },
  },
  E_LINE_SENSOR: {
    vi: {
      cause: 'Bo mạch không có cảm biến đường dây loa, hoặc cảm biến không cho tín hiệu.',
      remedy: 'Xem loudspeakerLine.sensor trong tệp bo mạch, arecord -l, và dây của cảm biến.',
    },
    en: {
      cause: 'The board has no sensor of the loudspeaker line, or it gives no signal.',
      remedy: 'See loudspeakerLine.sensor in the board file, arecord -l, and the cable of the sensor.',
    },
  },
  E_LINE_CALIBRATION: {
    vi: {
      cause: 'Chưa hiệu chuẩn đường dây loa, hoặc bản hiệu chuẩn không dùng được.',
      remedy: 'Khi mọi loa đều kêu tốt, chạy: loa calibrate.',
    },
    en: {
      cause: 'The loudspeaker line is not calibrated, or the calibration cannot be used.',
      remedy: 'When all loudspeakers are known to sound, run loa calibrate.',
    },
  },
} as const;
