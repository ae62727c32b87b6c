import { printable } from '../../../protocols/printable.js';
import { explain, type Language } from '../../core/errors.js';
import { columnsOf, fitted, wrapped } from '../columns.js';
import type { Text } from '../texts.js';
import { firstFault, type Judged, type Verdict } from './check.js';
import type { Diagnosis } from './collect.js';

const WIDTH = 80;
const GRID_COLUMNS = 3;
const GRID_WIDTH = 26;

/** A mark a verdict, readable without colour. */
const MARKS: Readonly<Record<Verdict['kind'], string>> = {
  ok: '[+]',
  broken: '[X]',
  weak: '[!]',
  unknown: '[?]',
  skipped: '[ ]',
};

const WORDS = {
  title: { vi: 'CHẨN ĐOÁN BỘ THU', en: 'DIAGNOSIS OF RECEIVER' },
  well: { vi: 'KẾT LUẬN: không thấy khâu nào hỏng.', en: 'RESULT: no link is broken.' },
  broken: { vi: 'HỎNG Ở KHÂU', en: 'BROKEN AT' },
  weak: { vi: 'CẦN SỬA', en: 'TO BE MENDED' },
  cause: { vi: 'Nguyên nhân: ', en: 'Cause: ' },
  remedy: { vi: 'Cách xử lý: ', en: 'Remedy: ' },
  detail: { vi: 'Chi tiết: ', en: 'Detail: ' },
  more: { vi: 'Còn nữa: ', en: 'Besides: ' },
  legend: {
    vi: '[+] tốt  [X] hỏng  [!] cần sửa  [?] không biết  [ ] bỏ qua vì khâu trước hỏng',
    en: '[+] well  [X] broken  [!] to be mended  [?] not known  [ ] passed over',
  },
} as const satisfies Record<string, Text>;

/** The one line of a check for a list. */
export function checkLine({ title, verdict }: Judged, language: Language): string {
  const code = 'code' in verdict ? `${verdict.code} ` : '';
  const detail = 'detail' in verdict && verdict.detail !== undefined ? printable(verdict.detail, 200) : '';
  return fitted(`${MARKS[verdict.kind]} ${title[language].padEnd(18)} ${code}${detail}`.trimEnd(), WIDTH);
}

/**
 * The summary: the first fault with its remedy, and every link as a mark; at most 24 lines of 80 columns, so that a photo holds it.
 */
export function summaryText({ judged, facts, tookMs }: Diagnosis, language: Language): string {
  const say = (word: keyof typeof WORDS): string => WORDS[word][language];
  const receiver = facts.certificate?.kind === 'ok' ? facts.certificate.receiver : '?';
  const when = new Date(facts.nowMs + 25_200_000).toISOString().slice(0, 16).replace('T', ' ');
  const head = fitted(`${say('title')} ${receiver}   ${when}   ${(tookMs / 1000).toFixed(1)} s`, WIDTH);
  const cells = judged.map(({ title, verdict }) =>
    fitted(`${MARKS[verdict.kind]} ${title[language]}`, GRID_WIDTH),
  );
  return [
    head,
    '',
    ...columnsOf(cells, GRID_COLUMNS, GRID_WIDTH),
    say('legend'),
    '',
    ...conclusion(judged, language),
  ].join('\n');
}

function conclusion(judged: readonly Judged[], language: Language): string[] {
  const say = (word: keyof typeof WORDS): string => WORDS[word][language];
  const fault = firstFault(judged);
  if (fault === undefined) return [say('well')];
  const { code, detail, kind } = fault.verdict;
  const { cause, remedy } = explain(code, language);
  const others = judged.flatMap(({ verdict }) =>
    'code' in verdict && verdict.code !== code ? [verdict.code] : [],
  );
  return [
    fitted(`${say(kind)}: ${fault.title[language]} (${code})`, WIDTH),
    ...wrapped(say('cause') + cause, WIDTH).slice(0, 2),
    ...wrapped(say('remedy') + remedy, WIDTH).slice(0, 3),
    ...(detail === undefined || detail === '' ? [] : [fitted(say('detail') + printable(detail, 200), WIDTH)]),
    ...(others.length === 0 ? [] : [fitted(say('more') + [...new Set(others)].join(' '), WIDTH)]),
  ];
}

/** Every check with its detail, and each certificate that the server showed. */
export function fullText(diagnosis: Diagnosis, language: Language): string {
  const shown = diagnosis.facts.broker?.shown ?? [];
  return [
    ...diagnosis.judged.map((one) => checkLine(one, language)),
    ...shown.flatMap(({ subject, issuer, notAfter, sha256 }, i) => [
      fitted(
        `TLS ${i + 1}: ${printable(subject, 60)} < ${printable(issuer, 60)}, ${notAfter.slice(0, 10)}`,
        WIDTH,
      ),
      `       SHA-256 ${sha256.slice(0, 32)}`,
      `               ${sha256.slice(32)}`,
    ]),
    '',
    ...conclusion(diagnosis.judged, language),
  ].join('\n');
}

/** What is otherwise than in an earlier run, a line each. */
export function changesText(before: readonly Judged[], now: readonly Judged[], language: Language): string[] {
  return now.flatMap((one) => {
    const was = before.find(({ id }) => id === one.id)?.verdict;
    const same = was?.kind === one.verdict.kind && codeOf(was) === codeOf(one.verdict);
    return same
      ? []
      : [fitted(`${was === undefined ? '   ' : MARKS[was.kind]} -> ${checkLine(one, language)}`, WIDTH)];
  });
}

function codeOf(verdict: Verdict): string {
  return 'code' in verdict ? verdict.code : '';
}
