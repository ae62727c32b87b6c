import type { ErrorCode } from '../../core/errors.js';
import type { CacheView } from '../../programme/media-keeper.js';
import type { DayView, WhyView } from '../programme-view.js';
import type { Status } from '../status.js';
import type { TrustView } from '../trust-view.js';

/** A step that went well, or why it did not. */
export type Step =
  | { readonly kind: 'ok'; readonly detail: string; readonly tookMs?: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string; readonly tookMs?: number };

/** Supply of the board. Absent fields: the board does not tell. */
export interface PowerFacts {
  readonly mainsLost?: boolean;
  readonly undervoltage?: boolean;
}

/** The computer itself. */
export interface MachineFacts {
  readonly model?: string;
  readonly uptimeS?: number;
  readonly temperatureC?: number;
  readonly memoryAvailableMb?: number;
  readonly memoryMb?: number;
}

/** The state folder's disk. */
export interface DiskFacts {
  readonly freeMb?: number;
  /** Whether a small file could be written and synced; undefined where this account may not try. */
  readonly write?: Step;
}

/** Whether and how the program answers. `crashes`: within ten minutes. */
export type ProgramFacts =
  | ({ readonly kind: 'running'; readonly crashes: number } & Answers)
  | { readonly kind: 'stopped' | 'hung' | 'denied'; readonly crashes: number; readonly detail: string };

/** What a running program says of itself; what it did not answer is absent. */
export interface Answers {
  readonly status?: Status;
  readonly why?: WhyView;
  readonly day?: DayView;
  readonly trust?: TrustView;
  readonly cache?: CacheView;
}

/** A network port but the loopback. */
export interface PortFacts {
  readonly name: string;
  readonly up: boolean;
  readonly addresses: readonly string[];
}

/** Ports and the way out. */
export interface NetworkFacts {
  readonly ports: readonly PortFacts[];
  /** There is a default route; undefined where the system does not tell. */
  readonly route?: boolean;
  /** The broker is on this machine or in a network of its own: no port is needed. */
  readonly local: boolean;
}

/** A certificate that a server showed. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: string;
  readonly sha256: string;
}

/** From the broker's name to its subscriptions; a step that was not reached is absent. */
export interface BrokerFacts {
  readonly host: string;
  readonly port: number;
  readonly dns?: Step;
  readonly tcp?: Step;
  readonly tls?: Step;
  /** The chain as the server showed it, its own first. */
  readonly shown?: readonly ShownCertificate[];
  readonly login?: Step;
  /** Topics that the broker refused; absent where it was not asked. */
  readonly refusedTopics?: readonly string[];
}

/** A trial fetch. */
export interface FetchFacts {
  readonly from: string;
  readonly step: Step;
  readonly bytes: number;
  readonly kbitS?: number;
}

/** The programs that decode and speak. */
export interface DecoderFacts {
  readonly ffmpeg: boolean;
  readonly espeak: boolean;
}

/** Sound cards and their mixers. */
export interface CardFacts {
  /** The sink that is configured. */
  readonly sink: string;
  readonly cards: readonly string[];
  /** Playback controls; empty where none can be read. */
  readonly controls: readonly {
    readonly name: string;
    readonly muted: boolean;
    readonly percent?: number;
  }[];
}

/** What boards and modems tell; each absent where there is nothing that tells. */
export interface HardwareFacts {
  readonly mainsLost?: boolean;
  /** The supply is below the limit of the board's file; the battery below its own. */
  readonly supplyLow?: boolean;
  readonly batteryLow?: boolean;
  /** A sensor above the limit of the board's file: its name and degrees, as text. */
  readonly hot?: string;
  readonly fanFailed?: boolean;
  readonly modem?: {
    /** The board has one, and it does not show. */
    readonly gone?: boolean;
    readonly sim?: 'ready' | 'absent' | 'locked';
    readonly registered?: boolean;
    readonly attached?: boolean;
    readonly signalDbm?: number;
    readonly operator?: string;
    readonly apn?: string;
  };
  readonly amplifier?: { readonly state: string; readonly hot?: boolean; readonly fault?: string };
  readonly line?: 'normal' | 'open' | 'short';
  readonly watchdog?: boolean;
}

/** Kept files of the programme, read again. */
export interface KeptFacts {
  readonly checked: number;
  readonly corrupt: readonly string[];
}

/** The newest end that the log of what was played knows of today. */
export interface LastPlay {
  readonly atMs: number;
  readonly title: string;
  readonly outcome: string;
}

/** The device's own certificate. */
export type CertificateFacts =
  | { readonly kind: 'ok'; readonly receiver: string; readonly daysLeft: number; readonly notAfter: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string }
  /** This account may not read it. */
  | { readonly kind: 'denied' };

/** All that the chain judges by. Each is collected by a probe of its own; absent: not known. */
export interface Facts {
  readonly nowMs: number;
  /** The program cannot be older than this: a clock before it is wrong. */
  readonly builtMs: number;
  readonly power?: PowerFacts;
  readonly machine?: MachineFacts;
  readonly disk?: DiskFacts;
  readonly config?: Step;
  readonly certificate?: CertificateFacts;
  readonly program?: ProgramFacts;
  readonly network?: NetworkFacts;
  readonly hardware?: HardwareFacts;
  readonly broker?: BrokerFacts;
  readonly fetch?: FetchFacts;
  readonly decoder?: DecoderFacts;
  readonly card?: CardFacts;
  /** Volumes of the settings, dB. */
  readonly volume?: { readonly normalDb: number; readonly priorityDb: number };
  /** Did a person hear the tone? */
  readonly tone?: 'heard' | 'unheard' | Step;
  readonly trustKept?: Step;
  readonly kept?: KeptFacts;
  readonly lastPlay?: LastPlay;
}

/** A fact that a probe brings. */
export type FactName = Exclude<keyof Facts, 'nowMs' | 'builtMs'>;
