import { SETTINGS } from './config.js';

interface Row {
  readonly key: string;
  readonly doc: string;
  readonly docVi: string;
  readonly unit: string;
  readonly default: unknown;
  readonly example: unknown;
}

const HEAD = `# Cấu hình · Settings

Tệp này được in ra từ \`agent/config.ts\`; không sửa bằng tay. In lại:
\`node -e "import('./dist/agent/print-settings.js').then((m) => process.stdout.write(m.settingsDocument()))" > agent/SETTINGS.md\`.

This file is printed from \`agent/config.ts\`; do not edit it by hand. To print it again:
\`node -e "import('./dist/agent/print-settings.js').then((m) => process.stdout.write(m.settingsDocument()))" > agent/SETTINGS.md\`.

| khóa · key | đơn vị · unit | mặc định · default | ví dụ · example | ý nghĩa | meaning |
|---|---|---|---|---|---|
`;

/** The document of every setting, Markdown: what `agent/SETTINGS.md` must hold, byte for byte. */
export function settingsDocument(): string {
  const rows = settingRows().map(({ key, unit, doc, docVi, ...row }) => {
    const cells = [`\`${key}\``, unit, code(row.default), code(row.example), docVi, doc];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return `${HEAD}${rows.join('')}`;
}

/** Every setting with its key as it is written in an error: `broker.port`. */
export function settingRows(tree: object = SETTINGS, prefix = ''): Row[] {
  return Object.entries(tree).flatMap(([name, value]: [string, object]) =>
    'docVi' in value
      ? [{ ...(value as Omit<Row, 'key'>), key: prefix + name }]
      : settingRows(value, `${prefix}${name}.`),
  );
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
