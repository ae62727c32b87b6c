/** Texts of the alarms of power, housing, disk and modem: a part of `ERROR_TEXTS`. */
export const HEALTH_TEXTS = {
  E_SUPPLY_LOW: {
    vi: {
      cause: 'Điện áp nguồn nuôi thấp: thiết bị có thể treo hoặc khởi động lại khi loa kêu to.',
      remedy: 'Đo điện áp lúc đang phát; thay bộ nguồn hoặc dây nguồn quá nhỏ, siết lại đầu nối.',
    },
    en: {
      cause: 'The supply voltage is low: the receiver may hang or restart when it is loud.',
      remedy: 'Measure it while sound is on air; replace a weak supply or a thin lead, tighten the contacts.',
    },
  },
  E_BATTERY_LOW: {
    vi: {
      cause: 'Ắc quy gần hết hoặc đã chai.',
      remedy: 'Nếu điện lưới vẫn có: kiểm tra mạch sạc và thay ắc quy.',
    },
    en: {
      cause: 'The battery is nearly empty or worn out.',
      remedy: 'If the mains are there: check the charger and replace the battery.',
    },
  },
  E_FAN: {
    vi: { cause: 'Quạt làm mát không quay.', remedy: 'Vệ sinh hoặc thay quạt; kiểm tra giắc cắm của quạt.' },
    en: { cause: 'The fan does not turn.', remedy: 'Clean or replace it; check its plug.' },
  },
  E_HOT: {
    vi: {
      cause: 'Nhiệt độ trong thiết bị quá cao.',
      remedy: 'Kiểm tra khe thông gió, quạt và che nắng cho tủ; giảm âm lượng nếu nóng ở tăng âm.',
    },
    en: {
      cause: 'It is too hot inside.',
      remedy:
        'Check the vents, the fan and the shade over the housing; lower the volume if it is the amplifier.',
    },
  },
  E_DOOR_OPEN: {
    vi: {
      cause: 'Cửa tủ thiết bị đang mở.',
      remedy: 'Nếu không có kỹ thuật viên tại chỗ: cử người đến kiểm tra ngay.',
    },
    en: {
      cause: 'The door of the housing is open.',
      remedy: 'If no technician is on site, send somebody to look at once.',
    },
  },
  E_DISK_ERRORS: {
    vi: {
      cause: 'Hệ thống tệp trên thẻ nhớ hoặc đĩa báo lỗi.',
      remedy: 'Sao lưu rồi thay thẻ nhớ; kiểm tra nguồn điện vì sụt áp cũng gây lỗi này.',
    },
    en: {
      cause: 'The file system of the card or disk reports errors.',
      remedy: 'Back it up and replace the card; check the supply, as a sagging one does this too.',
    },
  },
  E_DISK_WORN: {
    vi: {
      cause: 'Bộ nhớ flash đã dùng hết phần lớn tuổi thọ ghi.',
      remedy: 'Lên kế hoạch thay thẻ nhớ hoặc eMMC trước khi hỏng.',
    },
    en: {
      cause: 'The flash memory has used up most of its life.',
      remedy: 'Plan to replace the card or eMMC before it fails.',
    },
  },
  E_MODEM_GONE: {
    vi: {
      cause: 'Không thấy modem 4G.',
      remedy: 'Kiểm tra cáp và nguồn của modem; xem ModemManager có chạy không (mmcli -L).',
    },
    en: {
      cause: 'The 4G modem is not there.',
      remedy: 'Check its cable and supply; see whether ModemManager runs (mmcli -L).',
    },
  },
  E_SIM: {
    vi: {
      cause: 'SIM không dùng được: thiếu, bị khóa PIN hoặc hỏng.',
      remedy: 'Lắp lại SIM, tắt mã PIN, kiểm tra với nhà mạng.',
    },
    en: {
      cause: 'The SIM cannot be used: missing, locked by a PIN, or broken.',
      remedy: 'Insert it again, switch its PIN off, ask the operator.',
    },
  },
  E_MODEM_STEP: {
    vi: {
      cause: 'Một bước khôi phục modem không thực hiện được.',
      remedy: 'Xem chi tiết; kiểm tra quyền của người dùng loa với ModemManager và chân nguồn modem.',
    },
    en: {
      cause: 'A step to recover the modem could not be taken.',
      remedy: "See the detail; check what the user loa may do with ModemManager, and the modem's power line.",
    },
  },
  E_STUCK: {
    vi: {
      cause: 'Một phần của chương trình đứng yên; bộ canh (watchdog) sẽ khởi động lại bộ thu.',
      remedy: 'Gửi nhật ký và phần được nêu cho nhà phát triển; nếu là outbox, kiểm tra thẻ nhớ.',
    },
    en: {
      cause: 'A part of the program stands still; the watchdog will restart the receiver.',
      remedy: 'Report the log and the part that is named; if it is the outbox, check the card.',
    },
  },
  E_WATCHDOG: {
    vi: {
      cause: 'Không mở hoặc không ghi được thiết bị watchdog.',
      remedy: 'Kiểm tra watchdog.device và quyền; nếu systemd đã giữ (RuntimeWatchdogSec), để trống.',
    },
    en: {
      cause: 'The watchdog device cannot be opened or written.',
      remedy:
        'Check watchdog.device and its permissions; leave it empty where systemd holds it (RuntimeWatchdogSec).',
    },
  },
} as const;
