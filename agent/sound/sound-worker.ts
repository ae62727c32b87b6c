import type { SecureContext } from 'node:tls';
import type { OpenSink } from '../../hardware/types.js';
import type { Clock } from '../core/clock.js';
import { framesOf, fromDb, msOf } from '../core/units.js';
import { AmplifierDoor } from './amplifier-door.js';
import { storedSound } from './chime.js';
import type { MakeDecoder } from './decoders/decoder.js';
import { SpareDecoder } from './decoders/spare-decoder.js';
import type { FromSound, PlayOutcome, PlaySpec, SoundSettings, ToSound } from './messages.js';
import { FetchedSum, type OnBytes } from './fetched-bytes.js';
import { GateKeeper } from './gate-keeper.js';
import type { GateVerdict } from './air-gate.js';
import type { AirClass } from '../../protocols/messages/common.js';
import { Mixer, type MixedBlock } from './mixer.js';
import { Play, type OpenSource } from './play.js';
import { decibels } from './second-levels.js';
import { SentLevels } from './sent-levels.js';
import { trustIn } from './sources/http-bytes.js';
import { sourceOpener, type OpenerParts } from './sources/open-source.js';
import type { MeasureLoudness } from './sources/loudness.js';
import { volumeDb } from './volume.js';
import { Writer } from './writer.js';

/** What the sound worker stands on. */
export interface SoundParts {
  readonly openSink: OpenSink;
  readonly makeDecoder: MakeDecoder;
  readonly clock: Clock;
  readonly random: () => number;
  /** How loud a kept file is; files are played as they are where it is left out. */
  readonly measureLoudness?: MeasureLoudness;
  readonly tell: (message: FromSound) => void;
  /** Once a second: the class of what has the air, and how loud it was. */
  readonly onSecond?: (airClass: AirClass | undefined, rmsDb: number) => void;
}

/** More plays than this at once are too many: the one of lowest order goes. */
const PLAYS = 16;
const LEVEL_MS = 1_000;
/** What was fetched is told this often. */
const FETCHED_MS = 10_000;

