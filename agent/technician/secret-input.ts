import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { LoaError, messageOf } from '../core/errors.js';

const LARGEST_BYTES = 4_096;

/**
 * The first line of a file descriptor that the caller opened (`--passphrase-fd 3 3< file`): never in the list of
 * processes, nor in the shell's history.
 * @throws LoaError `E_USAGE`
 */
export async function secretOfDescriptor(text: string): Promise<string> {
  if (!/^\d{1,5}$/.test(text)) throw new LoaError('E_USAGE', 'a file descriptor is a number');
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream('', { fd: Number(text), autoClose: true })) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > LARGEST_BYTES || (chunk as Buffer).includes(10)) break;
    }
  } catch (cause) {
    throw new LoaError('E_USAGE', `file descriptor ${text}: ${messageOf(cause)}`, { cause });
  }
  return firstLine(Buffer.concat(chunks), `file descriptor ${text}`);
}

/** The first line of a file that only its owner may read. @throws LoaError `E_USAGE` */
export async function secretOfFile(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { mode } = await file.stat();
      if ((mode & 0o077) !== 0) throw new LoaError('E_USAGE', `${path}: mode 0600 is wanted`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LARGEST_BYTES + 1), 0);
      return firstLine(buffer.subarray(0, bytesRead), path);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof LoaError) throw cause;
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Asks at the terminal without echo. Ctrl-C gives up.
 * @throws LoaError `E_USAGE` where there is no terminal
 */
export async function secretOfTerminal(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw new LoaError('E_USAGE', 'no terminal to ask at: give a file descriptor');
  stderr.write(`${prompt}: `);
  stdin.setRawMode(true);
  let typed = '';
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const letter of String(chunk)) {
        if (letter === '\r' || letter === '\n') return typed;
        if (letter === '\u0003') throw new LoaError('E_USAGE', 'given up');
        if (letter === '\u007f' || letter === '\b') typed = typed.slice(0, -1);
        else if (letter >= ' ' && typed.length < LARGEST_BYTES) typed += letter;
      }
    }
    throw new LoaError('E_USAGE', 'the terminal was closed');
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function firstLine(bytes: Buffer, where: string): string {
  const line = bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
  if (line === '' || bytes.length > LARGEST_BYTES)
    throw new LoaError('E_USAGE', `${where}: one line of at most ${LARGEST_BYTES} bytes is wanted`);
  return line;
}
