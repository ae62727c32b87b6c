import { readFileSync } from 'node:fs';
import convict from 'convict';
import { z } from 'zod';
import { LoaError, messageOf } from './core/errors.js';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/);
const quieterTime = z
  .strictObject({ from: time, to: time, gainDb: z.number().min(-40).max(0) })
  .refine(({ from, to }) => from < to);

/** A time of the day, `HH:MM` in UTC+7, at which bulletins are quieter. */
export type QuieterTime = Readonly<z.infer<typeof quieterTime>>;

/** One setting: what convict needs, and what a person needs to set it. */
interface Setting<T> {
  readonly doc: string;
  readonly docVi: string;
  readonly unit: string;
  readonly default: T;
  readonly example: T;
  readonly format: unknown;
}

const hostName = (value: unknown): void => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9.:_-]{1,253}$/.test(value))
    throw new TypeError('must be a host name or address');
};
const hostList = (value: unknown): void => {
  if (!Array.isArray(value) || value.length > 32) throw new TypeError('must be a list of at most 32 hosts');
  value.forEach(hostName);
};
const text = (value: unknown): void => {
  if (typeof value !== 'string' || value === '' || value.length > 500) throw new TypeError('must be a text');
};
const httpsOrNone = (value: unknown): void => {
  const fits = typeof value === 'string' && (value === '' || (URL.canParse(value) && /^https:/.test(value)));
  if (!fits || value.length > 500) throw new TypeError('must be an https address, or empty');
};
const sha256OrNone = (value: unknown): void => {
  if (typeof value !== 'string' || !/^(?:[0-9A-Fa-f]{2}:?){32}$|^$/.test(value))
    throw new TypeError('must be a SHA-256 in hexadecimal, or empty');
};
const urlOrNothing = (value: unknown): void => {
  if (typeof value !== 'string' || !/^(https?:\/\/[^\s]{1,500})?$/.test(value))
    throw new TypeError('must be an http or https address, or empty');
};
const proxyOrNone = (value: unknown): void => {
  const fits = typeof value === 'string' && (value === '' || (URL.canParse(value) && /^http:/.test(value)));
  if (!fits || value.length > 500) throw new TypeError('must be http://[name:password@]host:port, or empty');
};
const boardOrNone = (value: unknown): void => {
  if (typeof value !== 'string' || !/^([a-z][a-z0-9-]{0,31}|\/[\w./-]{1,200})?$/.test(value))
    throw new TypeError('must be the name of a board, the path of its file, or empty');
};
const pathOrNone = (value: unknown): void => {
  if (typeof value !== 'string' || !/^(\/[\w./-]{0,200})?$/.test(value))
    throw new TypeError('must be a path that begins with /, or empty');
};
const watchdogDevice = (value: unknown): void => {
  if (value !== 'board') pathOrNone(value);
};
const imageName = (value: unknown): void => {
  if (typeof value !== 'string' || !/^[\w.-]{0,64}$/.test(value))
    throw new TypeError('must be what RAUC calls this kind of board, or empty');
};
const time24 = (value: unknown): void => {
  if (!time.safeParse(value).success) throw new TypeError('must be a time of the day, HH:MM');
};
const namePatterns = (value: unknown): void => {
  const fits =
    Array.isArray(value) && value.length <= 16 && value.every((one) => /^[\w.-]{1,15}\*?$/.test(String(one)));
  if (!fits) throw new TypeError('must be a list of at most 16 interface names, each may end with *');
};
const spokenLanguages = (value: unknown): void => {
  const fits =
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((one) => one === 'vi' || one === 'en');
  if (!fits) throw new TypeError('must be a list of vi, en, each once');
};
const quieterTimes = (value: unknown): void => {
  const fits =
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((one: unknown) => quieterTime.safeParse(one).success);
  if (!fits)
    throw new TypeError(
      'must be a list of at most 8 of { "from": "HH:MM", "to": "HH:MM", "gainDb": -40 to 0 }',
    );
};
const within =
  (least: number, most: number) =>
  (value: unknown): void => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw new TypeError(`must be a whole number from ${least} to ${most}`);
    }
  };

function setting<T>(
  doc: string,
  docVi: string,
  unit: string,
  format: unknown,
  value: T,
  example: T,
): Setting<T> {
  return { doc, docVi, unit, format, default: value, example };
}

