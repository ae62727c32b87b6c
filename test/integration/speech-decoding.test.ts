import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { speechPath, MP3_FRAME_BYTES, type SpeechFile } from '../fixtures/speech/speech.js';
import { compareSegment, identify } from '../heard/compare.js';
import { decodeReference } from '../heard/decode.js';
import { quietBetween, levelDb } from '../heard/level.js';

const rateHz = 48_000;
const skip = spawnSync('ffmpeg', ['-version']).error === undefined ? false : 'missing tool: ffmpeg';

t.test(
  'each file of speech decodes to its length, at a level and with pauses fit for tests',
  { skip },
  async (t) => {
    const seconds: Record<SpeechFile, number> = {
      'bulletin.mp3': 41.8,
      'bulletin.aac': 25,
      'bulletin.opus': 25,
      'emergency.mp3': 7.1,
      'notice.mp3': 8.4,
    };
    for (const [file, length] of Object.entries(seconds) as [SpeechFile, number][]) {
      const sound = await decodeReference(speechPath(file));
      t.ok(Math.abs(sound.length / rateHz - length) < 0.2, `${file}: ${sound.length / rateHz} s`);
      const level = levelDb(sound, 0, sound.length);
      t.ok(level > -24 && level < -16, `${file}: ${level.toFixed(1)} dBFS`);
      const peak = sound.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
      t.ok(peak < 10 ** (-3 / 20), `${file}: peak ${peak.toFixed(3)}`);
      for (let from = 0; from + 0.7 * rateHz <= sound.length; from += 0.1 * rateHz) {
        const loudest = quietBetween({ heard: sound, rateHz, from, to: from + 0.7 * rateHz });
        if (loudest < -50) t.fail(`${file}: a pause of 0.7 s at ${from / rateHz} s`);
      }
    }
  },
);

t.test('AAC and Opus of one text are not the same sound as other bulletins', { skip }, async (t) => {
  const opus = await decodeReference(speechPath('bulletin.opus'));
  const references = {
    mp3: await decodeReference(speechPath('bulletin.mp3')),
    aac: await decodeReference(speechPath('bulletin.aac')),
    notice: await decodeReference(speechPath('notice.mp3')),
  };
  const span = { heard: opus, rateHz, fromFrame: 5 * rateHz, toFrame: 15 * rateHz };
  t.equal(identify(span, references)?.name, 'aac');
});

t.test('MP3 bytes cut and looped at frames decode without a break', { skip }, async (t) => {
  const bytes = await readFile(speechPath('emergency.mp3'));
  t.equal(bytes.length % MP3_FRAME_BYTES, 0);
  const looped = await decodeReference(Buffer.concat([bytes, bytes]), { format: 'mp3' });
  const once = await decodeReference(bytes, { format: 'mp3' });
  const second = compareSegment({
    heard: looped,
    reference: once,
    rateHz,
    fromFrame: once.length,
    toFrame: looped.length,
    rampFrames: 0,
  });
  t.equal(looped.length, 2 * once.length);
  t.equal(second.lagFrames, once.length);
  t.ok(second.holds, JSON.stringify(second.failures));
});

t.test('what is no sound is E_MEDIA_DECODE', { skip }, async (t) => {
  await t.rejects(decodeReference(Buffer.from('<html>not here</html>')), { code: 'E_MEDIA_DECODE' });
  await t.rejects(decodeReference('/nonexistent/x.mp3'), { code: 'E_MEDIA_DECODE' });
});

t.test('without ffmpeg the error says so', async (t) => {
  const searched = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = searched));
  process.env['PATH'] = '/nonexistent';
  await t.rejects(decodeReference(Buffer.from('x')), { code: 'E_DECODER_MISSING' });
});
