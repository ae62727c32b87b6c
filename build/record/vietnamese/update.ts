/** Claims and bounds of area update; the acceptance record is part of it. */
export const UPDATE_VI = {
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
