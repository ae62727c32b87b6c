import t from 'tap';
import { reportOf } from '../../../agent/programme/as-run.js';
import { dayText } from '../../../agent/technician/day-text.js';
import type { DayView, WhyView } from '../../../agent/technician/programme-view.js';
import { cacheText } from '../../../agent/technician/verbs/cache.js';
import { dayArguments } from '../../../agent/technician/verbs/day-arguments.js';
import { reportCsv, reportText } from '../../../agent/technician/verbs/report.js';
import { whyText } from '../../../agent/technician/why-text.js';

const at = (time: string): number => Date.parse(`2026-11-23T${time}:00+07:00`);
const hours = { normal: [{ from: '05:00', to: '22:00' }], priority: [{ from: '05:00', to: '22:00' }] };
const row = { title: 'Bản tin sáng', class: 'normal', authority: 'tan-hoa' } as const;
const day: DayView = {
  ...{ day: '2026-11-23', nowMs: at('06:00'), hours },
  rows: [
    { ...row, startMs: at('04:00'), endMs: at('04:30'), state: 'hours' },
    { ...row, startMs: at('05:00'), endMs: at('05:30'), state: 'done' },
    { ...row, startMs: at('17:00'), endMs: at('17:20'), state: 'rest', reason: 'Quốc tang' },
    { ...row, title: 'Đ'.repeat(200), startMs: at('18:00'), endMs: at('19:00'), state: 'coming' },
  ],
};
const silent: WhyView = {
  ...{ nowMs: at('23:10'), waiting: [], assigned: true, sinkOk: true, scheduleClock: 'clock', schedules: 1 },
  gate: { normal: 'open', priority: 'open' },
};

t.test('a day is a table and a strip, at most 80 columns', async (t) => {
  for (const language of ['vi', 'en'] as const) {
    const lines = dayText(day, language).split('\n');
    for (const line of lines) t.ok([...line].length <= 80, line);
  }
  const lines = dayText(day, 'vi').split('\n');
  t.match(lines[2], /^05:00–05:30 {2}Bản tin sáng +tan-hoa +đã phát$/);
  t.match(lines[3], /nghỉ: Quốc tang$/);
  const strip = lines.find((line) => line.includes('##')) ?? '';
  t.equal(strip.slice(4).trimEnd(), `${' '.repeat(12)}xx ##${'.'.repeat(34)}r..###${'.'.repeat(9)}`);
  t.match(dayText({ ...day, rows: [] }, 'en'), /Nothing is scheduled/);
});

t.test('why it is silent: the chain of causes in one paragraph', async (t) => {
  t.equal(
    whyText({ ...silent, next: { title: 'Bản tin sáng', startMs: at('05:00') } }, 'vi'),
    'Bộ thu đang im lặng lúc 23:10 vì: lúc này không có mục nào đến giờ và không có lệnh phát. Mục tiếp theo trong lịch: “Bản tin sáng”, 05:00.',
  );
  const shut = { ...silent, waiting: ['Nhạc'], gate: { normal: 'hours', priority: 'hours' } } as const;
  t.match(whyText(shut, 'vi'), /“Nhạc” đang chờ nhưng ngoài giờ được phép/);
  t.match(
    whyText({ ...shut, gate: { normal: 'minutes', priority: 'open' } }, 'en'),
    /minutes of this day are used up/,
  );
  t.match(
    whyText({ ...silent, sinkOk: false, scheduleClock: 'none', assigned: false, schedules: 0 }, 'en'),
    /output is broken.*clock is not trusted.*not assigned.*no schedule/,
  );
  t.match(
    whyText({ ...silent, scheduleClock: 'last-known' }, 'vi'),
    /chưa đúng: lịch đang tính theo giờ biết lần cuối cộng thời gian chạy máy/,
  );
  t.match(
    whyText({ ...silent, resting: { title: 'Nhạc', reason: 'Quốc tang' } }, 'vi'),
    /“Nhạc” nghỉ hôm nay: Quốc tang/,
  );
  const missed = { title: 'Thể dục', reason: 'late', dueMs: at('05:00') };
  t.match(
    whyText({ ...silent, notPlayed: missed }, 'en'),
    /“Thể dục” \(05:00\) was not played: it was too late/,
  );
  t.match(whyText({ ...silent, notPlayed: missed }, 'vi'), /đã không phát: đã quá giờ bắt đầu cho phép\./);
  const refused = { ...missed, reason: 'E_AUTHORITY_HOURS' };
  t.match(whyText({ ...silent, notPlayed: refused }, 'vi'), /đã không phát: .+ \(E_AUTHORITY_HOURS\)\./);
  t.notMatch(whyText({ ...silent, waiting: ['a\u001b[31m'] }, 'en'), '\u001b');
});

