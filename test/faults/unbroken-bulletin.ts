import { LoaError } from '../../agent/core/errors.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { runTool } from '../support/external-tool.js';

/**
 * The bulletin of speech with a quiet tone under it (330 Hz, about −33 dBFS), MP3: it never falls silent, so that any
 * silence in what was heard is a fault and not a pause for breath. Its frames stand alone (no bit reservoir): it may be
 * cut and repeated at any of them; without the 24 ms that a repeated encoder's start costs where it is made longer here.
 * @param times how often the bulletin is said
 * @throws LoaError `E_DECODER_MISSING`, `E_MEDIA_DECODE` where ffmpeg is missing or cannot do it
 */
export async function unbrokenBulletin(times = 1): Promise<Buffer> {
  const mix = '[1:a]volume=-12dB[tone];[0:a][tone]amix=inputs=2:duration=first:normalize=0[out]';
  const made = await runTool('ffmpeg', [
    ...['-v', 'error', '-nostdin', '-stream_loop', `${times - 1}`, '-i', speechPath('bulletin.mp3')],
    ...['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000', '-filter_complex', mix, '-map', '[out]'],
    ...['-ac', '1', '-ar', '48000', '-c:a', 'libmp3lame', '-b:a', '64k', '-reservoir', '0'],
    ...['-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', 'pipe:1'],
  ]).catch((cause: unknown) => {
    throw new LoaError('E_DECODER_MISSING', 'ffmpeg does not run', { cause });
  });
  if (made.exitCode !== 0) throw new LoaError('E_MEDIA_DECODE', made.errorText.slice(0, 300));
  return made.output;
}
