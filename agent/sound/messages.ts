import type { ErrorCode, Refusal } from '../core/errors.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';

/** Sound made on the device by a technician: a tone within the local limits. */
export interface ToneSource {
  readonly kind: 'tone';
  readonly frequencyHz: number;
  readonly durationMs: number;
  readonly level: number;
}

/** What a play consists of. */
export interface PlaySpec {
  readonly playId: string;
  /** The stored chime sounds first, at once, and again until something of the chain can be heard. */
  readonly chimeFirst: boolean;
  /** Sources, best first: the next is taken where one fails before its end. */
  readonly chain: readonly (SoundSource | ToneSource)[];
  readonly gainDb: number;
  /** What a file does while something else has the air: wait, go on unheard, or end. */
  readonly onInterrupt: 'resume' | 'rejoin' | 'drop';
  /** Monotonic instant of its first sample at the loudspeaker, milliseconds; at once where undefined. */
  readonly startAtMs?: number | undefined;
}

/** From the program to the sound worker. */
export type ToSound =
  | { readonly kind: 'open'; readonly spec: PlaySpec }
  /** Who may be heard, best first; the first that has sound gets the air. */
  | { readonly kind: 'order'; readonly playIds: readonly string[] }
  | { readonly kind: 'close'; readonly playId: string; readonly outcome: PlayOutcome }
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
}
