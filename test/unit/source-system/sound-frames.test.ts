import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { framesOfSound, kbpsOf } from '../../source-system/sound-frames.js';
import { missingTool, runTool } from '../../support/external-tool.js';
import { silentMp3 } from '../../support/silent-sound.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

t.test('frames of an MP3 are found, with their lengths and times', async (t) => {
  const sound = framesOfSound(silentMp3(5));
  t.match(sound, { format: 'mp3', contentType: 'audio/mpeg', rateHz: 48_000 });
  t.same(sound.offsets, [0, 384, 768, 1152, 1536, 1920]);
  t.same(sound.samples, [0, 1152, 2304, 3456, 4608, 5760]);
  t.equal(kbpsOf(sound), 128);
});

t.test('tags, the Info frame and a last frame cut short are left out', async (t) => {
  const info = silentMp3(1);
  info.write('Info', 4 + 17);
  const id3v2 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x05', 'latin1'), Buffer.alloc(133, 0xff)]);
  const id3v1 = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)]);
  t.same(framesOfSound(Buffer.concat([id3v2, info, silentMp3(3), id3v1])).bytes, silentMp3(3));
  t.same(framesOfSound(Buffer.concat([silentMp3(3), silentMp3(1).subarray(0, 200)])).bytes, silentMp3(3));
});

t.test('what is no sound, or has something else between its frames, is refused', async (t) => {
  const broken = Buffer.concat([silentMp3(2), Buffer.from('<html>something else'), silentMp3(2)]);
  for (const bytes of [broken, Buffer.from('<html>'), Buffer.alloc(0), silentMp3(1).subarray(0, 200)]) {
    t.throws(() => framesOfSound(bytes), { code: 'E_MEDIA_FORMAT' });
  }
});

const encodings = [
  ['MP3 48 kHz stereo', ['-c:a', 'libmp3lame', '-b:a', '128k', '-ar', '48000', '-ac', '2'], 'mp3', 1152],
  ['MP3 44.1 kHz mono', ['-c:a', 'libmp3lame', '-b:a', '64k', '-ar', '44100', '-ac', '1'], 'mp3', 1152],
  ['MP3 22.05 kHz mono', ['-c:a', 'libmp3lame', '-b:a', '32k', '-ar', '22050', '-ac', '1'], 'mp3', 576],
  ['MP3 8 kHz mono', ['-c:a', 'libmp3lame', '-b:a', '16k', '-ar', '8000', '-ac', '1'], 'mp3', 576],
  ['AAC 48 kHz stereo', ['-c:a', 'aac', '-b:a', '96k', '-ar', '48000', '-ac', '2'], 'adts', 1024],
] as const;

for (const [name, options, container, perFrame] of encodings) {
  const skip = missingTool('ffmpeg') || missingTool('ffprobe');
  t.test(`${name}: frames agree with ffprobe in number, place and length`, { skip }, async (t) => {
    const path = join(await temporaryFolder(t), 'sound');
    const made = await runTool('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=440:duration=3', ...options],
      ...['-f', container, ...(container === 'mp3' ? ['-write_xing', '0', '-id3v2_version', '0'] : []), path],
    ]);
    t.equal(made.exitCode, 0, made.errorText);
    const probe = await runTool('ffprobe', [
      ...[
        '-v',
        'error',
        '-show_entries',
        'packet=size',
        '-of',
        'csv=p=0',
        '-f',
        container === 'mp3' ? 'mp3' : 'aac',
        path,
      ],
    ]);
    const theirs = probe.output
      .toString()
      .trim()
      .split('\n')
      .map((line) => Number.parseInt(line, 10));
    const { offsets, samples } = framesOfSound(await readFile(path));
    t.same(
      offsets.slice(1).map((end, index) => end - (offsets[index] ?? 0)),
      theirs,
    );
    t.equal(samples.at(-1), theirs.length * perFrame);
  });
}
