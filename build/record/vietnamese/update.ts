/** Claims and bounds of area update; the acceptance record is part of it. */
export const UPDATE_VI = {
  'A simulated arm# receiver takes a good program and goes back from a bad one; an emergency is heard during the download and during the trial.':
    'Bộ thu arm{1} mô phỏng nhận bản chương trình tốt và quay lại khỏi bản hỏng; tin khẩn cấp vẫn được nghe trong lúc tải và lúc chạy thử.',
  'the good one kept after its trial, the bad one back and told; each emergency whole: ≥ # % of its windows above −# dBFS correlate above # with the source':
    'bản tốt được giữ sau khi chạy thử, bản hỏng bị trả lại và được báo; mỗi tin khẩn cấp nguyên vẹn: ≥ {1} % số cửa sổ trên −{2} dBFS tương quan trên {3} với nguồn',
  'Whatever interrupts an update, and whatever is wrong with it, a receiver that plays and reports is there afterwards, on the right version.':
    'Dù việc cập nhật bị cắt ngang bởi gì, dù bản mới hỏng ra sao, sau đó vẫn có bộ thu phát được và báo cáo được, đúng phiên bản.',
  '# cells, each with the real program: it plays (self-test at zero gain) and its link is up, on the new version after an interruption, on the old one after a fault of the program or its metadata, with the code that says why':
    '{1} ô, mỗi ô chạy chương trình thật: phát được (tự kiểm với âm lượng bằng không) và kết nối được, ở bản mới sau khi bị cắt ngang, ở bản cũ khi chương trình hoặc siêu dữ liệu có lỗi, kèm mã nêu lý do',
  'A board whose whole image is A/B is updated by RAUC: a good image is kept, also where the mains go in the middle, and one that is no good, a stranger’s or another board’s is left or refused.':
    'Bo mạch có hai khe ảnh hệ thống A/B được RAUC cập nhật: ảnh tốt được giữ lại, kể cả khi mất điện giữa chừng; ảnh hỏng, ảnh của người lạ hay của bo mạch khác thì bị bỏ hoặc từ chối.',
  '# images: the receiver plays and reports afterwards, from the slot and on the version that are right, with the code that says why':
    '{1} ảnh: sau đó bộ thu phát được và báo cáo được, đúng khe và đúng phiên bản, kèm mã nêu lý do',
  'An update whose download is interrupted ten times costs little more than its size, and nothing is fetched twice after success.':
    'Bản cập nhật bị ngắt mười lần khi tải chỉ tốn hơn dung lượng của nó chút ít, và khi đã xong thì không tải lại gì.',
  'at most # × the archive, lost connections included; no archive asked for afterwards':
    'tối đa {1} lần dung lượng tệp, kể cả các kết nối bị mất; sau đó không hỏi tệp nào nữa',
  "Attacks on the repository's metadata are refused by the receiver's client.":
    'Các cách tấn công vào siêu dữ liệu của kho đều bị bộ thu từ chối.',
  'of at least # attacks none leads to an offer, each has its code':
    'ít nhất {1} cách tấn công, không cách nào đưa được bản nào vào, mỗi cách có mã riêng',
  'Keys of the repository that were rotated twice are followed by a receiver that was away.':
    'Bộ thu vắng mặt một thời gian vẫn theo được khóa của kho đã thay hai lần.',
  'the program that the newest keys have signed is offered': 'nhận được bản do các khóa mới nhất ký',
  'A client that is not ours (python-tuf) takes from the same repository what it was given, follows two rotations of its keys, and refuses the same attacks.':
    'Phần mềm không phải của chúng tôi (python-tuf) lấy được từ chính kho đó đúng tệp đã đưa lên, theo được hai lần thay khóa, và từ chối các cách tấn công như vậy.',
  'the archive byte for byte; the program that the newest keys have signed; of at least # attacks and an altered archive none is taken':
    'đúng từng byte của tệp; bản do các khóa mới nhất ký; trong ít nhất {1} cách tấn công và một tệp bị sửa, không cái nào được nhận',
  'The acceptance record has a row for every claim of every area, none without its figure or the reason why there is none, the same rows in both languages':
    'Biên bản nghiệm thu có một dòng cho mọi cam kết của mọi lĩnh vực, không dòng nào thiếu số đo hoặc lý do không có số đo, hai ngôn ngữ cùng các dòng như nhau',
  'as many rows as claims; figure, date, commit and machine in each that was run; a reason in each other; every sentence in Vietnamese':
    'số dòng bằng số cam kết; dòng đã chạy có số đo, ngày, commit và máy; dòng khác có lý do; mọi câu đều có tiếng Việt',
  'No table and no text of the acceptance record is cut at the edge of a page or runs over another, also where its cells are hostile':
    'Không bảng, không chữ nào của biên bản nghiệm thu bị cắt ở mép trang hay đè lên nhau, kể cả khi ô chứa chữ cố ý phá',
  '# pages at least; every word within the margins; # words over others; every cell of the page is in the PDF; every page of a table has its head':
    'ít nhất {1} trang; mọi chữ nằm trong lề; {2} chữ đè lên nhau; mọi ô của trang có trong PDF; mọi trang của bảng có đầu bảng',
  'The compliance matrix claims nothing of a clause that nobody has read, and names the clause that has to be read':
    'Bảng tuân thủ không khẳng định điều gì về điều khoản chưa ai đọc, và nêu rõ điều khoản phải đọc',
  'C# to C# complete; every unread row names what to read; every addressed row was read and names claims that exist; rows with a fault planted are found':
    'đủ từ C{1} đến C{2}; mọi dòng chưa đọc nêu điều phải đọc; mọi dòng được đáp ứng đều đã đọc và nêu cam kết có thật; dòng cài lỗi bị phát hiện',
  'loa accept on a running receiver leaves a signed record that the key of its certificate confirms, says “not tried” of what was not tried, and an altered one is refused':
    'loa accept trên bộ thu đang chạy để lại biên bản có chữ ký, khóa trong chứng thư xác nhận được, ghi “chưa thử” cho điều chưa thử, và bản bị sửa thì bị từ chối',
  'verified with the device’s certificate; every item there; no item passed that was not tried; # of # altered records accepted; the province told':
    'xác minh được bằng chứng thư thiết bị; đủ mọi mục; không mục nào ghi đạt mà chưa thử; nhận {1} trên {2} bản bị sửa; tỉnh được báo',
} as const;
