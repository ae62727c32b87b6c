import type { MakeDecoder } from './decoder.js';
import { makeFfmpegDecoder } from './ffmpeg-decoder.js';
import { makeMp3Decoder, makeOpusDecoder } from './wasm-decoder.js';

/** The decoder of a format: in the process for MP3 and Opus, ffmpeg for the rest. */
export const makeDecoder: MakeDecoder = async (format, onPcm) => {
  switch (format.decoder) {
    case 'mp3':
      return makeMp3Decoder(onPcm);
    case 'opus':
      return makeOpusDecoder(onPcm);
    case 'ffmpeg':
      return makeFfmpegDecoder(format, onPcm);
  }
};
