import type { MakeDecoder } from './decoder.js';
import { makeFfmpegDecoder } from './ffmpeg-decoder.js';
import { makeMp3Decoder, makeOpusDecoder } from './wasm-decoder.js';

/**
 * Loads and compiles what decodes in the process, so that the first bulletin finds it ready: the first decoder of a kind costs
 * some hundred times what the next one does.
 */
export async function warmDecoders(): Promise<void> {
  for (const make of [makeMp3Decoder, makeOpusDecoder]) (await make(() => undefined)).close();
}

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
