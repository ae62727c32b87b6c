import { BASELINE, type BaselineRow } from './baseline.js';

const HEAD = `# Yêu cầu an toàn cơ bản · Security baseline (ETSI EN 303 645)

Tệp này được in ra từ \`build/baseline.ts\`; không sửa bằng tay.

This file is printed from \`build/baseline.ts\`; do not edit it by hand. To print it again:
\`node dist/build/print-baseline.js > certs/BASELINE.md\`. The same rows stand in \`prove-out/report.json\` under \`baseline\`.
The wording is ours; for the standard's own, read the standard.

| area | what is asked for here | state | shown by | what is missing, or why it does not apply |
|---|---|---|---|---|
`;

/** The baseline as Markdown: what `certs/BASELINE.md` must hold, byte for byte. */
export function baselineDocument(): string {
  return `${HEAD}${BASELINE.map(row).join('')}`;
}

function row({ provision, asks, state, shownBy, missing }: BaselineRow): string {
  const by = shownBy.map((one) => `\`${one}\``).join(', ');
  return `| ${[provision, asks, state, by, missing].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`;
}
