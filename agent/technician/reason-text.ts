import { ERROR_TEXTS } from '../core/error-texts.js';
import type { Language } from '../core/errors.js';
import type { Text } from './texts.js';

/** The words of the plan; what a rule refused is named by its error code. */
const WORDS: Readonly<Record<string, Text>> = {
  late: { vi: 'đã quá giờ bắt đầu cho phép', en: 'it was too late to begin' },
  over: { vi: 'hết giờ khi bộ thu không hoạt động', en: 'its time passed while the receiver was away' },
  rest: { vi: 'ngày nghỉ theo lịch', en: 'it rests on this day' },
  clock: { vi: 'đồng hồ chưa tin được', en: 'the clock was not trusted' },
  busy: { vi: 'quá nhiều mục cùng lúc', en: 'too many at the same time' },
};

/** Why something of the programme was not played, for a person. Codes stay readable: they are what the province sees. */
export function reasonText(reason: string, language: Language): string {
  const word = WORDS[reason];
  if (word !== undefined) return word[language];
  const known = Object.hasOwn(ERROR_TEXTS, reason)
    ? ERROR_TEXTS[reason as keyof typeof ERROR_TEXTS]
    : undefined;
  return known === undefined ? reason : `${known[language].cause.replace(/\.$/, '')} (${reason})`;
}
