import { testNameOf, type Threat } from './threat.js';
import { THREATS } from './threats.js';

const HEAD = `# Mối đe dọa và cách chặn · Threats and what stops them

Tệp này được in ra từ \`test/security/threats.ts\`; không sửa bằng tay. Mỗi dòng là một lần tấn công thật, trong một phép thử.

This file is printed from \`test/security/threats.ts\`; do not edit it by hand. To print it again:
\`node dist/build/print-threats.js > certs/THREATS.md\`. Every row is a real attack in a test of that name, on the real
parts: \`piece\` rows in \`test/unit/security/threats.test.ts\` (verification, journal, kept documents and programme in one
process; the clock is a test's, so a row about the clock simulates the clock and nothing else), \`process\` rows in
\`test/integration/security.test.ts\` (the running program, mutual TLS, a broker). A row that is **open** is not stopped
yet: its test asserts that too, and the claim of \`./build/prove trust --item 1\` falls short until it is closed.

| mối đe dọa · threat | điều chặn lại · what stops it | phép thử · test | trạng thái · state |
|---|---|---|---|
`;

/** The table of threats, Markdown: what `certs/THREATS.md` must hold, byte for byte. */
export function threatDocument(): string {
  return `${HEAD}${THREATS.map(row).join('')}`;
}

function row(threat: Threat): string {
  const where = 'attack' in threat ? 'piece' : 'process';
  const state =
    threat.open === undefined
      ? 'đã chặn · stopped'
      : `**còn hở · open**: ${threat.open.vi}. ${threat.open.en}`;
  const cells = [
    `${threat.threat.vi} · ${threat.threat.en}`,
    `${threat.stops.vi} · ${threat.stops.en}`,
    `${where} \`${testNameOf(threat).split(':', 1)[0] ?? ''}\``,
    state,
  ];
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`;
}
