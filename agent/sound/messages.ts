import type { AirWanted, DoorState } from '../../hardware/types.js';
import type { DoorSettings } from './amplifier-door.js';
import type { VolumeRules } from './volume.js';
import type { StandInSettings } from './stand-in.js';
import type { FetchedBytes } from './fetched-bytes.js';
import type { ErrorCode, Refusal } from '../core/errors.js';
import type { EntrySource } from '../../protocols/messages/schedule.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import type { GateRules, GateTally, GateVerdict } from './air-gate.js';
import type { AirClass } from '../../protocols/messages/common.js';

/** Sound made on the device by a technician: a tone within the local limits. */
export interface ToneSource {
  readonly kind: 'tone';
  readonly frequencyHz: number;
  /** A sweep ends here, the same ratio in the same time. */
  readonly toHz?: number;
  readonly durationMs: number;
  readonly level: number;
}

/** One link of a play's chain. */
export type ChainSource = SoundSource | EntrySource | ToneSource;

/** What a play consists of. */
export interface PlaySpec {
  readonly playId: string;
  /** What the gate before the sink asks about; normal where it is left out. */
  readonly class?: AirClass;
  /** The stored chime sounds first, at once, and again until something of the chain can be heard. */
  readonly chimeFirst: boolean;
  /** Sources, best first: the next is taken where one fails before its end. */
  readonly chain: readonly ChainSource[];
  readonly gainDb: number;
  /** What a file does while something else has the air: wait, go on unheard, or end. */
  readonly onInterrupt: 'resume' | 'rejoin' | 'drop';
  /**
   * It lasts until it is closed: a live source that is away is tried again under what follows it in the chain, and
   * after it, in silence. Otherwise it ends with the first source of the chain that is heard out.
   */
  readonly lasts?: boolean;
  /** Monotonic instant of its first sample at the loudspeaker, milliseconds; at once where undefined. */
  readonly startAtMs?: number | undefined;
  /** How much of its beginning is not heard, milliseconds: it should have begun earlier. A live source knows none. */
  readonly offsetMs?: number;
}

/** From the program to the sound worker. */
export type ToSound =
  | { readonly kind: 'open'; readonly spec: PlaySpec }
  /** Who may be heard, best first; the first that has sound gets the air. */
  | { readonly kind: 'order'; readonly playIds: readonly string[] }
  /** What is permitted from now on; `clockOffsetMs` is trusted time less the system's. */
  | { readonly kind: 'gate'; readonly rules: GateRules; readonly clockOffsetMs: number }
  | { readonly kind: 'close'; readonly playId: string; readonly outcome: PlayOutcome }
  /** For whom the amplifier is open from now on; never where there is none. */
  | { readonly kind: 'door'; readonly state: DoorState }
  /** Whom media servers are known by from now on, PEM; connections that stand go on. */
  | { readonly kind: 'anchors'; readonly anchorsPem: readonly string[] };

/** How a play ended. */
export type PlayOutcome = 'completed' | 'stopped' | 'lease-ended' | 'failed' | 'dropped';

/** When a play had the air, in frames of the sink since the sound worker started. */
export interface AirSpan {
  readonly fromFrame: number;
  readonly toFrame: number;
  /** Wall time of the first frame at the loudspeaker, milliseconds. */
  readonly fromMs: number;
  readonly part: 'chime' | 'main';
}

/** A hole in what was heard while the play had the air. */
export interface Gap {
  /** The card ran dry; or the sink was lost and opened again. */
  readonly cause: 'underrun' | 'sink';
  /** Wall time, milliseconds; of an underrun to within the card's buffer. */
  readonly fromMs: number;
  readonly durationMs: number;
}

/** What was heard of a play: built from what the sink consumed. */
export interface PlayTally {
  readonly playId: string;
  readonly outcome: PlayOutcome;
  readonly failure: Refusal | undefined;
  readonly framesHeard: number;
  readonly spans: readonly AirSpan[];
  readonly peakDb: number | undefined;
  readonly rmsDbBySecond: readonly number[];
  /** Peaks in dBFS and loudness in LUFS (ITU-R BS.1770-4, of each second alone), of the same seconds. */
  readonly peakDbBySecond?: readonly number[];
  readonly lufsBySecond?: readonly number[];
  /** The first 64. */
  readonly gaps?: readonly Gap[];
  /** Sound that the card held at its end, milliseconds: the setting, or more after underruns. */
  readonly sinkBufferMs?: number;
  readonly underruns: number;
  readonly reconnects: number;
  readonly pcmSha256: string | undefined;
  /** Nothing; sound was made, but no sink is known to have consumed any; the sink consumed it. */
  readonly evidence: 'none' | 'decoded' | 'consumed';
}

