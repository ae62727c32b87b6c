import { testNameOf, type Threat } from './threat.js';
import { THREATS } from './threats.js';

const BEGIN = '<!-- threats: printed by build/print-threats.ts -->';
const END = '<!-- /threats -->';

const HEAD = `
Bảng này được in ra từ \`test/security/threats.ts\`; không sửa bằng tay. Mỗi dòng là một lần tấn công thật, trong một phép thử.

This table is printed from \`test/security/threats.ts\`; do not edit it by hand, print it again: \`node dist/build/print-threats.js\`.
Every row is a real attack in a test of that name, on the real parts: \`piece\` rows in \`test/unit/security/threats.test.ts\`
(verification, journal, kept documents and programme in one process; the clock is a test's, so a row about the clock simulates the
clock and nothing else), \`process\` rows in \`test/integration/security.test.ts\` (the running program, mutual TLS, a broker). A row
that is **open** is not stopped yet: its test asserts that too, and the claim of \`./build/prove trust --item 1\` falls short until it is
closed.

| mối đe dọa · threat | điều chặn lại · what stops it | phép thử · test | trạng thái · state |
|---|---|---|---|
`;

/** The table of threats, Markdown. */
export function threatTable(): string {
  return `${HEAD}${THREATS.map(row).join('')}`;
}

/** What stands between the markers in a document. @throws Error where they are missing */
export function threatsIn(document: string): string {
  return parts(document).inside;
}

/** A document with the table of today between its markers. @throws Error where they are missing */
export function withThreats(document: string): string {
  const { before, after } = parts(document);
  return `${before}${threatTable()}${after}`;
}

function parts(document: string): { before: string; inside: string; after: string } {
  const from = document.indexOf(BEGIN) + BEGIN.length + 1;
  const to = document.indexOf(END);
  if (from <= BEGIN.length || to < from) throw new Error(`no place between "${BEGIN}" and "${END}"`);
  return { before: document.slice(0, from), inside: document.slice(from, to), after: document.slice(to) };
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
