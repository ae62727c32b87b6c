import type { ErrorCode, Refusal } from '../core/errors.js';
import type { EntrySource } from '../../protocols/messages/schedule.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import type { GateRules, GateTally, GateVerdict } from './air-gate.js';
import type { AirClass } from '../../protocols/messages/common.js';

/** Sound made on the device by a technician: a tone within the local limits. */
export interface ToneSource {
  readonly kind: 'tone';
  readonly frequencyHz: number;
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
  | { readonly kind: 'close'; readonly playId: string; readonly outcome: PlayOutcome };

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

/** What was heard of a play: built from what the sink consumed. */
export interface PlayTally {
  readonly playId: string;
  readonly outcome: PlayOutcome;
  readonly failure: Refusal | undefined;
  readonly framesHeard: number;
  readonly spans: readonly AirSpan[];
  readonly peakDb: number | undefined;
  readonly rmsDbBySecond: readonly number[];
  readonly underruns: number;
  readonly reconnects: number;
  readonly pcmSha256: string | undefined;
  readonly evidence: 'none' | 'consumed';
}

/** From the sound worker to the program. */
export type FromSound =
  | { readonly kind: 'sink'; readonly ok: true; readonly sink: string }
  | { readonly kind: 'sink'; readonly ok: false; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'underrun'; readonly gapMs: number }
  /** First sample of a play at the loudspeaker: wall time, milliseconds. */
  | { readonly kind: 'began'; readonly playId: string; readonly atMs: number }
  /** Who has the air changed. */
  | { readonly kind: 'air'; readonly playId: string | undefined }
  | { readonly kind: 'trouble'; readonly playId: string; readonly refusal: Refusal }
  | { readonly kind: 'title'; readonly playId: string; readonly title: string }
  | { readonly kind: 'level'; readonly rmsDb: number }
  /** The gate is shut before a play that would have the air, or open again. */
  | { readonly kind: 'gate'; readonly playId: string; readonly verdict: GateVerdict }
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
  };
  readonly media: {
    readonly anchorsPem: readonly string[];
    readonly plainHosts: readonly string[];
    readonly stallMs: number;
    readonly folder: string;
    readonly quotaBytes: number;
  };
  readonly livePrerollMs: number;
  /** Shut but for emergencies until rules come, where it is left out. */
  readonly gate?: { readonly rules: GateRules; readonly tally: GateTally };
}
