import type { OpenSink } from '../../hardware/types.js';
import type { Clock } from '../core/clock.js';
import { storedSound, tone } from './chime.js';
import type { MakeDecoder } from './decoders/decoder.js';
import type { FromSound, PlayOutcome, PlaySpec, SoundSettings, ToSound } from './messages.js';
import { Mixer, type MixedBlock } from './mixer.js';
import { Play, type OpenSource } from './play.js';
import { decibels } from './play-tally.js';
import { FileSource } from './sources/file-source.js';
import { accessTo } from './sources/http-bytes.js';
import { LiveSource } from './sources/live-source.js';
import { MediaStore } from './sources/media-store.js';
import { StoredSource } from './sources/stored-source.js';
import { Writer } from './writer.js';

/** What the sound worker stands on. */
export interface SoundParts {
  readonly openSink: OpenSink;
  readonly makeDecoder: MakeDecoder;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (message: FromSound) => void;
}

/** More plays than this at once are too many: the one of lowest order goes. */
const PLAYS = 16;
const LEVEL_BLOCKS = 100;

/** Owns sound: plays, mixer and sink. Runs in a thread of its own, so that the main thread being busy is not heard. */
export class SoundWorker {
  readonly #parts: SoundParts;
  readonly #mixer = new Mixer();
  readonly #writer: Writer;
  readonly #openSource: OpenSource;
  /** Read at each connection. */
  readonly #media: { -readonly [key in keyof SoundSettings['media']]: SoundSettings['media'][key] };
  #onAir: string | undefined;
  #level = { blocks: 0, energy: 0 };

  constructor(settings: SoundSettings, parts: SoundParts) {
    this.#parts = parts;
    this.#media = { ...settings.media };
    this.#openSource = sourceOpener({ ...settings, media: this.#media }, parts);
    this.#writer = new Writer(parts.openSink, settings.sink, this.#mixer, parts.clock, {
      onSink: (state) => {
        parts.tell({ kind: 'sink', ...state });
      },
      onUnderrun: (gapMs) => {
        if (this.#onAir !== undefined) this.#mixer.get(this.#onAir)?.book.countUnderrun();
        parts.tell({ kind: 'underrun', gapMs });
      },
      onBlock: (mixed, frame, atMs) => this.#account(mixed, frame, atMs),
      onLost: (fromFrame) => {
        for (const play of this.#mixer.plays) play.book.lose(fromFrame);
      },
      onPass: () => this.#account(undefined, 0, 0),
    });
    this.#writer.start();
  }

  /** Takes one message of the program. */
  take(message: ToSound): void {
    switch (message.kind) {
      case 'open':
        this.#open(message.spec);
        return;
      case 'order':
        this.#mixer.order(message.playIds);
        return;
      case 'close':
        this.#close(message.playId, message.outcome);
        return;
      case 'anchors':
        this.#media.anchorsPem = message.anchorsPem;
        return;
    }
  }

  /** Ends the sink and every source. */
  async close(): Promise<void> {
    for (const play of [...this.#mixer.plays]) this.#finish(play, play.closing ?? 'stopped');
    await this.#writer.close();
  }

  #open(spec: PlaySpec): void {
    if (this.#mixer.get(spec.playId) !== undefined) return;
    const least = [...this.#mixer.plays].length >= PLAYS ? this.#mixer.leastWanted : undefined;
    if (least !== undefined) this.#finish(least, 'dropped');
    const { playId } = spec;
    this.#mixer.add(
      new Play(
        spec,
        this.#openSource,
        this.#parts.clock,
        (refusal) => this.#parts.tell({ kind: 'trouble', playId, refusal }),
        (title) => this.#parts.tell({ kind: 'title', playId, title }),
      ),
    );
  }

  #close(playId: string, outcome: PlayOutcome): void {
    const play = this.#mixer.get(playId);
    if (play !== undefined) play.closing ??= outcome;
  }

  /** After each block: who has the air, what was heard, and who has come to an end. */
  #account(mixed: MixedBlock | undefined, frame: number, atMs: number): void {
    const onAir = mixed?.onAir;
    if (mixed !== undefined && onAir !== undefined) {
      const { play, part } = onAir;
      if (!play.book.begun) this.#parts.tell({ kind: 'began', playId: play.spec.playId, atMs });
      play.book.count(mixed.block, frame, atMs, part);
    }
    if (onAir?.play.spec.playId !== this.#onAir) {
      // The air that a dead sink leaves empty was taken by nobody.
      if (onAir !== undefined) this.#dropInterrupted();
      this.#onAir = onAir?.play.spec.playId;
      this.#parts.tell({ kind: 'air', playId: this.#onAir });
    }
    this.#meter(mixed?.rms ?? 0);
    for (const play of [...this.#mixer.plays]) this.#finishIfDone(play);
  }

  #dropInterrupted(): void {
    const before = this.#onAir === undefined ? undefined : this.#mixer.get(this.#onAir);
    if (before?.spec.onInterrupt === 'drop' && !before.ended) before.closing ??= 'dropped';
  }

  #meter(rms: number): void {
    this.#level.blocks += 1;
    this.#level.energy += rms * rms;
    if (this.#level.blocks < LEVEL_BLOCKS) return;
    this.#parts.tell({ kind: 'level', rmsDb: decibels(Math.sqrt(this.#level.energy / this.#level.blocks)) });
    this.#level = { blocks: 0, energy: 0 };
  }

  #finishIfDone(play: Play): void {
    if (play.closing === undefined && play.ended)
      play.closing = play.failure === undefined ? 'completed' : 'failed';
    // Its last block must have faded out and been consumed before the account is closed.
    if (play.closing === undefined || play.currentGain !== 0) return;
    if (this.#writer.heardFrame() < play.book.lastFrame) return;
    this.#finish(play, play.closing);
  }

  #finish(play: Play, outcome: PlayOutcome): void {
    play.close();
    this.#mixer.remove(play.spec.playId);
    const unheard = Math.max(0, play.book.lastFrame - this.#writer.heardFrame());
    this.#parts.tell({
      kind: 'ended',
      tally: play.book.close(outcome, play.failure, play.reconnects, unheard),
    });
  }
}

function sourceOpener(settings: SoundSettings, parts: SoundParts): OpenSource {
  const store = new MediaStore(settings.media.folder, settings.media, settings.media.quotaBytes);
  const live = { access: settings.media, prerollMs: settings.livePrerollMs };
  return (source, last, hooks) => {
    switch (source.kind) {
      case 'live':
        return new LiveSource(source.url, { ...live, access: accessTo(source, live.access) }, parts, hooks);
      case 'file':
        return new FileSource(
          { url: source.url, sha256: source.sha256, persistent: last },
          store,
          parts,
          hooks,
        );
      case 'stored':
        return new StoredSource(storedSound(source.name));
      case 'tone':
        return new StoredSource(tone(source.frequencyHz, source.durationMs, source.level));
    }
  };
}