/** How the sink is fed. */
export interface SinkFeed {
  /** Sound that the card is to hold when the next is written, milliseconds: the setting, or more after underruns. */
  readonly bufferMs: number;
  /** By how many millionths the card is faster than this computer; undefined where its position cannot be seen. */
  readonly cardPpm?: number | undefined;
  /** What the instants of frames stand on: the card's position, the player's first reading, or the clock alone. */
  readonly position: 'card' | 'player' | 'clock';
  readonly uncertaintyMs: number;
}

/** From the sound worker to the program. */
export type FromSound =
  | { readonly kind: 'sink'; readonly ok: true; readonly sink: string }
  | { readonly kind: 'sink'; readonly ok: false; readonly code: ErrorCode; readonly detail: string }
  /** @property atMs wall time, milliseconds */
  | { readonly kind: 'underrun'; readonly gapMs: number; readonly atMs?: number }
  /** First sample of a play at the loudspeaker: wall time, milliseconds. */
  | { readonly kind: 'began'; readonly playId: string; readonly atMs: number }
  /** Who has the air changed. */
  | { readonly kind: 'air'; readonly playId: string | undefined }
  | { readonly kind: 'trouble'; readonly playId: string; readonly refusal: Refusal }
  /** Another source of its chain is heard from now on; 0 is the first. */
  | { readonly kind: 'link'; readonly playId: string; readonly link: number }
  | { readonly kind: 'title'; readonly playId: string; readonly title: string }
  /** Once a second: how loud it was, and how the sink is fed. Also the sign that the worker lives. */
  | { readonly kind: 'level'; readonly rmsDb: number; readonly feed?: SinkFeed }
  /** The gate is shut before a play that would have the air, or open again. */
  | { readonly kind: 'gate'; readonly playId: string; readonly verdict: GateVerdict }
  /** What was fetched since this was told last; every ten seconds while something is, and at the end. */
  | { readonly kind: 'bytes'; readonly pieces: readonly FetchedBytes[] }
  /** For whom the air is wanted from now on; never where there is no amplifier. */
  | { readonly kind: 'air-wanted'; readonly wanted: AirWanted }
  /** How loud what is sent of a play is, every 10 ms from a wall time on, in steps of 16 bits; only where a sensor listens. */
  | {
      readonly kind: 'envelope';
      readonly playId: string;
      readonly fromMs: number;
      readonly levels: readonly number[];
    }
  /** The door is shut since this turn, and all that was written before has been heard. */
  | { readonly kind: 'quiet'; readonly turn: number }
  /** Minutes of the day by class, once a minute while they grow. */
  | { readonly kind: 'tally'; readonly tally: GateTally }
  | { readonly kind: 'ended'; readonly tally: PlayTally };

/** What the sound worker is given at its start. */
export interface SoundSettings {
  readonly sink: {
    readonly kind: 'alsa' | 'file' | 'null' | 'speaker';
    readonly device: string;
    readonly bufferMs: number;
    readonly leadMs: number;
    readonly bufferMaxMs?: number;
    readonly aheadMs?: number;
    readonly positionFolder?: string;
  };
  readonly media: {
    readonly anchorsPem: readonly string[];
    readonly plainHosts: readonly string[];
    readonly stallMs: number;
    readonly folder: string;
    readonly quotaBytes: number;
  };
  /** How loud each class is; as it comes where left out. */
  readonly volume?: VolumeRules;
  readonly livePrerollMs: number;
  /** False: a live stream is never played slower than it came. */
  readonly liveWiden?: boolean;
  /** How text is spoken. */
  readonly speech?: SpeechSettings;
  /** Where line in or microphone is. */
  readonly capture?: { readonly device?: string };
  /** A live play without sound gives the air to what waits below it after so long, milliseconds; 5 000 by default. */
  readonly holdAirMs?: number;
  /** How an emergency is kept on air while the main thread stands still; not at all where left out. */
  readonly standIn?: StandInSettings | undefined;
  /** A sensor listens to the line: what is sent is to be told for it. */
  readonly envelope?: boolean;
  /** The amplifier, where there is one. */
  readonly amplifier?: DoorSettings;
  /** What may be heard when, and what was heard today; `clockOffsetMs` is trusted time less the system's. */
  readonly gate: { readonly rules: GateRules; readonly tally: GateTally; readonly clockOffsetMs: number };
}

/** How text is spoken where the message does not say. */
export interface SpeechSettings {
  /** Voice of Vietnamese texts: of the north (`vi`), the centre or the south; `vi` by default. */
  readonly voice?: 'vi' | 'vi-vn-x-central' | 'vi-vn-x-south';
  /** Words a minute, 80 to 300; 150 by default. */
  readonly speed?: number;
}
