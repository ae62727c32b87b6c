import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startNode } from '../../support/child-program.js';
import { missingTool, runTool } from '../../support/external-tool.js';
import { waitUntil } from '../../support/wait-until.js';
import { makeDecoder } from '../../../agent/sound/decoders/make-decoder.js';
import type { AudioFormat } from '../../../agent/sound/audio-format.js';
import { speechPath, type SpeechFile } from '../../fixtures/speech/speech.js';
import { joined, seeded, sine } from './signal.js';

const formats: readonly [SpeechFile, AudioFormat, string | false][] = [
  ['bulletin.mp3', { decoder: 'mp3' }, false],
  ['notice.mp3', { decoder: 'mp3' }, false],
  ['bulletin.opus', { decoder: 'opus' }, false],
  ['bulletin.aac', { decoder: 'ffmpeg', demuxer: 'aac' }, missingTool('ffmpeg')],
];

async function decode(bytes: Uint8Array, format: AudioFormat, pieceBytes: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  const decoder = await makeDecoder(format, (frames) => parts.push(frames.slice()));
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      await decoder.write(bytes.subarray(at, at + pieceBytes));
    }
    await decoder.end();
  } finally {
    decoder.close();
  }
  return joined(parts);
}

async function seconds(path: string): Promise<number> {
  const args = ['-v', 'error', '-show_entries', 'packet=duration_time', '-of', 'csv=p=0', path];
  const packets = (await runTool('ffprobe', args)).output.toString().trim().split('\n');
  return packets.reduce((sum, line) => sum + (Number.parseFloat(line) || 0), 0);
}

for (const [file, format, missing] of formats) {
  const skip = missing || missingTool('ffprobe');
  t.test(`${file} decodes to its whole length at 48 kHz, loud enough to be speech`, { skip }, async (t) => {
    const frames = await decode(await readFile(speechPath(file)), format, 2_048);
    const wanted = (await seconds(speechPath(file))) * 48_000;
    t.ok(Math.abs(frames.length - wanted) < 48_000 * 0.4, `${frames.length} frames, ffprobe: ${wanted}`);
    const rms = Math.sqrt(frames.reduce((sum, x) => sum + x * x, 0) / frames.length);
    t.ok(rms > 0.03 && rms < 0.5, `rms ${rms}`);
  });

  t.test(`${file} cut into other pieces decodes to the same sound`, { skip: missing }, async (t) => {
    const bytes = (await readFile(speechPath(file))).subarray(0, 40_000);
    const one = await decode(bytes, format, 2_048);
    const other = await decode(bytes, format, 333);
    t.equal(one.length, other.length);
    const apart = one.reduce((most, x, i) => Math.max(most, Math.abs(x - (other[i] ?? 9))), 0);
    t.ok(apart < 1e-4, `apart by ${apart}`);
  });

  t.test(`garbage given as ${file} is E_MEDIA_DECODE, not silence`, { skip: missing }, async (t) => {
    const random = seeded(11);
    const garbage = Buffer.from(Array.from({ length: 100_000 }, () => Math.floor(random() * 255)));
    await t.rejects(decode(garbage, format, 2_048), { code: 'E_MEDIA_DECODE' });
  });
}

t.test('a decoder that was closed gives nothing and takes nothing', async (t) => {
  for (const [file, format, missing] of formats) {
    if (missing !== false) continue;
    let frames = 0;
    const decoder = await makeDecoder(format, (part) => (frames += part.length));
    decoder.close();
    decoder.close();
    await decoder.write(await readFile(speechPath(file)));
    await decoder.end();
    t.equal(frames, 0, file);
  }
});

const wav: AudioFormat = { decoder: 'ffmpeg', demuxer: 'wav' };
t.test(
  'an ffmpeg that is killed is E_MEDIA_DECODE',
  { skip: missingTool('ffmpeg') || missingTool('pgrep') },
  async (t) => {
    const bytes = await readFile(speechPath('bulletin.aac'));
    const decoder = await makeDecoder({ decoder: 'ffmpeg', demuxer: 'aac' }, () => undefined);
    await decoder.write(bytes.subarray(0, 20_000));
    const own = (await runTool('pgrep', ['-P', String(process.pid), 'ffmpeg'])).output.toString().trim();
    t.match(own, /^\d+$/, 'one child of this very process');
    process.kill(Number(own), 'SIGKILL');
    await t.rejects(decoder.end(), { code: 'E_MEDIA_DECODE' });
  },
);

t.test(
  'held back, ffmpeg gives no hours of silence out of a few bytes',
  { skip: missingTool('ffmpeg') },
  async (t) => {
    const made = await runTool('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '900'],
      ...['-f', 'flac', '-'],
    ]);
    let frames = 0;
    const decoder = await makeDecoder({ decoder: 'ffmpeg', demuxer: 'flac' }, (part) => {
      frames += part.length;
      decoder.hold?.(true);
    });
    void decoder.write(made.output);
    await waitUntil('first sound', () => frames > 0);
    for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    t.ok(frames < 48_000 * 60, `${frames} frames of 43 200 000`);
    decoder.close();
  },
);

t.test(
  'held back at its end, a decoder still gives all its sound',
  { skip: missingTool('ffmpeg') },
  async (t) => {
    const pcm = Buffer.from(Int16Array.from(sine(440, 48_000, 480_000), (x) => x * 32_767).buffer);
    const { wavHeader } = await import('../../../hardware/sinks/file-sink.js');
    let frames = 0;
    const decoder = await makeDecoder(wav, (part) => {
      frames += part.length;
      decoder.hold?.(true);
      setImmediate(() => decoder.hold?.(false));
    });
    await decoder.write(Buffer.concat([wavHeader(480_000), pcm]));
    await decoder.end();
    decoder.close();
    t.equal(frames, 480_000);
  },
);

t.test('without ffmpeg on the PATH the answer is E_DECODER_MISSING', async (t) => {
  const script = `
    import { makeDecoder } from '${new URL('../../../agent/sound/decoders/make-decoder.js', import.meta.url).href}';
    process.chdir(process.argv[1]);
    process.env.PATH = process.argv[1];
    await makeDecoder({ decoder: 'ffmpeg', demuxer: 'aac' }, () => undefined).then(
      () => console.log('made'), (error) => console.log(error.code));
  `;
  const empty = await mkdtemp(join(tmpdir(), 'loa-test-'));
  const child = startNode(t, '--input-type=module', ['-e', script, empty]);
  t.ok(await child.says(/E_DECODER_MISSING/));
});
