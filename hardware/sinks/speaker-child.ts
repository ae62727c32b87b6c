/**
 * The process behind the speaker sink: standard input to the machine's loudspeaker. On its own because the package
 * ends the whole process where no output can be opened, and leaks some 400 bytes a write.
 */
import { RATE_HZ } from '../../agent/core/units.js';

interface SpeakerModule {
  default: new (options: { channels: number; bitDepth: number; sampleRate: number }) => NodeJS.WritableStream;
}

const name = 'speaker';
const { default: Speaker } = (await import(name)) as SpeakerModule;
const speaker = new Speaker({ channels: 1, bitDepth: 16, sampleRate: RATE_HZ });
process.stdin.pipe(speaker);
process.stderr.write('ready\n');
