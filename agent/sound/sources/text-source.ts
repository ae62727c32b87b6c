import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { TextSound } from '../../../protocols/messages/sound-source.js';
import { goAlong } from '../../core/precedence.js';
import { LoaError, messageOf, type Refusal } from '../../core/errors.js';
import { framesOf } from '../../core/units.js';
import type { SpeechSettings } from '../messages.js';
import { PcmRing } from '../pcm-ring.js';
import { WavReader } from '../wav-reader.js';
import type { SourceParts } from './live-source.js';
import { asRefusal } from './pcm-feed.js';
import type { Source } from './source.js';

const RING_MS = 8_000;
const READY_MS = 200;
/** espeak-ng gives 17 s of speech in 30 ms (measured): one that says nothing for so long hangs. */
const QUIET_LIMIT_MS = 5_000;
/** Two thousand characters take some three minutes. */
const LONGEST_FRAMES = framesOf(15 * 60_000);
const SPEED = 150;

/** What is not in the message: settings, and the program itself for tests. */
export interface Speaker extends SpeechSettings {
  readonly program?: string;
}

/** A text that the device speaks: espeak-ng as a child process, its text by standard input, nothing through a shell. */
export class TextSource implements Source {
  readonly live = false;
  readonly reconnects = 0;
  failure: Refusal | undefined;
  readonly #ring = new PcmRing(framesOf(RING_MS));
  readonly #parts: Pick<SourceParts, 'clock' | 'brace'>;
  #child: ChildProcessWithoutNullStreams | undefined;
  #complete = false;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(sound: TextSound, speaker: Speaker, parts: Pick<SourceParts, 'clock' | 'brace'>) {
    this.#parts = parts;
    void this.#run(sound, speaker);
  }

  get ready(): boolean {
    return this.#complete ? this.#ring.length > 0 : this.#ring.length >= framesOf(READY_MS);
  }

  get ended(): boolean {
    return this.#complete && this.#ring.length === 0;
  }

  get inHand(): number {
    return this.#ring.length;
  }

  read(into: Float32Array): number {
    const frames = this.#ring.pull(into);
    this.#wake();
    return frames;
  }

  skip(frames: number): void {
    this.#ring.skip(frames);
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
    this.#wake();
  }

  async #run(sound: TextSound, speaker: Speaker): Promise<void> {
    try {
      await this.#speak(sound, speaker);
    } catch (error) {
      if (!this.#closed) this.failure = asRefusal(error);
    } finally {
      this.#child?.kill('SIGKILL');
      this.#complete = true;
    }
  }

  async #speak(sound: TextSound, speaker: Speaker): Promise<void> {
    if (this.#parts.brace !== undefined) await this.#parts.brace();
    if (this.#closed) return;
    const child = spawn(speaker.program ?? 'espeak-ng', argumentsFor(sound, speaker));
    goAlong(child.pid);
    this.#child = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-400)));
    const exited = new Promise<string>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(spawnError(cause)));
      child.once('close', (code, signal) => resolve(signal ?? String(code)));
    });
    // Awaited below; without a listener by then it would end the sound worker.
    exited.catch(() => undefined);
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${sound.text}\n`);
    const frames = await this.#take(child);
    const ending = await exited;
    if (this.#closed) return;
    if (ending !== '0') throw new LoaError('E_SPEECH', `espeak-ng ended with ${ending}: ${said.trim()}`);
    if (frames === 0) throw new LoaError('E_SPEECH', 'espeak-ng gave no sound');
  }

  /** Its WAV into the ring, held back while that is full; returns how many frames came. */
  async #take(child: ChildProcessWithoutNullStreams): Promise<number> {
    const reader = new WavReader();
    let total = 0;
    const push = async (frames: Float32Array): Promise<void> => {
      total += frames.length;
      if (total > LONGEST_FRAMES) throw new LoaError('E_SPEECH', 'longer than 15 minutes');
      for (let left = frames; left.length > 0 && !this.#closed;) {
        left = left.subarray(this.#ring.push(left));
        if (left.length > 0) await this.#room();
      }
    };
    const chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    for (
      let next = await this.#next(chunks, child);
      next !== undefined;
      next = await this.#next(chunks, child)
    )
      await push(reader.push(next));
    await push(reader.flush());
    return total;
  }

  async #next(
    chunks: AsyncIterator<Buffer, undefined>,
    child: ChildProcessWithoutNullStreams,
  ): Promise<Buffer | undefined> {
    let hung = false;
    const cancel = this.#parts.clock.after(QUIET_LIMIT_MS, () => {
      hung = true;
      child.kill('SIGKILL');
    });
    try {
      const step = await chunks.next();
      if (hung) throw new LoaError('E_SPEECH', `espeak-ng said nothing for ${QUIET_LIMIT_MS} ms`);
      return step.done === true ? undefined : step.value;
    } finally {
      cancel();
    }
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Arguments of espeak-ng: all of them from lists and numbers, none from the text. */
function argumentsFor({ lang, voice, speed }: TextSound, speaker: Speaker): string[] {
  const own = lang === 'vi' ? (speaker.voice ?? 'vi') : 'en-gb';
  const words = speed ?? speaker.speed ?? SPEED;
  return ['-v', voice ?? own, '-s', String(words), '-b', '1', '--stdin', '--stdout'];
}

function spawnError(cause: NodeJS.ErrnoException): LoaError {
  const missing = cause.code === 'ENOENT' || cause.code === 'EACCES';
  return new LoaError(missing ? 'E_SPEECH_MISSING' : 'E_SPEECH', messageOf(cause), { cause });
}