/** Owns sound: plays, mixer and sink. Runs in a thread of its own, so that the main thread being busy is not heard. */
export class SoundWorker {
  readonly #parts: SoundParts;
  readonly #gate: GateKeeper;
  /** Undefined where no amplifier has to be woken. */
  readonly #door: AmplifierDoor | undefined;
  readonly #sent: SentLevels | undefined;
  readonly #mixer: Mixer;
  /** Plays that the gate keeps from the air. */
  readonly #shut = new Map<string, GateVerdict>();
  readonly #writer: Writer;
  readonly #openSource: OpenSource;
  readonly #spare: SpareDecoder;
  /** Read at each connection. */
  readonly #media: { -readonly [key in keyof SoundSettings['media']]: SoundSettings['media'][key] } & {
    readonly onBytes: OnBytes;
    trust: SecureContext;
  };
  readonly #holdAirMs: number | undefined;
  #onAir: string | undefined;
  #level = { frames: 0, energy: 0, sinceMs: 0 };
  readonly #fetched = new FetchedSum();
  #fetchedToldMs: number;

  constructor(settings: SoundSettings, parts: SoundParts) {
    this.#parts = parts;
    this.#gate = new GateKeeper(parts.clock, settings.gate, (tally) => parts.tell({ kind: 'tally', tally }));
    const door =
      settings.amplifier === undefined
        ? undefined
        : new AmplifierDoor(settings.amplifier, {
            tell: parts.tell,
            permits: (airClass) => this.#gate.verdict(airClass) === 'open',
            // Where the card's position is not seen it may be that much behind.
            heardFrame: () => this.#writer.heardFrame() - framesOf(this.#writer.state()?.uncertaintyMs ?? 0),
          });
    this.#door = door;
    this.#sent = settings.envelope === true ? new SentLevels(parts.tell) : undefined;
    const volume = ({ spec }: Play): number =>
      fromDb(volumeDb(settings.volume, classOf(spec), this.#gate.nowMs()));
    this.#mixer =
      door === undefined
        ? new Mixer((play) => this.#mayBeHeard(play), volume)
        : new Mixer(
            (play) => this.#mayBeHeard(play) && door.admits(play),
            (play) => volume(play) * door.gain,
            (play) => door.keeps(play),
          );
    // Worked out before the first emergency needs them.
    for (const name of ['chime', 'siren'] as const) storedSound(name);
    const { media } = settings;
    this.#media = { ...media, onBytes: this.#fetched.add, trust: trustIn(media.anchorsPem) };
    this.#fetchedToldMs = parts.clock.monotonicMs();
    this.#spare = new SpareDecoder(async (format, onPcm) => {
      if (format.decoder === 'ffmpeg') await this.#writer.brace();
      return parts.makeDecoder(format, onPcm);
    }, parts.clock);
    this.#openSource = sourceOpener(
      { ...settings, media: this.#media },
      {
        ...braced(parts, this.#spare, () => this.#writer.brace()),
        heldFrames: () => this.#writer.aheadFrames,
      },
    );
    this.#holdAirMs = settings.holdAirMs;
    this.#level.sinceMs = parts.clock.monotonicMs();
    this.#writer = new Writer(parts.openSink, settings.sink, this.#mixer, parts.clock, {
      onSink: (state) => {
        parts.tell({ kind: 'sink', ...state });
      },
      onUnderrun: (gapMs, atMs) => {
        if (this.#onAir !== undefined) this.#mixer.get(this.#onAir)?.book.countUnderrun(gapMs, atMs);
        parts.tell({ kind: 'underrun', gapMs, atMs });
      },
      onBlock: (mixed, frame, atMs) => this.#account(mixed, frame, atMs),
      onLost: (fromFrame) => this.#lose(fromFrame),
      onPass: () => this.#account(undefined, 0, 0),
    });
    this.#writer.start();
  }

  /** Takes one message of the program. */
  take(message: ToSound): void {
    // What the card was given ahead was mixed as it was until now.
    if (message.kind !== 'anchors') this.#writer.takeBack();
    this.#obey(message);
    if (message.kind !== 'anchors') this.#writer.kick();
  }

  #obey(message: ToSound): void {
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
      case 'gate':
        this.#gate.set(message.rules, message.clockOffsetMs);
        return;
      case 'door':
        if (message.state.cut === true) this.#lose(this.#writer.heardFrame());
        this.#door?.take(message.state);
        return;
      case 'anchors':
        void this.#trust(message.anchorsPem);
        return;
    }
  }

  /** Ends the sink and every source. */
  async close(): Promise<void> {
    for (const play of [...this.#mixer.plays]) this.#finish(play, play.closing ?? 'stopped');
    this.#tellFetched();
    this.#spare.close();
    await this.#writer.close();
  }

  #lose(fromFrame: number): void {
    for (const play of this.#mixer.plays) play.book.lose(fromFrame);
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
        { holdAirMs: this.#holdAirMs, onLink: (link) => this.#parts.tell({ kind: 'link', playId, link }) },
      ),
    );
  }

  async #trust(anchorsPem: readonly string[]): Promise<void> {
    await this.#writer.brace();
    this.#media.anchorsPem = anchorsPem;
    this.#media.trust = trustIn(anchorsPem);
  }

  #close(playId: string, outcome: PlayOutcome): void {
    const play = this.#mixer.get(playId);
    if (play !== undefined) play.closing ??= outcome;
  }

  /** After each block: who has the air, what was heard, and who has come to an end. */
  #account(mixed: MixedBlock | undefined, frame: number, atMs: number): void {
    const onAir = mixed?.onAir;
    if (mixed !== undefined) this.#count(mixed, frame, atMs);
    if (onAir?.spec.playId !== this.#onAir) {
      // The air that a dead sink leaves empty was taken by nobody.
      if (onAir !== undefined) this.#dropInterrupted();
      this.#onAir = onAir?.spec.playId;
      this.#parts.tell({ kind: 'air', playId: this.#onAir });
    }
    this.#meter(mixed);
    this.#door?.look(this.#mixer.plays, frame + (mixed?.block.length ?? 0), this.#parts.clock.monotonicMs());
    for (const play of [...this.#mixer.plays]) this.#finishIfDone(play);
  }

  #mayBeHeard({ spec }: Play): boolean {
    const verdict = this.#gate.verdict(classOf(spec));
    if ((this.#shut.get(spec.playId) ?? 'open') !== verdict) {
      this.#parts.tell({ kind: 'gate', playId: spec.playId, verdict });
      if (verdict === 'open') this.#shut.delete(spec.playId);
      else this.#shut.set(spec.playId, verdict);
    }
    return verdict === 'open';
  }

  #dropInterrupted(): void {
    const before = this.#onAir === undefined ? undefined : this.#mixer.get(this.#onAir);
    if (before?.spec.onInterrupt === 'drop' && !before.ended) before.closing ??= 'dropped';
  }

  #count({ block, heard }: MixedBlock, frame: number, atMs: number): void {
    for (const { play, part, fromFrame, toFrame } of heard) {
      const heardMs = atMs + msOf(fromFrame);
      this.#gate.count(classOf(play.spec), msOf(toFrame - fromFrame));
      if (!play.book.begun) this.#parts.tell({ kind: 'began', playId: play.spec.playId, atMs: heardMs });
      play.book.count(block.subarray(fromFrame, toFrame), frame + fromFrame, heardMs, part);
      this.#sent?.take(play.spec.playId, block.subarray(fromFrame, toFrame), heardMs);
    }
  }

  #meter(mixed: MixedBlock | undefined): void {
    const level = this.#level;
    if (mixed !== undefined) {
      level.frames += mixed.block.length;
      level.energy += mixed.rms * mixed.rms * mixed.block.length;
    }
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - level.sinceMs < LEVEL_MS) return;
    if (nowMs - this.#fetchedToldMs >= FETCHED_MS) this.#tellFetched();
    const feed = this.#writer.state();
    const rmsDb = decibels(level.frames === 0 ? 0 : Math.sqrt(level.energy / level.frames));
    const onAir = this.#onAir === undefined ? undefined : this.#mixer.get(this.#onAir);
    this.#parts.onSecond?.(onAir?.spec.class, rmsDb);
    this.#parts.tell({
      kind: 'level',
      rmsDb,
      ...(feed === undefined ? {} : { feed }),
    });
    this.#level = { frames: 0, energy: 0, sinceMs: nowMs };
  }

  #tellFetched(): void {
    this.#fetchedToldMs = this.#parts.clock.monotonicMs();
    const pieces = this.#fetched.take();
    if (pieces.length > 0) this.#parts.tell({ kind: 'bytes', pieces });
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
    this.#writer.commit();
    play.close();
    this.#sent?.flush();
    this.#mixer.remove(play.spec.playId);
    this.#shut.delete(play.spec.playId);
    this.#gate.tell();
    const unheard = Math.max(0, play.book.lastFrame - this.#writer.heardFrame());
    const tally = play.book.close(outcome, play.failure, play.reconnects, unheard);
    const sinkBufferMs = this.#writer.state()?.bufferMs;
    this.#parts.tell({
      kind: 'ended',
      tally: sinkBufferMs === undefined ? tally : { ...tally, sinkBufferMs },
    });
  }
}

/** Programs are started when the sound outlives that. */
function braced(parts: SoundParts, spare: SpareDecoder, brace: () => Promise<void>): OpenerParts {
  const { clock, random, measureLoudness } = parts;
  return {
    ...{ clock, random, brace, makeDecoder: spare.make },
    ...(measureLoudness === undefined
      ? {}
      : {
          async measureLoudness(path, signal) {
            await brace();
            return measureLoudness(path, signal);
          },
        }),
  };
}

/** What names no class is held to the strictest. */
function classOf({ class: airClass }: PlaySpec): AirClass {
  return airClass ?? 'normal';
}
