import { printable } from '../../protocols/printable.js';
import { explain, type Language } from '../core/errors.js';
import { clockText } from './day-text.js';
import type { Gate, WhyView } from './programme-view.js';
import { reasonText } from './reason-text.js';
import { say, type Text } from './texts.js';

const BY: Readonly<Record<NonNullable<WhyView['onAir']>['by'], Text>> = {
  schedule: { vi: 'theo lịch', en: 'by its schedule' },
  command: { vi: 'theo lệnh phát', en: 'by a command' },
  emergency: { vi: 'vì một tin khẩn cấp đang có hiệu lực', en: 'as an emergency is in force' },
  local: { vi: 'do người thử tại chỗ', en: 'as somebody on site tests it' },
};

const GATES: Readonly<Record<Exclude<Gate, 'open'>, Text>> = {
  hours: { vi: 'ngoài giờ được phép', en: 'outside the permitted hours' },
  minutes: { vi: 'đã dùng hết số phút được phép trong ngày', en: 'the minutes of this day are used up' },
};

/** Why it is on air or silent, in one paragraph: the chain of causes, the one nearest to the loudspeaker first. */
export function whyText(view: WhyView, language: Language): string {
  const t = (text: Text): string => text[language];
  const sentences = view.onAir === undefined ? silentOf(view, t) : soundingOf(view, view.onAir, language, t);
  if (view.next !== undefined) {
    const { title, startMs } = view.next;
    const at = `“${printable(title, 80)}”, ${clockText(startMs)}`;
    sentences.push(t({ vi: `Mục tiếp theo trong lịch: ${at}.`, en: `Next in the schedule: ${at}.` }));
  }
  if (view.scheduleClock === 'last-known')
    sentences.push(
      t({
        vi: 'Đồng hồ chưa đúng: lịch đang tính theo giờ biết lần cuối cộng thời gian chạy máy, chậm hơn thực tế.',
        en: 'The clock is wrong: schedules go by the last time known and the uptime, which is late.',
      }),
    );
  sentences.push(...pathOf(view, t));
  return sentences.join(' ');
}

/** What is wrong with the path that an emergency would come by. */
function pathOf({ path }: WhyView, t: (text: Text) => string): string[] {
  const sentences: string[] = [];
  if (path?.safeMode !== undefined)
    sentences.push(
      t(
        path.safeMode === 'crashes'
          ? {
              vi: 'Chế độ an toàn: chương trình đã hỏng năm lần trong mười phút, nên chỉ phát tin khẩn cấp.',
              en: 'Safe mode: the program crashed five times in ten minutes, so emergencies are heard alone.',
            }
          : {
              vi: 'Chế độ an toàn: không ghi được kho dữ liệu trên thẻ nhớ, nên chỉ phát tin khẩn cấp.',
              en: 'Safe mode: the store on the disk cannot be written, so emergencies are heard alone.',
            },
      ),
    );
  if (path?.beatMissing === true) {
    const minutes = Math.floor(path.beatAgeMs / 60_000);
    sentences.push(
      t({
        vi: `Không có nhịp ký số của tỉnh từ ${minutes} phút nay: tin khẩn cấp có thể không đến được.`,
        en: `No signed beat of the province for ${minutes} minutes: an emergency might not arrive.`,
      }),
    );
  }
  if (path?.fault !== undefined) {
    const detail = printable(path.fault.detail, 120);
    sentences.push(
      t({
        vi: `Bài thử đường tin khẩn cấp lúc ${clockText(path.fault.atMs)} không đạt: ${detail}.`,
        en: `The test of the path of an emergency failed at ${clockText(path.fault.atMs)}: ${detail}.`,
      }),
    );
  }
  return sentences;
}