/** Every key of the configuration. Who may speak, areas and hours are never set here: they come signed. */
export const SETTINGS = {
  language: setting<'vi' | 'en'>(
    'Language of texts for people',
    'Ngôn ngữ hiển thị',
    '',
    ['vi', 'en'],
    'vi',
    'en',
  ),
  stateFolder: setting(
    'Folder of identity, trust and kept messages',
    'Thư mục trạng thái',
    'path',
    text,
    '/var/lib/loa',
    '/var/lib/loa',
  ),
  socketPath: setting(
    'Unix socket of the local command line',
    'Đường dẫn socket cho lệnh tại chỗ',
    'path',
    text,
    '/run/loa/loa.sock',
    '/run/loa/loa.sock',
  ),
  board: setting(
    'The board: its name (in /etc/loa/boards, or one that comes with the program) or the path of its file; empty: no amplifier, lines or LEDs',
    'Bo mạch: tên (trong /etc/loa/boards hoặc có sẵn theo chương trình) hoặc đường dẫn tệp mô tả; để trống: không điều khiển tăng âm, chân GPIO, đèn',
    'name or path',
    boardOrNone,
    '',
    'raspberry-pi-i2s',
  ),
  logLevel: setting<'debug' | 'info' | 'warn' | 'error'>(
    'Least severe line of the log',
    'Mức nhật ký',
    '',
    ['debug', 'info', 'warn', 'error'],
    'info',
    'debug',
  ),
  broker: {
    host: setting(
      'Host of the broker',
      'Máy chủ MQTT của tỉnh',
      'host',
      hostName,
      'localhost',
      'mqtt.tinh.example',
    ),
    port: setting(
      'Port of the broker (MQTT over TLS)',
      'Cổng MQTT qua TLS',
      'TCP port',
      within(1, 65535),
      8883,
      8883,
    ),
    hosts: setting<string[]>(
      'Further brokers, tried in this order when the first one cannot be reached; the same port where none is named',
      'Các máy chủ MQTT dự phòng, thử theo thứ tự khi máy chủ đầu không nối được',
      'list of host or host:port',
      hostList,
      [],
      ['mqtt2.tinh.example', 'mqtt3.tinh.example:8884'],
    ),
    proxy: setting(
      'HTTP proxy of a closed network, asked to CONNECT to the broker; empty for none',
      'Proxy HTTP của mạng nội bộ để nối tới máy chủ MQTT; để trống nếu không có',
      'http address',
      proxyOrNone,
      '',
      'http://10.0.0.1:3128',
    ),
    webSocketPath: setting(
      'Path of MQTT over WebSocket (wss); empty for MQTT over TLS',
      'Đường dẫn MQTT qua WebSocket (wss); để trống nếu dùng MQTT qua TLS',
      'path',
      pathOrNone,
      '',
      '/mqtt',
    ),
    keepaliveS: setting(
      'MQTT keepalive at first and after a drop; a dead link is noticed after 1.5 times the one in force',
      'Chu kỳ giữ kết nối MQTT lúc đầu và sau khi đứt',
      's',
      within(2, 600),
      60,
      120,
    ),
    keepaliveMaxS: setting(
      'Longest keepalive that a stable link learns. On a link that died unnoticed an alert is late by up to 1.5 times this',
      'Chu kỳ giữ kết nối dài nhất khi đường truyền ổn định; cảnh báo có thể trễ tới 1,5 lần số này',
      's',
      within(2, 1_200),
      240,
      120,
    ),
    bootSpreadS: setting(
      'After a power failure the first connection waits for a chance moment within this',
      'Sau khi có điện lại, lần nối đầu tiên chờ ngẫu nhiên trong khoảng này',
      's',
      within(0, 600),
      30,
      60,
    ),
    retryMinMs: setting(
      'Shortest range of the delay before connecting again',
      'Thời gian chờ nối lại ngắn nhất',
      'ms',
      within(50, 60_000),
      1_000,
      1_000,
    ),
    retryMaxMs: setting(
      'Longest range of the delay before connecting again',
      'Thời gian chờ nối lại dài nhất',
      'ms',
      within(100, 3_600_000),
      120_000,
      120_000,
    ),
  },
  mirror: {
    url: setting(
      'Where the retained documents are served as files, for when there is no broker; empty: off',
      'Địa chỉ kênh dự phòng: các văn bản đã ký đặt thành tệp, dùng khi không có máy chủ MQTT; để trống: tắt',
      'https address',
      httpsOrNone,
      '',
      'https://mirror.tinh.example',
    ),
    afterS: setting(
      'Without a broker for so long, the mirror is asked',
      'Không có máy chủ MQTT trong bao lâu thì hỏi kênh dự phòng',
      's',
      within(1, 86_400),
      300,
      300,
    ),
    everyS: setting(
      'Between two rounds of asking the mirror (half to one and a half times this)',
      'Chu kỳ hỏi kênh dự phòng (xê dịch từ nửa đến một lần rưỡi)',
      's',
      within(1, 3_600),
      60,
      60,
    ),
    silentS: setting(
      'Connected for so long without a signed beat, the mirror is asked beside the broker',
      'Có kết nối nhưng không có nhịp ký số trong bao lâu thì hỏi thêm kênh dự phòng',
      's',
      within(10, 604_800),
      2_700,
      2_700,
    ),
    publicAnchors: setting(
      'Trust public certificate authorities for the mirror, beside the anchors of the province',
      'Tin cả chứng thư công cộng cho kênh dự phòng',
      '',
      Boolean,
      true,
      false,
    ),
  },
  enrolment: {
    url: setting(
      'EST server that gives and renews the certificate; empty: renewed by hand',
      'Máy chủ EST cấp và gia hạn chứng thư; để trống: gia hạn bằng tay',
      'https address',
      httpsOrNone,
      '',
      'https://est.tinh.example',
    ),
    fingerprint: setting(
      "SHA-256 of the province's CA certificate, to know the EST server by at the first enrolment",
      'Dấu vân tay SHA-256 của chứng thư CA của tỉnh, để nhận ra máy chủ EST khi cấp lần đầu',
      'hexadecimal',
      sha256OrNone,
      '',
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ),
    spreadS: setting(
      'A renewal that is overdue at the start is put off by up to this long',
      'Việc gia hạn đã quá hạn lúc khởi động được hoãn tối đa bấy lâu',
      's',
      within(0, 86_400),
      300,
      300,
    ),
  },
  sound: {
    sink: setting<'alsa' | 'file' | 'null' | 'speaker'>(
      'Where sound goes',
      'Cổng âm thanh',
      '',
      ['alsa', 'file', 'null', 'speaker'],
      'alsa',
      'alsa',
    ),
    device: setting(
      'ALSA device, or the WAV file of the file sink',
      'Thiết bị ALSA hoặc tệp WAV',
      '',
      text,
      'default',
      'plughw:0,0',
    ),
    bufferMs: setting(
      'Sound that the card still holds when the next is written: the stall that it outlives',
      'Âm thanh còn trong card khi ghi đợt tiếp theo: máy được phép khựng bấy lâu',
      'ms',
      within(20, 1_000),
      40,
      100,
    ),
    bufferMaxMs: setting(
      'How far the buffer may widen by itself after underruns; it narrows again after ten quiet minutes',
      'Bộ đệm được tự nới tới mức này sau khi hụt âm; sau mười phút yên ổn sẽ thu hẹp lại',
      'ms',
      within(20, 1_000),
      200,
      300,
    ),
    leadMs: setting(
      'Sound written at once on top of it',
      'Phần âm thanh ghi mỗi đợt',
      'ms',
      within(0, 200),
      30,
      30,
    ),
    aheadMs: setting(
      'Sound given to the card ahead where it can be taken back, for a receiver that wakes seldom; 0: none',
      'Âm thanh ghi trước vào card khi còn lấy lại được, để bộ thu ít phải thức dậy; 0: không ghi trước',
      'ms',
      within(0, 900),
      600,
      600,
    ),
    positionFolder: setting(
      'Where the kernel tells the positions of sound cards',
      'Thư mục nhân hệ điều hành báo vị trí phát của card âm thanh',
      'path',
      text,
      '/proc/asound',
      '/proc/asound',
    ),
    livePrerollMs: setting(
      'Sound of a live stream to have before it begins',
      'Đệm trước khi phát luồng trực tiếp',
      'ms',
      within(50, 6_000),
      100,
      500,
    ),
    liveWiden: setting(
      'Play a live stream up to 1 % slower while there is little of it in hand',
      'Phát luồng trực tiếp chậm hơn tối đa 1 % khi đệm còn mỏng',
      '',
      Boolean,
      true,
      false,
    ),
    holdAirMs: setting(
      'A bulletin without sound gives the air to what waits below it after so long',
      'Bản tin mất tiếng bao lâu thì nhường cho bản tin xếp sau',
      'ms',
      within(500, 60_000),
      5_000,
      10_000,
    ),
  },
  volume: {
    normalDb: setting(
      'Volume of normal bulletins',
      'Âm lượng bản tin thông thường',
      'dB',
      within(-40, 0),
      0,
      -6,
    ),
    priorityDb: setting(
      'Volume of priority bulletins',
      'Âm lượng bản tin ưu tiên',
      'dB',
      within(-40, 0),
      0,
      -3,
    ),
    emergencyDb: setting(
      'Volume of emergencies: no other volume and no time of day makes them quieter',
      'Âm lượng tin khẩn cấp: không âm lượng nào khác và giờ nào làm nhỏ đi',
      'dB',
      within(-40, 0),
      0,
      0,
    ),
    byTime: setting<QuieterTime[]>(
      'Times of the day (UTC+7, the end excluded) at which bulletins are quieter; added to their volume',
      'Khung giờ (UTC+7, không gồm giờ cuối) giảm âm lượng bản tin; cộng vào âm lượng của lớp',
      'list',
      quieterTimes,
      [],
      [{ from: '20:00', to: '22:00', gainDb: -6 }],
    ),
  },
  speech: {
    voice: setting<'vi' | 'vi-vn-x-central' | 'vi-vn-x-south'>(
      'Voice of Vietnamese texts: of the north, the centre or the south',
      'Giọng đọc tiếng Việt: Bắc, Trung hoặc Nam',
      '',
      ['vi', 'vi-vn-x-central', 'vi-vn-x-south'],
      'vi',
      'vi-vn-x-south',
    ),
    speed: setting(
      'Speed of spoken texts, where the message does not say',
      'Tốc độ đọc khi bản tin không ghi',
      'words a minute',
      within(80, 300),
      150,
      130,
    ),
  },
  capture: {
    device: setting(
      'ALSA device of line in or microphone',
      'Thiết bị ALSA của đường vào hoặc micrô',
      '',
      text,
      'default',
      'plughw:1,0',
    ),
  },
  media: {
    plainHosts: setting<string[]>(
      'Hosts that may be asked over plain http',
      'Máy chủ nội bộ được dùng http',
      'list of host or host:port',
      hostList,
      [],
      ['10.0.0.5:8000'],
    ),
    publicAnchors: setting(
      'Trust public certificate authorities for media, beside the anchors of the province',
      'Tin cả chứng thư công cộng cho máy chủ âm thanh',
      '',
      Boolean,
      true,
      false,
    ),
    stallMs: setting(
      'No byte for this long is a fault of the stream',
      'Ngừng dữ liệu bao lâu thì coi là lỗi',
      'ms',
      within(500, 60_000),
      3_000,
      3_000,
    ),
    quotaMb: setting(
      'Disk for kept sound files',
      'Dung lượng lưu tệp âm thanh',
      'MiB',
      within(8, 65_536),
      256,
      512,
    ),
    aheadDays: setting(
      'Sound files are fetched so far ahead of the schedule',
      'Tải trước tệp âm thanh của lịch bao nhiêu ngày',
      'd',
      within(1, 30),
      8,
      14,
    ),
    budgetMbADay: setting(
      'Fetched ahead in one day at most; the files of emergencies are not counted',
      'Dung lượng tải trước tối đa mỗi ngày, không tính tệp khẩn cấp',
      'MiB',
      within(1, 65_536),
      256,
      64,
    ),
    spreadS: setting(
      'Fetching ahead is spread over so long among the receivers, so that they do not all come at once',
      'Các bộ thu tải trước lệch nhau trong khoảng thời gian này',
      's',
      within(0, 86_400),
      1_800,
      3_600,
    ),
  },
  trust: {
    staleAfterH: setting(
      'Without a signed beat for so long, live play is refused',
      'Không có nhịp ký số của tỉnh trong bao lâu thì từ chối phát trực tiếp',
      'h',
      within(1, 720),
      24,
      48,
    ),
    revocationUrl: setting(
      'Where the list of revoked server certificates is fetched (http or https); empty for none',
      'Địa chỉ danh sách thu hồi chứng thư máy chủ; để trống nếu không có',
      'URL',
      urlOrNothing,
      '',
      'http://pki.tinh.example/revoked.crl',
    ),
  },
  programme: {
    clockBehind: setting<'wait' | 'last-known'>(
      'While the clock is known to be wrong (a board without a battery, no beat yet), schedules wait for a beat, or go by the last time known and the uptime, which lacks the outage',
      'Khi đồng hồ chắc chắn sai (bo mạch không pin, chưa có nhịp của tỉnh): lịch chờ nhịp, hoặc chạy theo giờ biết lần cuối cộng thời gian chạy máy (thiếu quãng mất điện)',
      '',
      ['wait', 'last-known'],
      'wait',
      'last-known',
    ),
  },
  emergency: {
    exercises: setting(
      'Let exercises be heard in public, announced as such; a test never is',
      'Cho phép phát tin diễn tập (có báo trước là diễn tập); tin thử không bao giờ phát',
      '',
      Boolean,
      false,
      true,
    ),
    languages: setting<('vi' | 'en')[]>(
      'Languages in which the device speaks a CAP alert, in this order',
      'Các ngôn ngữ bộ thu đọc cảnh báo CAP, theo thứ tự này',
      'list of vi, en',
      spokenLanguages,
      ['vi'],
      ['vi', 'en'],
    ),
  },
  network: {
    simInterfaces: setting<string[]>(
      'Interfaces whose bytes cost money; * at the end stands for any ending',
      'Các cổng mạng tính cước (SIM); dấu * ở cuối thay cho phần đuôi bất kỳ',
      'list of names',
      namePatterns,
      ['wwan*', 'ppp*', 'usb*'],
      ['wwan0'],
    ),
    simBudgetMb: setting(
      'Bytes a day on those interfaces; over it ordinary fetching waits, emergencies never do. 0: no limit',
      'Hạn mức dữ liệu SIM mỗi ngày; vượt thì việc tải thường phải chờ, khẩn cấp không bao giờ chờ. 0: không giới hạn',
      'MB a day',
      within(0, 100_000),
      0,
      300,
    ),
  },
  sensors: {
    sysFolder: setting(
      'Where the kernel shows sensors, power supplies and disks',
      'Thư mục nhân hệ điều hành báo cảm biến, nguồn điện và đĩa',
      'path',
      text,
      '/sys',
      '/sys',
    ),
    procFolder: setting(
      'Where the kernel shows memory and mounts',
      'Thư mục nhân hệ điều hành báo bộ nhớ và các điểm gắn đĩa',
      'path',
      text,
      '/proc',
      '/proc',
    ),
  },
  watchdog: {
    device: setting(
      "Watchdog device that the receiver feeds itself; board: the one that the board's file names; empty where systemd holds it, or for none",
      'Thiết bị watchdog do bộ thu tự nuôi; board: theo tệp bo mạch; để trống nếu systemd đã giữ hoặc không có',
      'path',
      watchdogDevice,
      '',
      '/dev/watchdog0',
    ),
    stuckS: setting(
      'A part of the program without progress for so long (sound, scheduler, outbox): no watchdog is fed any more',
      'Một phần của chương trình (âm thanh, lịch, hộp thư đi) đứng yên bao lâu thì ngừng nuôi watchdog',
      's',
      within(5, 3_600),
      120,
      120,
    ),
  },
  gps: {
    position: setting(
      "Readings name the receiver's position, where the board names gpsd (it names a place)",
      'Báo cả vị trí của bộ thu, nếu tệp bo mạch có gpsd (là thông tin về địa điểm)',
      '',
      Boolean,
      false,
      true,
    ),
  },
  modem: {
    recover: setting<'none' | 'modem' | 'reboot'>(
      'What may be done while nothing comes in by the modem: nothing; reconnect, reset and cut its power; also reboot the receiver, every 6 h at most',
      'Khi modem không nhận được gì: không làm gì; nối lại, đặt lại, ngắt nguồn modem; hoặc cả khởi động lại bộ thu, nhiều nhất 6 giờ một lần',
      '',
      ['none', 'modem', 'reboot'],
      'modem',
      'reboot',
    ),
    imei: setting(
      "Readings name the modem's IMEI, which identifies the device",
      'Báo cả số IMEI của modem (là thông tin định danh thiết bị)',
      '',
      Boolean,
      false,
      true,
    ),
  },
  update: {
    url: setting(
      'Update repository (TUF) over https; empty: no updates of the program by itself',
      'Địa chỉ kho cập nhật (TUF) qua https; để trống: chương trình không tự cập nhật',
      'URL',
      httpsOrNone,
      '',
      'https://capnhat.tinh.example/loa',
    ),
    root: setting(
      'Root metadata of that repository, put there at installation: what its signatures are judged by',
      'Tệp gốc (root.json) của kho, đặt lúc lắp đặt: mọi chữ ký của kho được xét theo tệp này',
      'path',
      text,
      '/etc/loa/update-root.json',
      '/etc/loa/update-root.json',
    ),
    image: setting(
      "Whole images are updated by RAUC (A/B), those for boards of this name (RAUC's compatible); empty: the program alone",
      'Cập nhật cả ảnh hệ thống bằng RAUC (A/B), cho loại bo mạch này (compatible của RAUC); để trống: chỉ chương trình',
      'name',
      imageName,
      '',
      'loa-bo-mach-1',
    ),
    publicAnchors: setting(
      "The server may also show a certificate of the public authorities, not only one of the province's",
      'Máy chủ kho được dùng cả chứng thư của các CA công cộng',
      '',
      Boolean,
      false,
      true,
    ),
    checkH: setting(
      'The repository is asked so often',
      'Chu kỳ hỏi kho cập nhật',
      'h',
      within(1, 168),
      6,
      24,
    ),
    retryS: setting(
      'After a first failure it is tried again after so long, doubled with each, up to an hour',
      'Lần đầu lỗi thì thử lại sau bấy lâu, gấp đôi mỗi lần, tối đa một giờ',
      's',
      within(1, 3_600),
      60,
      60,
    ),
    windowFrom: setting(
      'Programs are fetched and started from this time of the day, unless the province names another window',
      'Chỉ tải và khởi động bản mới từ giờ này, trừ khi tỉnh định khung khác',
      'HH:MM, UTC+7',
      time24,
      '00:30',
      '01:00',
    ),
    windowTo: setting(
      'Until this time; the same as the begin is all day',
      'Đến giờ này; bằng giờ đầu là cả ngày',
      'HH:MM, UTC+7',
      time24,
      '04:00',
      '03:30',
    ),
    trialS: setting(
      'A new program must run well for so long before it is kept',
      'Bản mới phải chạy tốt bấy lâu mới được giữ lại',
      's',
      within(4, 86_400),
      900,
      900,
    ),
    budgetMbADay: setting(
      'Fetched for updates in one day at most',
      'Dung lượng tải cập nhật tối đa mỗi ngày',
      'MiB',
      within(1, 65_536),
      16,
      8,
    ),
  },
  telemetry: {
    everyS: setting(
      'Time between two looks at the sensors; what has changed beyond its dead band is sent',
      'Chu kỳ đọc cảm biến; chỉ gửi khi số đo thay đổi đáng kể',
      's',
      within(1, 3_600),
      60,
      60,
    ),
    heartbeatS: setting(
      'A reading is sent at least this often, though nothing has changed',
      'Ít nhất bấy lâu gửi số đo một lần, dù không đổi',
      's',
      within(5, 86_400),
      900,
      900,
    ),
  },
} as const;

