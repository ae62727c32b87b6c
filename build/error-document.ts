import { ERROR_TEXTS } from '../agent/core/error-texts.js';

const HEAD = `# Mã lỗi và cách xử lý · Error codes and remedies

Tệp này được in ra từ \`agent/core/error-texts.ts\`; không sửa bằng tay. In lại:
\`node dist/build/print-errors.js > agent/core/ERRORS.md\`.

This file is printed from \`agent/core/error-texts.ts\`; do not edit it by hand. To print it again:
\`node dist/build/print-errors.js > agent/core/ERRORS.md\`.

| mã · code | nguyên nhân | cách xử lý | cause | remedy |
|---|---|---|---|---|
`;

/** The document of every error code, Markdown: what `agent/core/ERRORS.md` must hold, byte for byte. */
export function errorDocument(): string {
  const rows = Object.entries(ERROR_TEXTS).map(([code, { vi, en }]) => {
    const cells = [`\`${code}\``, ...[vi.cause, vi.remedy, en.cause, en.remedy].map(cell)];
    return `| ${cells.join(' | ')} |\n`;
  });
  return `${HEAD}${rows.join('')}`;
}

function cell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}
