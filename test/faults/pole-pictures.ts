import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { repositoryRoot } from '../heard/repository-root.js';
import { waitUntil } from '../support/wait-until.js';
import type { PoleBench } from './pole-bench.js';

const run = promisify(execFile);
const COLUMNS = 80;
const ROWS = 24;
const ALARM_MS = 8_000;

/** One picture of a terminal. */
export interface Picture {
  readonly name: string;
  readonly language: 'vi' | 'en';
  readonly lines: readonly string[];
  /** Lines that ran out at the top: what was cut. */
  readonly scrolled: number;
  /** Sign that says that a text was cut within a line. */
  readonly cut: number;
}

const VERBS = ['status', 'diagnose', 'top', 'why'] as const;
type Shown = (typeof VERBS)[number] | 'install';

/** What is typed while `install` asks: the prompt's last words in either language, and the answer. */
const INSTALL_TYPED = [
  [/\[:cổng\]\): $|\[:port\]\): $/, 'mqtt.tinh.example:8883'],
  [/(?:hoặc|or) 3: $/, '3'],
  [/(?:Mã bộ thu|Id of the receiver): $/, 'cum-02'],
  [/\(Enter: .*\): $/, ''],
] as const;

/** How many pictures there are: each verb well and with a fault, and the set-up, in both languages. */
export const PICTURES = 2 * (2 * VERBS.length + 1);

/**
 * Captures each verb in both languages in a real terminal of 80 × 24: of a receiver that is well, and with its loudspeaker line open and the
 * mains gone; and the first set-up.
 */
export async function pictures(bench: PoleBench, folder: string): Promise<Picture[]> {
  const found: Picture[] = [];
  const all = async (fault: string): Promise<void> => {
    for (const language of ['vi', 'en'] as const)
      for (const name of VERBS)
        found.push({ ...(await picture(bench, folder, name, language)), name: `${name}${fault}` });
  };
  await all('');
  for (const language of ['vi', 'en'] as const) found.push(await picture(bench, folder, 'install', language));
  await bench.hardware.kernel.show({ mains: false });
  await bench.hardware.fault('open', true);
  await bench.told('the faults are seen', ({ line, mainsLost }) => line === 'open' && mainsLost === true);
  // The alarm of an open line waits some seconds.
  await sleep(ALARM_MS);
  await all('-fault');
  return found;
}

async function picture(
  bench: PoleBench,
  folder: string,
  name: Shown,
  language: 'vi' | 'en',
): Promise<Picture> {
  const socket = `loa-${process.pid}-${name}-${language}`;
  const tmux = async (...words: string[]): Promise<string> =>
    (await run('tmux', ['-L', socket, '-f', '/dev/null', ...words])).stdout;
  const shows = async (what: RegExp): Promise<unknown> =>
    waitUntil(
      `${name} shows ${what}`,
      async () => what.test((await tmux('capture-pane', '-p', '-J')).trimEnd() + ' '),
      {
        ...{ deadlineMs: 60_000, everyMs: 200 },
      },
    );
  const main = join(repositoryRoot(import.meta.url), 'dist', 'agent', 'main.js');
  const config = name === 'install' ? join(folder, `install-${language}.json`) : bench.receiver.configPath;
  if (name === 'install') await writeFile(config, JSON.stringify({ socketPath: join(folder, 'none.sock') }));
  // Set-up shows where it keeps things: a reader is to see the device's own folder, and this machine's is left alone.
  const where = name === 'install' ? `unshare -m sh -c 'mount -t tmpfs tmpfs /var/lib && exec "$@"' sh ` : '';
  const command = `LANG=C.UTF-8 ${where}${process.execPath} ${main} ${name} --lang ${language} --config ${config}; printf '\\n#end#'; sleep 60`;
  try {
    await tmux('-u', 'new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), command);
    if (name === 'install')
      for (const [prompt, typed] of INSTALL_TYPED) {
        await shows(prompt);
        await tmux('send-keys', typed, 'Enter');
      }
    await shows(name === 'top' ? /q: (?:thoát|quit)[\s\S]*(?:Cảnh báo|Alarms)/ : /#end#/);
    // Joined: a line that the terminal has wrapped is one line, and too long.
    const text = await tmux('capture-pane', '-p', '-J');
    const scrolled = Number((await tmux('display-message', '-p', '#{history_size}')).trim());
    const lines = text
      .replace(/\n*#end#[\s\S]*$/, '')
      .trimEnd()
      .split('\n');
    return { name, language, lines, scrolled, cut: lines.filter((line) => line.includes('…')).length };
  } finally {
    await tmux('kill-server').catch(() => undefined);
  }
}

const CELL = { width: 9, height: 19 } as const;

/** A picture as SVG: the text stays text. Pure. */
export function pictureSvg({ lines }: Picture): string {
  const safe = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const [width, height] = [COLUMNS * CELL.width + 24, ROWS * CELL.height + 24];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="6" fill="#1b1f23"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="15" fill="#e1e4e8" xml:space="preserve">`,
    ...lines.map((line, i) => `<text x="12" y="${26 + i * CELL.height}">${safe(line)}</text>`),
    '</g></svg>',
    '',
  ].join('\n');
}
