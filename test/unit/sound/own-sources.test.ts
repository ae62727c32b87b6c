import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { textSource } from '../../../protocols/messages/sound-source.js';
import { systemClock } from '../../../agent/core/clock.js';
import { CaptureSource } from '../../../agent/sound/sources/capture-source.js';
import { gainFor, measureByFfmpeg } from '../../../agent/sound/sources/loudness.js';
import type { Source } from '../../../agent/sound/sources/source.js';
import { TextSource } from '../../../agent/sound/sources/text-source.js';
import { writeWav } from '../../heard/wav.js';
import { missingTool } from '../../support/external-tool.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';
import { sine } from './signal.js';

const words = { kind: 'text', lang: 'vi', text: 'Xin chào bà con; "$(touch /tmp/x)"\n--help' } as const;

/** A program of the shell that stands in for a tool. */
async function program(t: Teardown, script: string): Promise<{ path: string; folder: string }> {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'tool');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { path, folder };
}

async function framesOf(source: Source): Promise<number> {
  let total = 0;
  const block = new Float32Array(480);
  await waitUntil('its end', () => {
    while (source.ready && !source.ended) total += source.read(block);
    return source.ended || source.failure !== undefined;
  });
  return total;
}

for (const voice of ['vi', 'vi-vn-x-central', 'vi-vn-x-south'] as const) {
  t.test(`espeak-ng speaks a Vietnamese text: ${voice}`, { skip: missingTool('espeak-ng') }, async (t) => {
    const source = new TextSource({ ...words, voice }, {}, { clock: systemClock });
    t.teardown(() => source.close());
    const frames = await framesOf(source);
    t.equal(source.failure, undefined);
    t.ok(frames > 48_000 && frames < 48_000 * 20, `${frames} frames`);
  });
}

t.test('its arguments are a voice and numbers; the words go in by standard input', async (t) => {
  const { path, folder } = await program(
    t,
    'echo "$@" > "$(dirname "$0")/args"; cat > "$(dirname "$0")/words"; exit 3',
  );
  const source = new TextSource(
    { ...words, speed: 120 },
    { program: path, voice: 'vi-vn-x-south' },
    { clock: systemClock },
  );
  await waitUntil('the failure', () => source.failure !== undefined);
  t.equal(source.failure?.code, 'E_SPEECH');
  const { readFile } = await import('node:fs/promises');
  t.equal(await readFile(join(folder, 'args'), 'utf8'), '-v vi-vn-x-south -s 120 -b 1 --stdin --stdout\n');
  t.equal(await readFile(join(folder, 'words'), 'utf8'), `${words.text}\n`);
});

t.test('without espeak-ng the failure says so', async (t) => {
  const source = new TextSource(words, { program: '/nowhere/espeak-ng' }, { clock: systemClock });
  await waitUntil('the failure', () => source.failure !== undefined);
  t.equal(source.failure?.code, 'E_SPEECH_MISSING');
});

t.test('one that hangs is killed after 5 s', async (t) => {
  const { path } = await program(t, 'exec sleep 600');
  const clock = new ManualClock();
  const source = new TextSource(words, { program: path }, { clock });
  await waitUntil('the end', () => {
    clock.advance(1_000);
    return source.failure !== undefined;
  });
  t.equal(source.failure?.code, 'E_SPEECH');
});

t.test('a text without a letter, too long, or with control characters is no message', async (t) => {
  for (const text of ['', ' \n', 'a'.repeat(2_001), 'a\u0000b', 'a\u001b[2J'])
    t.equal(textSource.safeParse({ ...words, text }).success, false, JSON.stringify(text.slice(0, 9)));
  t.equal(textSource.safeParse({ ...words, voice: 'en-gb' }).success, false, 'a voice of another language');
  t.equal(textSource.safeParse(words).success, true);
});

t.test(
  'what arecord gives is heard, from the device of the settings; when it ends it is started again',
  async (t) => {
    const { path, folder } = await program(
      t,
      'echo "$@" >> "$(dirname "$0")/args"; head -c 96000 /dev/zero | tr "\\000" "\\100"',
    );
    const clock = new ManualClock();
    const troubles: string[] = [];
    const source = new CaptureSource(
      { device: 'plughw:1,0', program: path },
      { makeDecoder: () => Promise.reject(new Error('none')), clock, random: () => 1 },
      { onTrouble: ({ code }) => troubles.push(code), onTitle: () => undefined },
    );
    t.teardown(() => source.close());
    await waitUntil('sound', () => source.ready);
    const block = new Float32Array(480);
    t.equal(source.read(block), 480);
    t.equal(block[0], 0x4040 / 32_768);
    await waitUntil('its end', () => troubles.length > 0);
    t.same(troubles, ['E_CAPTURE']);
    clock.advance(500);
    await waitUntil('it again', () => troubles.length > 1);
    t.equal(source.reconnects, 1);
    const { readFile } = await import('node:fs/promises');
    t.match(await readFile(join(folder, 'args'), 'utf8'), /^(-q -D plughw:1,0 .*\n){2}$/);
  },
);

t.test('an arecord that gives nothing for 3 s is killed', async (t) => {
  const { path } = await program(t, 'exec sleep 600');
  const clock = new ManualClock();
  const troubles: string[] = [];
  const source = new CaptureSource(
    { program: path },
    { makeDecoder: () => Promise.reject(new Error('none')), clock, random: () => 1 },
    { onTrouble: ({ detail }) => troubles.push(detail), onTitle: () => undefined },
  );
  t.teardown(() => source.close());
  clock.advance(3_000);
  await waitUntil('trouble', () => troubles.length > 0);
  t.match(troubles[0], /no sound for 3000 ms/);
});

t.test(
  'a file is brought to -16 LUFS by a gain of at most 20 dB',
  { skip: missingTool('ffmpeg') },
  async (t) => {
    const path = join(await temporaryFolder(t), 'a.wav');
    const samples = sine(997, 48_000, 240_000).map((x) => x * 0.2);
    await writeWav(path, { rateHz: 48_000, samples });
    const lufs = await measureByFfmpeg(path, new AbortController().signal);
    // A sine of amplitude 0.1 is -20 dBFS, so -23.01 LUFS (ITU-R BS.1770-4).
    t.ok(Math.abs((lufs ?? 0) + 23.01) < 0.2, `${lufs} LUFS`);
    t.ok(Math.abs(gainFor(lufs) - 7.01) < 0.2);
    t.equal(gainFor(-60), 20);
    t.equal(gainFor(undefined), 0);
    await t.rejects(measureByFfmpeg('/nowhere', new AbortController().signal));
  },
);
