import { printable } from '../../../protocols/printable.js';
import { boardOf, checkBoardParts } from '../../compose-board-check.js';
import { systemClock } from '../../core/clock.js';
import { LoaError, type Language } from '../../core/errors.js';
import { boardView, type BoardCheckRow, type BoardView } from '../board-view.js';
import { askReceiver, isNobodyThere } from '../client.js';
import { folded } from '../columns.js';
import type { Text } from '../texts.js';
import { EXIT, type Verb } from '../verb.js';

const TEXTS = {
  wellFormed: { vi: 'Tệp mô tả bo mạch hợp lệ:', en: 'The board file is well-formed:' },
  running: {
    vi: 'Bộ thu đang chạy và giữ các chân của bo mạch này: chỉ đọc, không bật tắt rơ le. Muốn thử rơ le, dừng bộ thu trước.',
    en: 'The receiver runs and holds the lines of this board: they are read, not switched. Stop it to try the relays.',
  },
  allThere: { vi: 'Mọi thứ trong tệp đều có.', en: 'Everything that the file names is there.' },
  missing: { vi: 'mục không dùng được.', en: 'cannot be used.' },
} as const satisfies Record<string, Text>;

/** `loa board check`: reads a board's file, and tries each line and sensor of it on the device. */
export const boardVerb: Verb = {
  summary: {
    vi: 'kiểm tra tệp mô tả bo mạch và thử từng chân, cảm biến (không phát tiếng; rơ le bật tắt một lần khi bộ thu dừng)',
    en: 'check a board file and try each line and sensor of it (no sound; relays switch once where the receiver is stopped)',
  },
  usage: 'board check [NAME|FILE]',
  async run({ args, config, language, json, print }) {
    const [what, named, ...more] = args;
    if (what !== 'check' || named?.startsWith('-') === true || more.length > 0)
      throw new LoaError('E_USAGE', 'loa board check [NAME|FILE]');
    const nameOrPath = named ?? config.board;
    if (nameOrPath === '') throw new LoaError('E_BOARD', 'no board is named in the settings (key: board)');
    const board = await boardOf(nameOrPath);
    const live = await runningBoard(config.socketPath);
    const own = live !== undefined && live.name === board.name;
    const rows = [
      ...(own ? liveRows(live) : []),
      ...(await checkBoardParts(board, {
        ...{ clock: systemClock, switching: live === undefined },
        roots: { sys: config.sensors.sysFolder, proc: config.sensors.procFolder },
      })),
    ];
    const failed = rows.filter(({ ok }) => !ok).length;
    if (json) print(JSON.stringify({ board: board.name, running: live !== undefined, rows }));
    else for (const line of linesOf(board.name, rows, live !== undefined, language)) print(line);
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
};

async function runningBoard(socketPath: string): Promise<BoardView | undefined> {
  try {
    return boardView.parse(await askReceiver(socketPath, 'GET', '/v1/board'));
  } catch (error) {
    // One that hangs, or is asked by too many, holds its lines all the same: they are not switched under it.
    if (isNobodyThere(error)) return undefined;
    throw error;
  }
}

function liveRows({ inputs, trouble }: BoardView): BoardCheckRow[] {
  const rows = Object.entries(inputs).map(([what, active]) => ({
    what,
    ok: true,
    detail: active ? '1' : '0',
  }));
  return trouble === undefined ? rows : [...rows, { what: 'lines', ok: false, detail: trouble }];
}

function linesOf(
  name: string,
  rows: readonly BoardCheckRow[],
  running: boolean,
  language: Language,
): string[] {
  const failed = rows.filter(({ ok }) => !ok).length;
  return [
    `${TEXTS.wellFormed[language]} ${name}`,
    ...(running ? [folded(TEXTS.running[language])] : []),
    ...rows
      .map(({ what, ok, detail }) => `${ok ? '✓' : '✗'} ${what.padEnd(24)} ${printable(detail, 200)}`)
      .map((line) => folded(line)),
    failed === 0 ? TEXTS.allThere[language] : `${failed} ${TEXTS.missing[language]}`,
  ];
}
