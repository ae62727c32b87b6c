/** Texts of what concerns updates of the program; part of {@link ERROR_TEXTS}. */
export const UPDATE_TEXTS = {
  E_UPDATE_FETCH: {
    vi: {
      cause:
        'Không tải được bản cập nhật hoặc thông tin của kho cập nhật; bộ thu tự thử lại, phần đã tải được giữ.',
      remedy: 'Kiểm tra mạng và địa chỉ update.url; xem loa update status.',
    },
    en: {
      cause:
        'The update, or what the repository says of it, was not fetched; it is tried again, what came is kept.',
      remedy: 'Check the network and update.url; see loa update status.',
    },
  },
  E_UPDATE_METADATA: {
    vi: {
      cause:
        'Thông tin của kho cập nhật không hợp lệ: sai chữ ký, bị trộn hoặc cũ hơn lần trước. Không cài gì.',
      remedy: 'Báo cho nơi vận hành kho cập nhật; kiểm tra tệp gốc update.root có đúng của kho này không.',
    },
    en: {
      cause:
        'What the repository says is not valid: wrong signatures, mixed, or older than before. Nothing is installed.',
      remedy: 'Tell who runs the repository; check that update.root is the root of this repository.',
    },
  },
  E_UPDATE_EXPIRED: {
    vi: {
      cause: 'Thông tin của kho cập nhật đã quá hạn: kho không còn được duy trì, hoặc ai đó giữ lại bản cũ.',
      remedy: 'Nơi vận hành kho ký lại timestamp; kiểm tra đồng hồ của bộ thu.',
    },
    en: {
      cause: 'What the repository says has expired: nobody keeps it, or somebody holds an old state of it.',
      remedy: 'Who runs the repository signs a new timestamp; check the clock of the receiver.',
    },
  },
  E_UPDATE_OLDER: {
    vi: {
      cause: 'Kho cập nhật đưa ra bản cũ hơn bản đang chạy; không cài.',
      remedy: 'Muốn quay lại bản trước: loa update rollback.',
    },
    en: {
      cause: 'The repository offers an older program than the one that runs; it is not installed.',
      remedy: 'To go back to the one before: loa update rollback.',
    },
  },
  E_UPDATE_ARCHITECTURE: {
    vi: {
      cause: 'Bản cập nhật dành cho loại bộ xử lý khác; không cài.',
      remedy: 'Báo cho nơi vận hành kho cập nhật.',
    },
    en: {
      cause: 'The update is for another kind of processor; it is not installed.',
      remedy: 'Tell who runs the repository.',
    },
  },
  E_UPDATE_NEEDS: {
    vi: {
      cause:
        'Bản cập nhật cần Node mới hơn, hoặc để lại dữ liệu mà bản đang chạy không đọc được khi quay lại.',
      remedy: 'Nâng cấp bằng gói cài đặt (apt) trước.',
    },
    en: {
      cause:
        'The update needs a newer Node, or leaves state that the program that runs could not read on its way back.',
      remedy: 'Upgrade by the package (apt) first.',
    },
  },
  E_UPDATE_DIGEST: {
    vi: {
      cause: 'Tệp cập nhật tải về không đúng với bản đã ký; đã xóa và tải lại, quá ba lần thì bỏ.',
      remedy: 'Báo cho nơi vận hành kho cập nhật; có thể tệp bị thay trên đường truyền.',
    },
    en: {
      cause:
        'The archive that came is not the one that was signed; it is dropped and fetched again, three times at most.',
      remedy: 'Tell who runs the repository; it may have been exchanged on its way.',
    },
  },
  E_UPDATE_CONTENT: {
    vi: {
      cause: 'Nội dung của bản cập nhật không khớp với danh sách tệp đi kèm; không cài.',
      remedy: 'Báo cho nơi vận hành kho cập nhật.',
    },
    en: {
      cause: 'What is in the update is not what its own list of files says; it is not installed.',
      remedy: 'Tell who runs the repository.',
    },
  },
  E_UPDATE_BUNDLE: {
    vi: {
      cause:
        'RAUC không nhận gói ảnh hệ thống: sai chữ ký, sai loại bo mạch hoặc sai phiên bản; không cài lại gói này.',
      remedy: 'Báo cho nơi phát hành ảnh; kiểm tra keyring và compatible trong /etc/rauc/system.conf.',
    },
    en: {
      cause:
        'RAUC does not take the bundle of the image: its signature, its board or its version is wrong; it is not tried again.',
      remedy: 'Tell who releases images; check keyring and compatible in /etc/rauc/system.conf.',
    },
  },
  E_UPDATE_RAUC: {
    vi: {
      cause: 'RAUC không trả lời hoặc không ghi được ảnh hệ thống; sẽ thử lại.',
      remedy: 'Xem nhật ký: journalctl -u rauc; rauc status; bo mạch phải có đúng hai khe A/B.',
    },
    en: {
      cause: 'RAUC does not answer, or could not write the image; it is tried again.',
      remedy: 'See journalctl -u rauc and rauc status; the board must have two slots, A and B.',
    },
  },
  E_UPDATE_TRIAL: {
    vi: {
      cause: 'Bản mới chạy thử không đạt; bộ thu đã quay về bản trước và không tự cài lại bản này.',
      remedy: 'Xem lý do bằng loa update status; báo cho nhà phát triển.',
    },
    en: {
      cause:
        'The new program did not stand its trial; the receiver went back and does not install it again by itself.',
      remedy: 'See why by loa update status; report it.',
    },
  },
  E_UPDATE_UNDECIDED: {
    vi: {
      cause:
        'Chạy thử bị mất điện quá nhiều lần nên không có kết luận; đã quay về bản trước, sau một ngày thử lại.',
      remedy: 'Kiểm tra nguồn điện của bộ thu.',
    },
    en: {
      cause:
        'The trial was cut by power losses too often to decide; the receiver went back and tries again after a day.',
      remedy: 'Check the power of the receiver.',
    },
  },
  E_UPDATE_SLOT: {
    vi: {
      cause:
        'Bản mới trong bộ nhớ bị hỏng nên không được khởi động; đã quay về bản trước, sau một ngày thử lại.',
      remedy: 'Kiểm tra thẻ nhớ: loa diagnose.',
    },
    en: {
      cause:
        'The new program was damaged on the disk and was not started; the receiver went back and tries again after a day.',
      remedy: 'Check the flash: loa diagnose.',
    },
  },
  E_UPDATE_TAKEN_BACK: {
    vi: {
      cause: 'Đã quay về bản trước theo yêu cầu; bản vừa bỏ không tự cài lại.',
      remedy: 'Không cần làm gì; bản mới hơn nữa vẫn được cài.',
    },
    en: {
      cause:
        'The receiver went back to the program before, as asked; the one left is not installed again by itself.',
      remedy: 'Nothing to do; a still newer one is installed as ever.',
    },
  },
  E_UPDATE_NONE: {
    vi: {
      cause: 'Không làm được: chưa đặt kho cập nhật, không có bản trước, hoặc đang bận việc cập nhật khác.',
      remedy: 'Xem loa update status; đặt update.url và tệp gốc update.root.',
    },
    en: {
      cause:
        'That cannot be done: no repository is set, there is no program before, or another step is under way.',
      remedy: 'See loa update status; set update.url and the file update.root.',
    },
  },
} as const;