function soundingOf(
  { waiting }: WhyView,
  { title, class: airClass, authority, sinceMs, by }: NonNullable<WhyView['onAir']>,
  language: Language,
  t: (text: Text) => string,
): string[] {
  const name = `“${printable(title, 80)}” (${say(airClass, language)}, ${authority})`;
  const since = sinceMs === undefined ? '' : clockText(sinceMs);
  const sentences = [
    t({
      vi: `Đang phát ${name}${since === '' ? '' : ` từ ${since}`} ${BY[by].vi}.`,
      en: `On air is ${name}${since === '' ? '' : ` since ${since}`}, ${BY[by].en}.`,
    }),
  ];
  if (waiting.length > 0)
    sentences.push(
      t({
        vi: `Nó đứng trước ${waiting.length} mục đang chờ theo lớp và thứ tự ưu tiên: ${namesOf(waiting)}.`,
        en: `By class and rank it goes before ${waiting.length} that wait: ${namesOf(waiting)}.`,
      }),
    );
  return sentences;
}

function silentOf(view: WhyView, t: (text: Text) => string): string[] {
  const causes: Text[] = [];
  const { gate, waiting, resting, notPlayed } = view;
  if (!view.sinkOk)
    causes.push({
      vi: 'đường ra âm thanh đang hỏng (xem loa status)',
      en: 'the sound output is broken (see loa status)',
    });
  if (view.amplifier !== undefined)
    causes.push({
      vi: lowerFirst(explain(view.amplifier, 'vi').cause.replace(/\.$/, '')),
      en: lowerFirst(explain(view.amplifier, 'en').cause.replace(/\.$/, '')),
    });
  if (waiting.length > 0) {
    const shut = gate.normal === 'open' ? gate.priority : gate.normal;
    const names = namesOf(waiting);
    causes.push(
      shut === 'open'
        ? {
            vi: `${names} đã mở nhưng nguồn chưa có tiếng`,
            en: `${names} is open, but its source gives no sound yet`,
          }
        : { vi: `${names} đang chờ nhưng ${GATES[shut].vi}`, en: `${names} waits, but ${GATES[shut].en}` },
    );
  } else if (gate.normal !== 'open') causes.push(GATES[gate.normal]);
  if (view.scheduleClock === 'none')
    causes.push({
      vi: 'đồng hồ chưa tin được nên lịch chưa được phát',
      en: 'the clock is not trusted, so nothing begins by a schedule',
    });
  if (!view.assigned)
    causes.push({ vi: 'bộ thu chưa được phân công địa bàn', en: 'the receiver is not assigned to an area' });
  if (view.schedules === 0) causes.push({ vi: 'chưa có lịch phát nào', en: 'there is no schedule' });
  if (resting !== undefined)
    causes.push({
      vi: `“${printable(resting.title, 80)}” nghỉ hôm nay: ${printable(resting.reason, 80)}`,
      en: `“${printable(resting.title, 80)}” rests today: ${printable(resting.reason, 80)}`,
    });
  if (causes.length === 0 || (waiting.length === 0 && view.schedules > 0 && resting === undefined))
    causes.push({
      vi: 'lúc này không có mục nào đến giờ và không có lệnh phát',
      en: 'nothing is due now and nothing was asked for',
    });
  const sentences = [
    t({
      vi: `Bộ thu đang im lặng lúc ${clockText(view.nowMs)} vì: ${causes.map(({ vi }) => vi).join('; ')}.`,
      en: `The receiver is silent at ${clockText(view.nowMs)}: ${causes.map(({ en }) => en).join('; ')}.`,
    }),
  ];
  if (notPlayed !== undefined) {
    const what = `“${printable(notPlayed.title, 80)}” (${clockText(notPlayed.dueMs)})`;
    sentences.push(
      t({
        vi: `Mục ${what} đã không phát: ${reasonText(notPlayed.reason, 'vi')}.`,
        en: `${what} was not played: ${reasonText(notPlayed.reason, 'en')}.`,
      }),
    );
  }
  return sentences;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function namesOf(titles: readonly string[]): string {
  return titles
    .slice(0, 3)
    .map((title) => `“${printable(title, 80)}”`)
    .join(', ');
}
