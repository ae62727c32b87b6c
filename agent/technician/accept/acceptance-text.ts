import { printable } from '../../../protocols/printable.js';
import type { Language } from '../../core/errors.js';
import { wrapped } from '../columns.js';
import { verdictCounts, type AcceptanceItem, type AcceptanceRecord } from './acceptance-record.js';
import { BY_TEXTS, factsText, ITEM_TEXTS, REASON_TEXTS, VERDICT_TEXTS } from './acceptance-texts.js';

/** A record for a terminal, at most 80 columns a line. Pure. */
export function acceptanceText(record: AcceptanceRecord, language: Language): string {
  const vi = language === 'vi';
  const { passed, failed, notTried } = verdictCounts(record);
  const lines = [
    `${vi ? 'NGHIỆM THU TẠI CHỖ' : 'ACCEPTANCE ON SITE'}: ${record.receiver}, Loa ${record.version}, ${record.at}`,
    ...record.items.flatMap((item) => itemLines(item, language)),
    vi
      ? `${passed} đạt, ${failed} không đạt, ${notTried} chưa thử.`
      : `${passed} passed, ${failed} failed, ${notTried} not tried.`,
  ];
  return lines.map((line) => printable(line, 200)).join('\n');
}

function itemLines(item: AcceptanceItem, language: Language): string[] {
  const verdict = VERDICT_TEXTS[item.verdict][language];
  const sign = { passed: '✓', failed: '✗', 'not tried': '–' }[item.verdict];
  const more = whyText(item, language);
  return [
    `${sign} ${ITEM_TEXTS[item.id][language]}: ${verdict}`,
    ...(more === '' ? [] : wrapped(more, 76).map((line) => `    ${line}`)),
  ];
}

/** Why, by whose word, and the figures, in one line. Pure. */
export function whyText(item: AcceptanceItem, language: Language): string {
  const reason = item.reason === undefined ? '' : REASON_TEXTS[item.reason][language];
  const by = item.verdict === 'not tried' ? '' : BY_TEXTS[item.by][language];
  const code = item.code ?? '';
  return [reason, code, by, factsText(item, language)].filter((part) => part !== '').join('; ');
}
