import { readFile } from 'node:fs/promises';
import t from 'tap';
import { recognise, SNIFF_BYTES } from '../../../agent/sound/audio-format.js';
import { speechPath } from '../../fixtures/speech/speech.js';
import { silentMp3 } from '../../support/silent-sound.js';
import { seeded } from './signal.js';

const mp3 = await readFile(speechPath('bulletin.mp3'));
const aac = await readFile(speechPath('bulletin.aac'));
const opus = await readFile(speechPath('bulletin.opus'));
const padded = (start: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(start), Buffer.alloc(SNIFF_BYTES)]);

/** An ID3v2 tag of `bytes` bytes with its header. */
function id3(bytes: number): Buffer {
  const tag = Buffer.alloc(bytes, 0xff);
  tag.write('ID3\x04\0\0', 0, 'latin1');
  for (let i = 0; i < 4; i += 1) tag[6 + i] = ((bytes - 10) >> (7 * (3 - i))) & 127;
  return tag;
}

const sounds: readonly [string, Buffer, object][] = [
  ['MP3 frames', mp3, { decoder: 'mp3' }],
  ['MP3 at 44.1 kHz', await readFile(speechPath('notice.mp3')), { decoder: 'mp3' }],
  ['AAC in ADTS', aac, { decoder: 'ffmpeg', demuxer: 'aac' }],
  ['Ogg Opus', opus, { decoder: 'opus' }],
  ['Ogg of another kind', padded('OggS..Vorbis'), { decoder: 'ffmpeg', demuxer: 'ogg' }],
  ['FLAC', padded('fLaC'), { decoder: 'ffmpeg', demuxer: 'flac' }],
  ['WAV', padded('RIFF....WAVEfmt '), { decoder: 'ffmpeg', demuxer: 'wav' }],
  ['MP4', padded('\0\0\0\x20ftypM4A '), { decoder: 'ffmpeg', demuxer: 'mov' }],
];
for (const [name, bytes, format] of sounds) {
  t.test(`${name} is told by its first bytes, whatever the server calls it`, async (t) => {
    const wanted = { ok: true, value: { format, skipBytes: 0 } };
    t.same(recognise(bytes.subarray(0, SNIFF_BYTES), 'application/octet-stream', false), wanted);
    t.same(recognise(bytes.subarray(0, SNIFF_BYTES), undefined, true), wanted);
  });
}

t.test('a stream joined anywhere within a frame begins at the next whole frame', async (t) => {
  for (let cut = 1; cut < 144; cut += 1) {
    t.same(
      recognise(mp3.subarray(144 * 50 + cut, 144 * 50 + cut + 2_000), 'audio/mpeg', false),
      { ok: true, value: { format: { decoder: 'mp3' }, skipBytes: 144 - cut } },
      `after ${cut} bytes`,
    );
  }
  const joined = recognise(aac.subarray(5_003, 9_000), undefined, false);
  t.match(joined, { ok: true, value: { format: { demuxer: 'aac' } } });
  if (joined?.ok === true) {
    const at = 5_003 + joined.value.skipBytes;
    t.equal(aac.readUInt16BE(at) & 0xfff6, 0xfff0, 'at an ADTS header');
  }
});

t.test('a stream whose first byte happens to be a brace is no JSON', async (t) => {
  const stream = Buffer.concat([Buffer.from('{\x80', 'latin1'), silentMp3(4)]);
  t.same(recognise(stream, undefined, false), {
    ok: true,
    value: { format: { decoder: 'mp3' }, skipBytes: 2 },
  });
});

t.test('an ID3 tag is passed over, be it longer than what has come', async (t) => {
  const short = Buffer.concat([id3(300), silentMp3(4)]);
  t.same(recognise(short, undefined, false), {
    ok: true,
    value: { format: { decoder: 'mp3' }, skipBytes: 300 },
  });
  t.same(recognise(id3(200_000).subarray(0, 500), undefined, false), {
    ok: true,
    value: { format: { decoder: 'mp3' }, skipBytes: 200_000 },
  });
});

const pages: readonly [string, string, string | undefined][] = [
  ['a page of HTML', '<!DOCTYPE html><html>', undefined],
  ['HTML after white space', '\r\n  <html lang="vi">', undefined],
  ['XML', '<?xml version="1.0"?>', undefined],
  ['JSON', ' {"error":"not found"}', undefined],
  ['whatever calls itself HTML', 'OggS', 'text/html; charset=utf-8'],
];
for (const [name, text, type] of pages) {
  t.test(`${name} is refused as no sound`, async (t) => {
    t.match(recognise(Buffer.from(text), type, false), { ok: false, refusal: { code: 'E_MEDIA_FORMAT' } });
  });
}

t.test('garbage is refused once there is enough of it, never taken for sound', async (t) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seeded(seed);
    const garbage = Buffer.from(Array.from({ length: SNIFF_BYTES }, () => 1 + Math.floor(random() * 250)));
    t.equal(recognise(garbage.subarray(0, 4_000), undefined, false), undefined, 'more is wanted');
    t.match(recognise(garbage, undefined, false), { ok: false, refusal: { code: 'E_MEDIA_FORMAT' } });
  }
});

t.test('too short a head asks for more, and is refused where no more will come', async (t) => {
  for (const bytes of [0, 1, 3, 7, 100]) {
    t.equal(recognise(mp3.subarray(0, bytes), undefined, false), undefined, `${bytes} bytes`);
    t.match(recognise(mp3.subarray(0, bytes), undefined, true), { ok: false });
  }
  t.equal(recognise(Buffer.from('OggS'), undefined, false), undefined);
});
