import type { Language } from '../../core/errors.js';
import { verdictCounts, type AcceptanceRecord } from './acceptance-record.js';
import { ITEM_TEXTS, VERDICT_TEXTS } from './acceptance-texts.js';
import { whyText } from './acceptance-text.js';

const STYLE =
  '@page{size:A4;margin:15mm}body{font:11pt sans-serif;max-width:180mm;margin:auto}table{border-collapse:collapse;width:100%;table-layout:fixed}' +
  'td,th{border:1px solid #777;padding:1.5mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}tr{break-inside:avoid}' +
  'h1{font-size:15pt;text-align:center}section+section{break-before:page}.sign{display:flex;justify-content:space-between;margin-top:12mm;height:35mm}code{overflow-wrap:anywhere}';

/**
 * A record to print and to sign, Vietnamese first, then English; needs nothing else. The digest ties the paper to the signed file. Pure.
 * @param digest SHA-256 of the compact JWS, hexadecimal
 */
export function acceptancePage(record: AcceptanceRecord, digest: string): string {
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Loa ${escaped(record.receiver)}</title><style>${STYLE}</style></head><body>
${section(record, digest, 'vi')}
${section(record, digest, 'en')}
</body></html>
`;
}

function section(record: AcceptanceRecord, digest: string, language: Language): string {
  const say = (vi: string, en: string): string => (language === 'vi' ? vi : en);
  const { passed, failed, notTried } = verdictCounts(record);
  const rows = record.items.map(
    (item) =>
      `<tr><td>${escaped(ITEM_TEXTS[item.id][language])}</td><td><b>${VERDICT_TEXTS[item.verdict][language]}</b></td><td>${escaped(whyText(item, language))}</td></tr>`,
  );
  const words = {
    terminal: say('trả lời tại bàn phím', 'given at the keyboard'),
    script: say('do tập lệnh trả lời thay người', 'given by a script in place of a person'),
    none: say('không hỏi ai', 'nobody was asked'),
  }[record.words];
  return `<section lang="${language}"><h1>${say('BIÊN BẢN NGHIỆM THU TẠI CHỖ', 'ACCEPTANCE RECORD ON SITE')}</h1>
<p>${say('Bộ thu', 'Receiver')}: <b>${escaped(record.receiver)}</b>; Loa ${escaped(record.version)}${record.board === undefined ? '' : `; ${say('bo mạch', 'board')} ${escaped(record.board)}`}<br>
${say('Lúc', 'At')}: ${escaped(record.at)}; ${say('người thao tác (tự khai)', 'operated by (as told)')}: ${escaped(record.technician)}; ${say('lời người nghe', 'words of a person')}: ${words}</p>
<table><colgroup><col style="width:32%"><col style="width:16%"><col style="width:52%"></colgroup><thead><tr><th>${say('Mục', 'Item')}</th><th>${say('Kết quả', 'Result')}</th><th>${say('Chi tiết', 'Details')}</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
<p>${say(`${passed} đạt, ${failed} không đạt, ${notTried} chưa thử.`, `${passed} passed, ${failed} failed, ${notTried} not tried.`)}</p>
<p>${say('Bản có chữ ký của bộ thu, SHA-256', 'The record signed by the receiver, SHA-256')}: <code>${escaped(digest)}</code><br>${say('Kiểm tra', 'To check')}: loa accept --verify FILE</p>
<div class="sign"><div>${say('Kỹ thuật viên', 'Technician')}</div><div>${say('Đại diện xã', 'For the commune')}</div><div>${say('Đại diện tỉnh', 'For the province')}</div></div></section>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
