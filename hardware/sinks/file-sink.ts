import { closeSync, openSync, writeSync } from 'node:fs';
import { systemClock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { RATE_HZ } from '../../agent/core/units.js';
import type { OpenSink, Sink } from '../types.js';

const HEADER_BYTES = 44;
const HEADER_EVERY_FRAMES = RATE_HZ;

/**
 * Writes a WAV file (16-bit PCM, one channel) on the clock's timeline: frame n is what was heard n / 48 000 s after the
 * opening. The header is renewed every second, so that a file cut off by a power loss can still be read.
 */
export const openFileSink: OpenSink = async (settings, listener) => {
  let file: number;
  try {
    file = openSync(settings.device, 'w', 0o640);
    writeSync(file, wavHeader(0), 0, HEADER_BYTES, 0);
  } catch (cause) {
    throw new LoaError('E_SINK_OPEN', `cannot write ${settings.device}`, { cause });
  }
  let frames = 0;
  let headerAt = HEADER_EVERY_FRAMES;
  let open = true;
  const sink: Sink = {
    kind: 'file',
    startedMs: systemClock.monotonicMs(),
    aheadFrames: 0,
    uncertaintyMs: 0.1,
    write(block) {
      if (!open) return;
      try {
        const written = writeSync(file, block, 0, block.byteLength, HEADER_BYTES + frames * 2);
        // A disk that is nearly full takes a part and says nothing.
        if (written < block.byteLength) throw new LoaError('E_SINK_DIED', 'the disk is full');
        frames += block.length;
        if (frames >= headerAt) {
          headerAt = frames + HEADER_EVERY_FRAMES;
          writeSync(file, wavHeader(frames), 0, HEADER_BYTES, 0);
        }
      } catch (error) {
        open = false;
        closeSync(file);
        listener.onDied('E_SINK_DIED', messageOf(error));
      }
    },
    async close() {
      if (!open) return;
      open = false;
      try {
        writeSync(file, wavHeader(frames), 0, HEADER_BYTES, 0);
      } catch (error) {
        listener.onDied('E_SINK_DIED', messageOf(error));
      } finally {
        closeSync(file);
      }
    },
  };
  return sink;
};

/** Header of a WAV file with one channel of 16 bits (Microsoft RIFF, 1994: WAVE_FORMAT_PCM). */
export function wavHeader(frames: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(Math.min(0xffffffff, HEADER_BYTES - 8 + frames * 2), 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(Math.min(0xffffffff, frames * 2), 40);
  return header;
}
