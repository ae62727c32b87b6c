import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const LIMIT_MS = 120_000;

const run = promisify(execFile);

/** Where Chromium is; undefined where there is none. */
export async function findChromium(path = process.env.PATH ?? ''): Promise<string | undefined> {
  for (const name of NAMES)
    for (const folder of path.split(':').filter(Boolean)) {
      const program = join(folder, name);
      const there = await access(program).then(
        () => true,
        () => false,
      );
      if (there) return program;
    }
  return undefined;
}

/** Prints a page to PDF. @returns why it was not, or undefined where the PDF is there */
export async function printPdf(
  page: string,
  pdf: string,
  chromium: string | undefined,
): Promise<string | undefined> {
  if (chromium === undefined) return 'no Chromium on this machine (Debian: apt-get install chromium)';
  const profile = await mkdtemp(join(tmpdir(), 'loa-print-'));
  await rm(pdf, { force: true });
  try {
    await run(
      chromium,
      [
        ...['--headless', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
        // Its sandbox refuses to run as root; the page is our own and loads nothing.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...[`--user-data-dir=${profile}`, '--no-pdf-header-footer', `--print-to-pdf=${pdf}`],
        pathToFileURL(page).href,
      ],
      { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 22 },
    );
    const { size } = await stat(pdf);
    return size > 0 ? undefined : 'Chromium left an empty PDF';
  } catch (error) {
    return `Chromium did not print it: ${messageOf(error).slice(0, 300)}`;
  } finally {
    await rm(profile, { recursive: true, force: true }).catch(() => undefined);
  }
}
