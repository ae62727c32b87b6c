import { ERROR_TEXTS } from '../agent/core/error-texts.js';
import { CHAIN } from '../agent/technician/diagnose/chain.js';

const STYLE =
  '@page{size:A4;margin:12mm}body{font:9pt/1.25 "DejaVu Sans",Arial,sans-serif}h1{font-size:14pt;margin:0 0 2mm}' +
  'table{border-collapse:collapse;width:100%}td,th{border:.3pt solid #999;padding:1mm;vertical-align:top;text-align:left}' +
  'th{background:#eee}tr{break-inside:avoid}code{font-size:8pt;white-space:nowrap}.en{color:#444}p{margin:1mm 0}';

/** The card of error codes for the wall of a depot or the lid of a cabinet, HTML for A4: print it, or save it as PDF, with any browser. */
export function errorCard(): string {
  const rows = Object.entries(ERROR_TEXTS).map(
    ([code, { vi, en }]) =>
      `<tr><td><code>${code}</code></td><td>${safe(vi.cause)}<p class="en">${safe(en.cause)}</p></td>` +
      `<td>${safe(vi.remedy)}<p class="en">${safe(en.remedy)}</p></td></tr>`,
  );
  const chain = CHAIN.map(
    ({ title }, i) => `${i + 1}. ${safe(title.vi)} <span class="en">(${safe(title.en)})</span>`,
  );
  return [
    '<!doctype html>',
    '<html lang="vi"><head><meta charset="utf-8"><title>Loa: mã lỗi và cách xử lý</title>',
    `<style>${STYLE}</style></head><body>`,
    '<h1>Loa: mã lỗi và cách xử lý · error codes and remedies</h1>',
    '<p>1. Chạy <code>loa diagnose</code>. 2. Tìm mã ở bảng dưới. 3. Chưa được: chạy <code>loa support</code>, gửi tệp cho tỉnh.</p>',
    `<p>Chuỗi kiểm tra · the chain: ${chain.join(', ')}</p>`,
    '<table><tr><th>mã · code</th><th>nguyên nhân · cause</th><th>cách xử lý · remedy</th></tr>',
    ...rows,
    '</table></body></html>',
    '',
  ].join('\n');
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
