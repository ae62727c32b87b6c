import { ERROR_TEXTS } from '../core/error-texts.js';
import type { Language } from '../core/errors.js';
import type { Text } from './texts.js';

/** The words of the plan; what a rule refused is named by its error code. */
const WORDS = {
  late: { vi: 'đã quá giờ bắt đầu cho phép', en: 'it was too late to begin' },
  over: { vi: 'hết giờ khi bộ thu không hoạt động', en: 'its time passed while the receiver was away' },
  rest: { vi: 'ngày nghỉ theo lịch', en: 'it rests on this day' },
  clock: { vi: 'đồng hồ chưa tin được', en: 'the clock was not trusted' },
  busy: { vi: 'quá nhiều mục cùng lúc', en: 'too many at the same time' },
} as const satisfies Record<string, Text>;

/** Why something of the programme was not played, for a person. Codes stay readable: they are what the province sees. */
export function reasonText(reason: string, language: Language): string {
  if (isOneOf(WORDS, reason)) return WORDS[reason][language];
  if (!isOneOf(ERROR_TEXTS, reason)) return reason;
  return `${ERROR_TEXTS[reason][language].cause.replace(/\.$/, '')} (${reason})`;
}

function isOneOf<T extends object>(all: T, name: string): name is keyof T & string {
  return Object.hasOwn(all, name);
}
