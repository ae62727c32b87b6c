import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { printable } from '../../../protocols/printable.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { fitted } from '../columns.js';
import { clockText } from '../day-text.js';
import { EXIT, type QuickVerb } from '../verb.js';

const READ_LIMIT_MS = 10_000;
const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'WARN', 50: 'ERROR' };

/** `loa log`: the receiver's own lines of the journal, readable. */
export const logVerb: QuickVerb = {
  summary: { vi: 'nhật ký chương trình; -f để xem tiếp', en: "the program's log; -f follows it" },
  usage: 'log [-f] [-n LINES]',
  async run({ args, json, print }) {
    const { follow, lines } = givenOf(args);
    const words = ['-u', 'loa', '-o', 'cat', '-n', String(lines), ...(follow ? ['-f'] : [])];
    const child = spawn('journalctl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    const timer = follow ? undefined : setTimeout(() => child.kill('SIGKILL'), READ_LIMIT_MS);
    const ended = Promise.race([once(child, 'close'), once(child, 'error')]) as Promise<[unknown]>;
    ended.catch(() => undefined);
    for await (const line of createInterface({ input: child.stdout }))
      print(json ? jsonLine(line) : logLine(line));
    const [code] = await ended.catch((cause: unknown) => [cause]);
    clearTimeout(timer);
    if (code instanceof Error) throw new LoaError('E_NOT_RUNNING', `journalctl: ${messageOf(code)}`);
    return code === 0 ? EXIT.done : EXIT.failed;
  },
};

function givenOf(args: readonly string[]): { follow: boolean; lines: number } {
  try {
    const options = {
      follow: { type: 'boolean', short: 'f', default: false },
      lines: { type: 'string', short: 'n', default: '50' },
    } as const;
    const { follow, lines } = parseArgs({ args: [...args], options, strict: true }).values;
    if (!/^\d{1,6}$/.test(lines)) throw new Error('-n wants a number');
    return { follow, lines: Number(lines) };
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

function jsonLine(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line));
  } catch {
    return JSON.stringify({ msg: line });
  }
}

/** One line of the log as a person reads it; a line that is none of the program's stays as it is. */
export function logLine(line: string): string {
  try {
    const { time, level, module, msg, ...others } = JSON.parse(line) as Record<string, unknown>;
    const rest = Object.fromEntries(
      Object.entries(others).filter(([name]) => name !== 'pid' && name !== 'hostname'),
    );
    const at = typeof time === 'number' ? time : Date.parse(String(time));
    const fields = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    const when = Number.isFinite(at) ? clockText(at) : '--:--';
    const from = typeof module === 'string' ? `${module}: ` : '';
    const text = typeof msg === 'string' ? msg : '';
    return printable(`${when} ${LEVELS[Number(level)] ?? ''} ${from}${text}${fields}`, 400);
  } catch {
    return fitted(printable(line, 400), 400);
  }
}