/** The configuration: validated once, frozen. */
export interface Config {
  readonly language: 'vi' | 'en';
  readonly stateFolder: string;
  readonly socketPath: string;
  readonly board: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly broker: {
    readonly host: string;
    readonly port: number;
    readonly hosts: readonly string[];
    readonly proxy: string;
    readonly webSocketPath: string;
    readonly keepaliveS: number;
    readonly keepaliveMaxS: number;
    readonly bootSpreadS: number;
    readonly retryMinMs: number;
    readonly retryMaxMs: number;
  };
  readonly mirror: {
    readonly url: string;
    readonly afterS: number;
    readonly everyS: number;
    readonly silentS: number;
    readonly publicAnchors: boolean;
  };
  readonly enrolment: { readonly url: string; readonly fingerprint: string; readonly spreadS: number };
  readonly sound: {
    readonly sink: 'alsa' | 'file' | 'null' | 'speaker';
    readonly device: string;
    readonly bufferMs: number;
    readonly bufferMaxMs: number;
    readonly leadMs: number;
    readonly aheadMs: number;
    readonly positionFolder: string;
    readonly livePrerollMs: number;
    readonly liveWiden: boolean;
    readonly holdAirMs: number;
  };
  readonly volume: {
    readonly normalDb: number;
    readonly priorityDb: number;
    readonly emergencyDb: number;
    readonly byTime: readonly QuieterTime[];
  };
  readonly speech: { readonly voice: 'vi' | 'vi-vn-x-central' | 'vi-vn-x-south'; readonly speed: number };
  readonly capture: { readonly device: string };
  readonly media: {
    readonly plainHosts: readonly string[];
    readonly publicAnchors: boolean;
    readonly stallMs: number;
    readonly quotaMb: number;
    readonly aheadDays: number;
    readonly budgetMbADay: number;
    readonly spreadS: number;
  };
  readonly trust: { readonly staleAfterH: number; readonly revocationUrl: string };
  readonly programme: { readonly clockBehind: 'wait' | 'last-known' };
  readonly emergency: { readonly exercises: boolean; readonly languages: readonly ('vi' | 'en')[] };
  readonly network: { readonly simInterfaces: readonly string[]; readonly simBudgetMb: number };
  readonly sensors: { readonly sysFolder: string; readonly procFolder: string };
  readonly watchdog: { readonly device: string; readonly stuckS: number };
  readonly gps: { readonly position: boolean };
  readonly modem: { readonly recover: 'none' | 'modem' | 'reboot'; readonly imei: boolean };
  readonly update: {
    readonly url: string;
    readonly root: string;
    readonly image: string;
    readonly publicAnchors: boolean;
    readonly checkH: number;
    readonly retryS: number;
    readonly windowFrom: string;
    readonly windowTo: string;
    readonly trialS: number;
    readonly budgetMbADay: number;
  };
  readonly telemetry: { readonly everyS: number; readonly heartbeatS: number };
}

