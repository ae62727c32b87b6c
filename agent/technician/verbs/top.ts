import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, explain } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import type { Status } from '../status.js';
import { topLines } from '../top-text.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

const EVERY_MS = 1_000;
const ROWS = 23;

/** `loa top`: a live screen; `q` or Ctrl-C ends it. Not on a terminal it is one picture. */
export const topVerb: QuickVerb = {
  summary: { vi: 'màn hình theo dõi trực tiếp (q để thoát)', en: 'a live screen (q ends it)' },
  usage: 'top',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const ask = async () => ({
      status: (await askReceiver(config.socketPath, 'GET', '/v1/status')) as Status,
      alarms: (await askReceiver(config.socketPath, 'GET', '/v1/alarms')) as { code: string }[],
      health: await askReceiver(config.socketPath, 'GET', '/v1/health'),
    });
    if (json || !process.stdout.isTTY) {
      const found = await ask();
      print(json ? JSON.stringify(found) : topLines(found, Date.now(), language).join('\n'));
      return EXIT.done;
    }
    const ended = new AbortController();
    const { stdin, stdout } = process;
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.resume().on('data', (typed: Buffer) => {
      if (/[q\u0003]/.test(typed.toString('latin1'))) ended.abort();
    });
    stdout.write('\u001b[?1049h\u001b[?25l');
    try {
      while (!ended.signal.aborted) {
        const lines = await ask().then(
          (found) => topLines(found, Date.now(), language),
          (error: unknown) => [codeOf(error), explain(codeOf(error), language).remedy],
        );
        // From the top, each line to its end: nothing blinks, and a slow serial line carries no more than a screen a second.
        stdout.write(
          `\u001b[H${lines
            .slice(0, ROWS)
            .map((line) => `${line}\u001b[K`)
            .join('\r\n')}\u001b[J`,
        );
        await sleep(EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      }
    } finally {
      stdout.write('\u001b[?25h\u001b[?1049l');
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
    }
    return EXIT.done;
  },
};
