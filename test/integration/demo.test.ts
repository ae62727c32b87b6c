import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { repositoryRoot } from '../heard/repository-root.js';
import { missingTool } from '../support/external-tool.js';

const missing = missingTool('ffmpeg');

t.test(
  'the demo exits 0 and leaves sound, receipts, events and a picture',
  { skip: missing, timeout: 240_000 },
  async (t) => {
    const out = t.testdir();
    const program = join(repositoryRoot(import.meta.url), 'dist', 'test', 'demo', 'demo.js');
    const child = spawn(process.execPath, [program, '--out', out], { stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    t.teardown(() => child.kill('SIGKILL'));
    const [code] = (await once(child, 'close')) as [number | null];
    t.equal(code, 0, told);
    t.match(
      new Set(await readdir(out)),
      new Set([
        'events.json',
        'heard-1.wav',
        'heard-2.wav',
        'receipts.json',
        'telemetry.ndjson',
        'timeline.svg',
      ]),
    );
    // The last line names the folder, which is as long as it is.
    t.same(
      told.split('\n').filter((line) => line.length > 80 && !line.includes(out)),
      [],
      'lines fit a terminal',
    );
    const svg = await readFile(join(out, 'timeline.svg'), 'utf8');
    t.match(svg, /^<svg [^]*khẩn cấp[^]*<\/svg>\s*$/, 'the picture is whole and in Vietnamese too');
  },
);
