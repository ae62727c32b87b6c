import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoleBench } from '../test/faults/pole-bench.js';
import { pictures, pictureSvg } from '../test/faults/pole-pictures.js';

/** Takes the guide's pictures anew: `node dist/build/print-pictures.js`. Needs root and tmux. */
const out = join('agent', 'technician', 'guide', 'pictures');
const folder = await mkdtemp(join(tmpdir(), 'loa-pictures-'));
await mkdir(out, { recursive: true });
await mkdir(join(folder, 'bench'));
const bench = await PoleBench.open(join(folder, 'bench'));
try {
  for (const picture of await pictures(bench, folder))
    await writeFile(join(out, `${picture.name}-${picture.language}.svg`), pictureSvg(picture));
} finally {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
}
