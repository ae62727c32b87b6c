import type { Text } from './texts.js';

/** How the loudspeaker line is, in words: what is wrong stands out. */
export const LINE_WORDS: Readonly<Record<'normal' | 'open' | 'short', Text>> = {
  normal: { vi: 'bình thường', en: 'normal' },
  open: { vi: 'HỞ MẠCH', en: 'OPEN CIRCUIT' },
  short: { vi: 'CHẬP TẢI', en: 'SHORT CIRCUIT' },
};