/**
 * Checks settings given as a plain object against {@link SETTINGS}.
 * @throws LoaError `E_CONFIG_KEY`, naming each key that is unknown or out of range
 */
export function checkConfig(given: unknown): Config {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new LoaError('E_CONFIG_READ', 'the configuration is not a JSON object');
  }
  const mistyped = mistypedKeys(given, SETTINGS, '');
  if (mistyped.length > 0) throw new LoaError('E_CONFIG_KEY', mistyped.join('; ').slice(0, 400));
  const checked = convict(SETTINGS as unknown as convict.Schema<Config>);
  try {
    checked.load(given);
    checked.validate({ allowed: 'strict' });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.replaceAll('\n', '; ') : String(cause);
    throw new LoaError('E_CONFIG_KEY', detail.slice(0, 400), { cause });
  }
  const config = checked.getProperties();
  if (config.broker.retryMinMs > config.broker.retryMaxMs) {
    throw new LoaError('E_CONFIG_KEY', 'broker.retryMinMs: must not be above broker.retryMaxMs');
  }
  return deepFreeze(config);
}

/**
 * Reads the configuration file; without one, the defaults hold.
 * @throws LoaError `E_CONFIG_READ`, `E_CONFIG_KEY`
 */
export function readConfig(path: string | undefined): Config {
  if (path === undefined) return checkConfig({});
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new LoaError('E_CONFIG_READ', `${path}: ${messageOf(cause)}`, { cause });
  }
  return checkConfig(given);
}

/**
 * Keys whose value is of another kind than their default. convict would bend a text into what is wanted: "no" is then
 * true.
 */
function mistypedKeys(given: object, settings: object, prefix: string): string[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const wanted = Object.hasOwn(settings, name) ? settings[name as keyof typeof settings] : undefined;
    if (typeof wanted !== 'object' || wanted === null) return [];
    const key = prefix + name;
    const isSetting = 'docVi' in (wanted as object);
    const like: unknown = isSetting ? (wanted as Setting<unknown>).default : {};
    if (kindOf(value) !== kindOf(like)) return [`${key}: must be a ${kindOf(like)}`];
    return isSetting ? [] : mistypedKeys(value as object, wanted, `${key}.`);
  });
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return value === null ? 'null' : typeof value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