t.test('why it is on air: by what, and before whom', async (t) => {
  const onAir = {
    title: 'Lũ',
    class: 'emergency',
    authority: 'province',
    sinceMs: at('23:00'),
    by: 'emergency',
  } as const;
  const text = whyText({ ...silent, onAir, waiting: ['Nhạc'] }, 'vi');
  t.match(text, /^Đang phát “Lũ” \(khẩn cấp, province\) từ 23:00 vì một tin khẩn cấp/);
  t.match(text, /đứng trước 1 mục đang chờ.*“Nhạc”/);
});

t.test('the cache tells what is here, what is needed when, and why not', async (t) => {
  const wanted = [
    { sha256: 'a'.repeat(64), url: 'https://x/a.mp3', neededMs: 0, state: 'here', bytes: 0 },
    {
      sha256: 'b'.repeat(64),
      url: 'https://x/b.mp3',
      neededMs: at('05:00'),
      state: 'failed',
      bytes: 1_048_576,
      code: 'E_MEDIA_STATUS',
    },
  ] as const;
  const sums = {
    files: 1,
    bytes: 1_048_576,
    quotaBytes: 10_485_760,
    fetchedTodayBytes: 0,
    budgetBytes: 1_048_576,
  };
  const text = cacheText({ wanted, ...sums }, 'vi');
  t.match(text, /Đã có 1\/2 tệp cần; 1 tệp, 1\.0\/10\.0 MiB/);
  t.match(
    text,
    /khẩn cấp +aaaaaaaa a\.mp3 +đã có\n11-23 05:00 +bbbbbbbb b\.mp3 +tải lỗi 1\.0 MiB E_MEDIA_STATUS$/,
  );
});

t.test('the report as text and as lines of figures', async (t) => {
  const entry = {
    ...{ atMs: 1, title: 'x', authority: 'a', evidence: 'consumed' as const },
    class: 'normal',
    outcome: 'completed',
  } as const;
  const days = [
    { day: '2026-11-23', ranMs: 86_400_000, lost: 0, entries: [{ ...entry, heardMs: 5_400_000 }] },
  ];
  const report = reportOf(days, '2025-12-15', '2026-12-14', at('23:00') + 86_400_000);
  t.match(
    reportCsv(report),
    /^what,which,value\n[^]*hours,normal,1\.50\n[^]*bulletins,completed,1\n[^]*availability,percent,100\.00/,
  );
  t.match(reportText(report, 'vi'), /thông thường +1\.50[^]*phát xong +1[^]*Tỷ lệ hoạt động: 100\.00 %/);
});

t.test('dates are dates', async (t) => {
  t.same(dayArguments(['--from', '2026-02-28'], ['from', 'to']), { from: '2026-02-28' });
  for (const args of [['--from', '2026-02-30'], ['--from'], ['from', '2026-02-28'], ['--day', '2026-02-28']])
    t.throws(() => dayArguments(args, ['from', 'to']), { code: 'E_USAGE' }, args.join(' '));
});

t.test('why says when the beat is missing and when the silent test has failed', async (t) => {
  const path = {
    beatMissing: true,
    beatAgeMs: 34 * 60_000,
    fault: { atMs: at('09:15'), detail: 'speech: no\u001b[2J' },
  };
  t.match(whyText({ ...silent, path }, 'vi'), /Không có nhịp ký số của tỉnh từ 34 phút nay/);
  t.match(
    whyText({ ...silent, path }, 'en'),
    /No signed beat of the province for 34 minutes.*failed at 09:15: speech: no/s,
  );
  t.notMatch(whyText({ ...silent, path }, 'en'), /\u001b/);
  t.notMatch(whyText({ ...silent, path: { beatMissing: false, beatAgeMs: 0 } }, 'en'), /beat/);
});
