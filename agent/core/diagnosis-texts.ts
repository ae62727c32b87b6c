/** Codes of what is found and done beside the pole: those that `loa diagnose` finds, with cause and remedy for a person beside the pole; a part of the table of error codes. */
export const DIAGNOSIS_TEXTS = {
  E_MAINS_LOST: {
    vi: {
      cause: 'Mất điện lưới: bộ thu đang chạy bằng pin.',
      remedy: 'Kiểm tra cầu dao, phích cắm và điện tại trụ; pin cạn thì bộ thu sẽ tắt.',
    },
    en: {
      cause: 'The mains is lost: the receiver runs on its battery.',
      remedy: 'Check breaker, plug and mains at the pole; with the battery empty the receiver goes off.',
    },
  },
  E_POWER_LOW: {
    vi: {
      cause: 'Nguồn cấp cho bo mạch yếu (sụt áp).',
      remedy: 'Thay bộ nguồn hoặc dây nguồn đúng loại; đo điện áp khi đang phát.',
    },
    en: {
      cause: 'The supply of the board is too weak (undervoltage).',
      remedy: 'Change supply or cable for the right type; measure the voltage while it plays.',
    },
  },
  E_BOARD_HOT: {
    vi: {
      cause: 'Bo mạch quá nóng.',
      remedy: 'Che nắng, thông gió cho tủ, lau lỗ thoát nhiệt; chờ nguội rồi thử lại.',
    },
    en: {
      cause: 'The board is too hot.',
      remedy: 'Shade and air the cabinet, clean its vents; let it cool and test again.',
    },
  },
  E_CLOCK_WRONG: {
    vi: {
      cause: 'Đồng hồ máy sai hẳn: TLS và lịch phát không dùng được.',
      remedy: 'Đặt giờ: date -s "YYYY-MM-DD HH:MM"; thay pin đồng hồ hoặc bật NTP.',
    },
    en: {
      cause: 'The clock is plainly wrong: TLS and schedules cannot go by it.',
      remedy: 'Set it: date -s "YYYY-MM-DD HH:MM"; change the clock\'s battery or enable NTP.',
    },
  },
  E_DISK_FULL: {
    vi: {
      cause: 'Ổ lưu trữ đã đầy: không ghi thêm được.',
      remedy:
        'Xem df -h; xóa tệp lạ trong thư mục trạng thái, giảm media.quotaMb, hoặc thay thẻ nhớ lớn hơn.',
    },
    en: {
      cause: 'The disk is full: nothing more can be written.',
      remedy:
        'See df -h; remove strange files from the state folder, lower media.quotaMb, or fit a larger card.',
    },
  },
  E_DISK_READ_ONLY: {
    vi: {
      cause: 'Không ghi được ổ lưu trữ (chỉ đọc hoặc hỏng).',
      remedy: 'Xem dmesg; thẻ nhớ hỏng thì thay thẻ và cấp lại bằng loa install --replace.',
    },
    en: {
      cause: 'The disk cannot be written (read-only or failing).',
      remedy: 'See dmesg; replace a failing card and set up anew with loa install --replace.',
    },
  },
  E_MEMORY_LOW: {
    vi: { cause: 'Gần hết bộ nhớ RAM.', remedy: 'Xem top; tắt chương trình lạ, rồi khởi động lại bộ thu.' },
    en: {
      cause: 'Memory is nearly used up.',
      remedy: 'See top; end strange programs, then restart the receiver.',
    },
  },
  E_CERTIFICATE_SOON: {
    vi: {
      cause: 'Chứng thư của bộ thu sắp hết hạn và chưa được gia hạn.',
      remedy: 'Chạy loa certificate renew; nếu không có máy chủ EST, xin tỉnh chứng thư mới.',
    },
    en: {
      cause: "The receiver's certificate ends soon and was not renewed.",
      remedy: 'Run loa certificate renew; without an EST server ask the province for a new one.',
    },
  },
  E_PROGRAM_STOPPED: {
    vi: {
      cause: 'Chương trình loa đang dừng.',
      remedy: 'Chạy systemctl start loa; nếu lại dừng, xem journalctl -u loa -n 50.',
    },
    en: {
      cause: 'The program loa is stopped.',
      remedy: 'Run systemctl start loa; if it stops again see journalctl -u loa -n 50.',
    },
  },
  E_PROGRAM_HUNG: {
    vi: {
      cause: 'Chương trình loa còn đó nhưng không trả lời (bị treo).',
      remedy: 'Chạy loa support để lưu nhật ký, rồi systemctl restart loa.',
    },
    en: {
      cause: 'The program loa is there but does not answer (it hangs).',
      remedy: 'Keep the log with loa support, then systemctl restart loa.',
    },
  },
  E_PROGRAM_LOOPS: {
    vi: {
      cause: 'Chương trình loa liên tục hỏng và tự khởi động lại.',
      remedy: 'Xem dòng lỗi cuối bằng journalctl -u loa -n 50; gửi tệp của loa support cho tỉnh.',
    },
    en: {
      cause: 'The program loa crashes and starts again and again.',
      remedy:
        'See the last error with journalctl -u loa -n 50; send the file of loa support to the province.',
    },
  },
  E_SOCKET_DENIED: {
    vi: {
      cause: 'Tài khoản này không được phép hỏi bộ thu.',
      remedy: 'Dùng sudo, hoặc thêm vào nhóm: usermod -aG loa TÊN rồi đăng nhập lại.',
    },
    en: {
      cause: 'This account may not ask the receiver.',
      remedy: 'Use sudo, or join the group: usermod -aG loa NAME, and log in again.',
    },
  },
  E_NETWORK_DOWN: {
    vi: {
      cause: 'Không có cổng mạng nào đang hoạt động.',
      remedy: 'Cắm lại cáp mạng, kiểm tra đèn cổng, anten và modem 4G.',
    },
    en: { cause: 'No network port is up.', remedy: 'Check cable, port light, antenna and 4G modem.' },
  },
  E_SIM_ABSENT: {
    vi: {
      cause: 'Modem không thấy SIM.',
      remedy: 'Tắt nguồn, lắp lại SIM đúng chiều, lau chân tiếp xúc; thử SIM khác.',
    },
    en: {
      cause: 'The modem sees no SIM.',
      remedy: 'Switch off, seat the SIM the right way, clean it; try another.',
    },
  },
  E_SIM_LOCKED: {
    vi: {
      cause: 'SIM đang khóa mã PIN.',
      remedy: 'Tắt hỏi PIN bằng điện thoại, hoặc xin mã PUK của nhà mạng.',
    },
    en: {
      cause: 'The SIM is locked by its PIN.',
      remedy: 'Turn the PIN off in a phone, or ask the operator for the PUK.',
    },
  },
  E_MODEM_REGISTER: {
    vi: {
      cause: 'SIM chưa vào được mạng di động.',
      remedy: 'Kiểm tra SIM còn tiền, còn hạn, anten; hỏi nhà mạng.',
    },
    en: {
      cause: 'The SIM is not registered with a network.',
      remedy: 'Check credit, validity and antenna; ask the operator.',
    },
  },
  E_MODEM_SIGNAL: {
    vi: { cause: 'Sóng di động quá yếu.', remedy: 'Siết anten, đưa anten lên cao hơn, thử nhà mạng khác.' },
    en: {
      cause: 'The mobile signal is too weak.',
      remedy: 'Tighten or raise the antenna, or try another operator.',
    },
  },
  E_MODEM_APN: {
    vi: {
      cause: 'Sai APN: SIM có sóng nhưng không ra được dữ liệu.',
      remedy: 'Đặt APN theo nhà mạng (ví dụ v-internet, m3-world, internet).',
    },
    en: {
      cause: 'Wrong APN: there is signal but no data.',
      remedy: "Set the operator's APN (v-internet, m3-world, internet, for example).",
    },
  },
  E_NETWORK_ADDRESS: {
    vi: {
      cause: 'Cổng mạng có dây nhưng chưa được cấp địa chỉ IP.',
      remedy: 'Kiểm tra bộ định tuyến (DHCP), hoặc đặt địa chỉ tĩnh.',
    },
    en: {
      cause: 'The port is up but has no IP address.',
      remedy: 'Check the router (DHCP), or set a static address.',
    },
  },
  E_NETWORK_ROUTE: {
    vi: {
      cause: 'Không có đường ra ngoài mạng (thiếu gateway).',
      remedy: 'Kiểm tra bộ định tuyến; xem ip route.',
    },
    en: {
      cause: 'There is no way out of the network (no gateway).',
      remedy: 'Check the router; see ip route.',
    },
  },
  E_SERVER_FOREIGN: {
    vi: {
      cause: 'Máy chủ đưa chứng thư của một CA lạ: không phải máy chủ của tỉnh.',
      remedy: 'Không sửa bộ thu; kiểm tra broker.host và mạng có kẻ chen giữa không, báo tỉnh.',
    },
    en: {
      cause: "The server shows a certificate of a foreign CA: it is not the province's.",
      remedy: 'Do not change the receiver; check broker.host and who stands between, tell the province.',
    },
  },
  E_SERVER_NAME: {
    vi: { cause: 'Chứng thư máy chủ mang tên khác.', remedy: 'Sửa broker.host cho đúng tên tỉnh đã cho.' },
    en: {
      cause: "The server's certificate bears another name.",
      remedy: 'Set broker.host to the name that the province gave.',
    },
  },
  E_SERVER_EXPIRED: {
    vi: {
      cause: 'Chứng thư của máy chủ tỉnh đã hết hạn.',
      remedy: 'Báo tỉnh gia hạn chứng thư máy chủ; kiểm tra đồng hồ bộ thu.',
    },
    en: {
      cause: "The certificate of the province's server has expired.",
      remedy: "Have the province renew it; check the receiver's clock.",
    },
  },
  E_DEVICE_REFUSED: {
    vi: {
      cause: 'Máy chủ không nhận chứng thư của bộ thu (CA khác hoặc đã thu hồi).',
      remedy: 'Xem loa certificate show; xin tỉnh cấp lại: loa certificate enrol.',
    },
    en: {
      cause: "The server does not take the receiver's certificate (another CA, or revoked).",
      remedy: 'See loa certificate show; have it issued anew: loa certificate enrol.',
    },
  },
  E_LINK_SLOW: {
    vi: {
      cause: 'Đường truyền quá chậm để phát trực tiếp.',
      remedy: 'Kiểm tra sóng, dung lượng SIM bị bóp, cáp; thử nhà mạng khác.',
    },
    en: {
      cause: 'The link is too slow for live sound.',
      remedy: 'Check signal, a throttled SIM, the cable; try another operator.',
    },
  },
  E_LINK_RIGHTS: {
    vi: {
      cause: 'Máy chủ không cho bộ thu nghe các chủ đề của nó (ACL).',
      remedy: 'Báo tỉnh sửa quyền (ACL) cho mã bộ thu này.',
    },
    en: {
      cause: 'The broker does not let the receiver hear its topics (ACL).',
      remedy: "Have the province mend the access list for this receiver's id.",
    },
  },
  E_CARD_ABSENT: {
    vi: { cause: 'Không có card âm thanh.', remedy: 'Cắm lại card USB; xem aplay -l; thử cổng USB khác.' },
    en: {
      cause: 'There is no sound card.',
      remedy: 'Plug the USB card in again; see aplay -l; try another port.',
    },
  },
  E_CARD_MUTED: {
    vi: {
      cause: 'Card âm thanh đang bị tắt tiếng.',
      remedy: 'Bật tiếng: amixer -c 0 sset Master unmute, rồi alsactl store.',
    },
    en: {
      cause: 'The sound card is muted.',
      remedy: 'Unmute: amixer -c 0 sset Master unmute, then alsactl store.',
    },
  },
  E_VOLUME_ZERO: {
    vi: {
      cause: 'Âm lượng bằng 0.',
      remedy: 'Đặt lại: amixer -c 0 sset Master 80%; xem volume.* bằng loa volume.',
    },
    en: {
      cause: 'The volume is 0.',
      remedy: 'Set it: amixer -c 0 sset Master 80%; see volume.* with loa volume.',
    },
  },
  E_AMPLIFIER_FAULT: {
    vi: {
      cause: 'Tăng âm không mở được hoặc báo lỗi.',
      remedy: 'Kiểm tra nguồn, cầu chì và dây điều khiển của tăng âm.',
    },
    en: {
      cause: 'The amplifier does not open or reports a fault.',
      remedy: 'Check its supply, fuse and control wires.',
    },
  },
  E_AMPLIFIER_HOT: {
    vi: {
      cause: 'Tăng âm quá nóng nên đã tự ngắt.',
      remedy: 'Chờ nguội, lau quạt và khe gió; kiểm tra số loa nối có quá tải không.',
    },
    en: {
      cause: 'The amplifier is too hot and has cut out.',
      remedy: 'Let it cool, clean fan and vents; check that not too many horns load it.',
    },
  },
  E_LINE_OPEN: {
    vi: { cause: 'Hở mạch đường loa.', remedy: 'Kiểm tra mối nối và dây ra loa; đo trở kháng ở đầu dây.' },
    en: {
      cause: 'The speaker line is open.',
      remedy: 'Check joints and wire to the horns; measure the impedance.',
    },
  },
  E_LINE_SHORT: {
    vi: {
      cause: 'Chập tải đường loa.',
      remedy: 'Tháo từng loa để tìm chỗ chập; kiểm tra dây trầy vỏ, nước vào loa.',
    },
    en: {
      cause: 'The speaker line is shorted.',
      remedy: 'Take off horn after horn to find it; look for bare wire and water.',
    },
  },
  E_TONE_UNHEARD: {
    vi: {
      cause: 'Không ai nghe thấy âm thử dù bộ thu đã phát.',
      remedy: 'Kiểm tra dây từ card tới tăng âm, núm âm lượng tăng âm, dây loa.',
    },
    en: {
      cause: 'Nobody heard the tone that the receiver played.',
      remedy: "Check the wire from card to amplifier, the amplifier's knob, the horns.",
    },
  },
  E_ASSIGNMENT_MISSING: {
    vi: {
      cause: 'Tỉnh chưa phân công địa bàn cho bộ thu.',
      remedy: 'Gọi tỉnh, đọc mã bộ thu và nơi lắp để được phân công.',
    },
    en: {
      cause: 'The province has not assigned this receiver.',
      remedy: 'Call the province with its id and place to have it assigned.',
    },
  },
  E_AREA_WRONG: {
    vi: {
      cause: 'Phân công sai địa bàn: nơi quản lý bộ thu bị từ chối, hoặc không cấp nào được nói ở đó.',
      remedy: 'Đọc cho tỉnh địa bàn đang ghi và nơi lắp thật để phân công lại.',
    },
    en: {
      cause: 'Assigned to the wrong area: who speaks to this receiver is refused there, or nobody may.',
      remedy: 'Tell the province the area shown and the true place to have it reassigned.',
    },
  },
  E_SCHEDULE_NONE: {
    vi: {
      cause: 'Hôm nay không có mục nào trong lịch phát.',
      remedy: 'Hỏi cán bộ truyền thanh xã xem lịch đã ký và gửi chưa.',
    },
    en: {
      cause: 'Nothing is scheduled today.',
      remedy: 'Ask the commune whether its schedule was signed and sent.',
    },
  },
  E_HOURS_SHUT: {
    vi: {
      cause: 'Đang ngoài khung giờ được phép phát (hoặc đã hết số phút trong ngày).',
      remedy: 'Chờ tới khung giờ; khung giờ chỉ tỉnh đổi được.',
    },
    en: {
      cause: 'It is outside the permitted hours (or the minutes of the day are used up).',
      remedy: 'Wait for the hours; only the province can change them.',
    },
  },
  E_CACHE_CORRUPT: {
    vi: {
      cause: 'Tệp âm thanh lưu sẵn bị hỏng.',
      remedy: 'Xóa tệp được nêu; bộ thu tự tải lại. Nếu lặp lại, thay thẻ nhớ.',
    },
    en: {
      cause: 'A kept sound file is damaged.',
      remedy: 'Remove the file named; it is fetched again. If it repeats, replace the card.',
    },
  },
  E_LEASE_ENDED: {
    vi: {
      cause: 'Phát trực tiếp vừa dứt vì phòng thu không gia hạn.',
      remedy: 'Hỏi phòng thu: mạng hoặc phần mềm phát đã dừng; bấm phát lại.',
    },
    en: {
      cause: 'A live play has just ended as the studio did not renew it.',
      remedy: 'Ask the studio: its network or program has stopped; start it again.',
    },
  },
  E_WATCHDOG_ABSENT: {
    vi: {
      cause: 'Không có watchdog phần cứng: máy treo thì không tự khởi động lại.',
      remedy: 'Bật watchdog trong bo mạch (dtparam=watchdog=on) hoặc nạp mô-đun của nó.',
    },
    en: {
      cause: 'There is no hardware watchdog: a hung board stays hung.',
      remedy: "Enable the board's watchdog (dtparam=watchdog=on) or load its module.",
    },
  },
  E_POLICY_KEY: {
    vi: {
      cause: 'Khung giờ, địa bàn và quyền phát không đặt được tại chỗ.',
      remedy: 'Đề nghị tỉnh hoặc xã gửi văn bản đã ký.',
    },
    en: {
      cause: 'Hours, areas and who may speak are never set on the device.',
      remedy: 'Have the province or the commune send it signed.',
    },
  },
  E_STILL_RUNNING: {
    vi: { cause: 'Bộ thu đang chạy.', remedy: 'Dừng trước: systemctl stop loa.' },
    en: { cause: 'The receiver is running.', remedy: 'Stop it first: systemctl stop loa.' },
  },
  E_WIPE_LEFT: {
    vi: {
      cause: 'Còn dữ liệu chưa xóa được.',
      remedy: 'Xem danh sách còn lại; chạy lại bằng root, hoặc hủy thẻ nhớ.',
    },
    en: {
      cause: 'Something was not wiped.',
      remedy: 'See what is left; run it again as root, or destroy the card.',
    },
  },
} as const;
