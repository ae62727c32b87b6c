import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OpenSink } from '../types.js';
import { openChildSink, type PlayerDialect } from './child-sink.js';

const speakerDialect: PlayerDialect = {
  kind: 'speaker',
  isReady: (line) => line === 'ready',
  underrunMs: () => undefined,
};

/** Buffer that the package `speaker` always asks of ALSA, milliseconds (measured). */
const SPEAKER_BUFFER_MS = 500;

/**
 * A laptop's own loudspeaker through the optional package `speaker`. It runs in a process of its own, because loading it
 * aborts the process where no sound output can be opened.
 */
export const openSpeakerSink: OpenSink = async (settings, listener) => {
  const program = fileURLToPath(new URL('./speaker-child.js', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'pipe'] });
  return openChildSink(child, { ...settings, bufferMs: SPEAKER_BUFFER_MS }, speakerDialect, listener);
};
