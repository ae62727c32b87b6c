import type { RecordRow } from './record-rows.js';
import type { Requirement } from './requirement.js';

const LONG_WORD = `${'0123456789abcdef'.repeat(40)}`;

/** Rows whose figures are as hostile to a page as a run could make them: long, without a space, and with what HTML takes for its own. Pure. */
export function spoiltRows(rows: readonly RecordRow[]): RecordRow[] {
  return rows.map((row, index): RecordRow => {
    const holds = [true, false, null][index % 3] ?? null;
    const measured = [
      LONG_WORD,
      `<script>alert(1)</script> & "quoted" ${'≤ 12.5 ms; '.repeat(60)}`,
      'Khuếch đại đường dây: ' + 'nghiêng ngả thưởng thức ưỡn ngực; '.repeat(25),
      '7',
    ][index % 4];
    return {
      ...row,
      notRun: undefined,
      result: {
        ...{ area: row.area, item: row.item, claim: row.claim, bound: row.bound },
        ...{ measured: measured ?? '', holds, note: 'x'.repeat(150) },
        ...{ runBegan: '2026-01-01T00:00:00.000Z', date: '2026-01-01T00:00:00.000Z' },
        commit: `${'f'.repeat(40)} with changes`,
        node: 'v20.0.0',
        machine: { platform: 'linux 1 x64', processors: 64, model: 'W'.repeat(80), memoryMb: 1e6 },
        earlier: Array.from({ length: 20 }, (_, at) => ({
          ...{ date: '2026-01-01T00:00:00.000Z', commit: '0'.repeat(40) },
          holds: at % 2 === 0,
        })),
      },
    };
  });
}

/** Matrices with one fault each, by the name of the fault: the rules must find every one. Pure. */
export function spoiltMatrices(
  rows: readonly Requirement[],
): { readonly name: string; readonly rows: readonly Requirement[] }[] {
  const unread = rows.find((row) => row.kind === 'unread');
  const addressed = rows.find((row) => row.kind === 'addressed');
  const not = rows.find((row) => row.kind === 'not applicable');
  if (unread?.kind !== 'unread' || addressed?.kind !== 'addressed' || not?.kind !== 'not applicable')
    return [];
  const { id, asks, known } = unread;
  const swap = (name: string, of: Requirement, by: Requirement) => ({
    name,
    rows: rows.map((row) => (row === of ? by : row)),
  });
  return [
    swap('an unread clause addressed', unread, {
      ...{ id, asks, known },
      kind: 'addressed',
      by: [{ area: 'main' }],
    }),
    swap('background knowledge addressed', addressed, { ...addressed, known: 'background' }),
    swap('a second-hand source addressed', addressed, { ...addressed, known: 'second-hand' }),
    swap('nothing to read named', unread, { ...unread, mustRead: { vi: '', en: '' } }),
    swap('unread, but read', unread, { ...unread, known: 'read' }),
    swap('addressed by nothing', addressed, { ...addressed, by: [] }),
    swap('addressed by a claim that is none', addressed, { ...addressed, by: [{ area: 'main', item: 99 }] }),
    swap('not applicable without a reason', not, { ...not, because: { vi: '', en: '' } }),
    swap('conformity claimed in words', addressed, {
      ...addressed,
      asks: { vi: 'Sản phẩm tuân thủ đầy đủ Phụ lục 2', en: 'The product complies with Annex 2' },
    }),
    swap('one language for both', unread, {
      ...unread,
      asks: { vi: unread.asks.en, en: unread.asks.en },
    }),
    { name: 'a row left out', rows: rows.filter((row) => !row.id.startsWith('C5')) },
    { name: 'a row twice', rows: [...rows, addressed] },
  ];
}
