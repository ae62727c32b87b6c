import type { AsRunEntry } from '../programme/as-run.js';
import type { Language } from '../core/errors.js';
import type { Text } from './texts.js';

/** How a bulletin ended, in words. */
export const OUTCOMES: Readonly<Record<AsRunEntry['outcome'], Text>> = {
  completed: { vi: 'phát xong', en: 'completed' },
  stopped: { vi: 'bị dừng', en: 'stopped' },
  'lease-ended': { vi: 'hết thời hạn', en: 'lease ended' },
  failed: { vi: 'lỗi', en: 'failed' },
  dropped: { vi: 'bị bỏ', en: 'dropped' },
  'not-played': { vi: 'không phát', en: 'not played' },
};

/** One of them in one language. */
export function outcomeText(outcome: AsRunEntry['outcome'], language: Language): string {
  return OUTCOMES[outcome][language];
}
