import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAtomic } from '../../agent/core/atomic-file.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { lineWishes } from '../lines/board-lines.js';
import { boardSchema, type Board } from './board.js';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Where a board is looked for by its name: a province's own first, then what comes with the program. */
export const BOARD_FOLDERS: readonly string[] = [
  '/etc/loa/boards/',
  // Beside the bundled program; in a checkout, from dist.
  join(HERE, 'boards/'),
  join(HERE, '../../../hardware/boards/'),
];

const SIZE_LIMIT = 65_536;

/**
 * Checks what a file says.
 * @param from what the error names
 * @throws LoaError `E_BOARD`, naming each key that is wrong
 */
export function checkBoard(given: unknown, from: string): Board {
  const parsed = boardSchema.safeParse(given);
  if (!parsed.success) {
    const told = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new LoaError('E_BOARD', `${from}: ${told.join('; ')}`.slice(0, 400));
  }
  const taken = new Map<string, string>();
  for (const { name, at } of lineWishes(parsed.data)) {
    const key = `${at.chip} ${at.line}`;
    const other = taken.get(key);
    if (other !== undefined)
      throw new LoaError('E_BOARD', `${from}: ${other} and ${name} are the same line (${key})`);
    taken.set(key, name);
  }
  return parsed.data;
}

/**
 * Reads a board by its name or path.
 * @throws LoaError `E_BOARD` where there is none, or where it is wrong
 */
export async function readBoard(nameOrPath: string, folders = BOARD_FOLDERS): Promise<Board> {
  const paths = isAbsolute(nameOrPath)
    ? [nameOrPath]
    : folders.map((folder) => `${folder}${nameOrPath}.json`);
  let missing = '';
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      missing = messageOf(cause);
      return undefined;
    });
    if (text === undefined) continue;
    if (text.length > SIZE_LIMIT) throw new LoaError('E_BOARD', `${path}: larger than ${SIZE_LIMIT} bytes`);
    return checkBoard(parsed(text, path), path);
  }
  throw new LoaError('E_BOARD', `no board ${nameOrPath}: ${missing}`);
}

/**
 * Reads a board; where its file is spoilt, the one that it last started with, so that a slip of the pen does not leave the amplifier
 * off for ever. Undefined where none is named, or none was ever well.
 * @param keptPath where what was well is kept
 */
export async function findBoard(
  nameOrPath: string,
  keptPath: string,
  folders = BOARD_FOLDERS,
): Promise<{ readonly found?: Board; readonly trouble?: LoaError }> {
  if (nameOrPath === '') return {};
  try {
    const found = await readBoard(nameOrPath, folders);
    // A disk that cannot be written keeps what was kept before.
    await writeAtomic(keptPath, JSON.stringify(found)).catch(() => undefined);
    return { found };
  } catch (error) {
    const trouble =
      error instanceof LoaError ? error : new LoaError('E_BOARD', messageOf(error), { cause: error });
    const found = await readBoard(keptPath).catch(() => undefined);
    return { trouble, ...(found === undefined ? {} : { found }) };
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LoaError('E_BOARD', `${path}: ${messageOf(cause)}`, { cause });
  }
}
