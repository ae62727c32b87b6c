import { explain, type ErrorCode } from '../agent/core/errors.js';

/** A fault that a pole may have: what it is called, and the code by which `loa diagnose` names it. */
export interface TabledFault {
  readonly name: string;
  readonly code: ErrorCode;
}

/** The table of faults with what `loa diagnose` says of each, in both languages: what `agent/technician/FAULTS.md` must hold. Pure. */
export function faultTable(faults: readonly TabledFault[]): string {
  return [
    '# Faults that are put in, and what `loa diagnose` must say of each',
    '',
    `${faults.length} faults. \`./build/prove technician --item 1\` puts in each and compares; how each is put in stands in \`test/faults/pole-*.ts\`.`,
    'Printed: `node dist/build/print-faults.js > agent/technician/FAULTS.md`.',
    '',
    '| fault | code | nguyên nhân | cách xử lý | remedy |',
    '|---|---|---|---|---|',
    ...faults.map(({ name, code }) => {
      const [vi, en] = [explain(code, 'vi'), explain(code, 'en')];
      return `| ${name} | \`${code}\` | ${vi.cause} | ${vi.remedy} | ${en.remedy} |`.replaceAll('\n', ' ');
    }),
    '',
  ].join('\n');
}
