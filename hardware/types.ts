import type { ErrorCode } from '../agent/core/errors.js';

/** What a sink tells the one that writes to it. */
export interface SinkListener {
  /** The card ran dry for about this long; what was queued is heard that much later. */
  onUnderrun(gapMs: number): void;
  /**
   * The sink has ended on its own; it takes no more blocks and must be opened again.
   * @param heardFrame the frame after the last one that was heard, where the sink knows it
   */
  onDied(code: ErrorCode, detail: string, heardFrame?: number): void;
}

/**
 * Where sound leaves the program: 16-bit samples, one channel, {@link RATE_HZ} frames a second. It stays open; silence
 * is written like sound. The writer paces itself by the clock and keeps `aheadFrames` queued.
 */
export interface Sink {
  readonly kind: SinkKind;
  /** Monotonic instant at which frame 0 is at the loudspeaker if nothing runs dry. */
  readonly startedMs: number;
  /** How many frames to keep written ahead of the loudspeaker. */
  readonly aheadFrames: number;
  /** ± milliseconds of `startedMs`. */
  readonly uncertaintyMs: number;
  /** Where the card is; undefined where it cannot be known now. Costs a system call or two: ask some times a second. */
  position?(): SinkPosition | undefined;
  /** Takes one block at once, never waits. What it cannot take any more is a death, told to the listener. */
  write(block: Int16Array): void;
  /**
   * Takes back what was written from this frame of the sink's on, as far as it is not heard yet; the next write begins there. Where the
   * card has passed that frame already, as much of the next writes is passed over: frames stay what they are. Absent where a sink
   * cannot do so.
   */
  takeBack?(frame: number): void;
  /** Ends it: what is queued may be cut. Resolves when nothing of it is left running. */
  close(): Promise<void>;
}

/** A frame that was at the loudspeaker at an instant. */
export interface SinkPosition {
  /** Frames of this sink heard, since it was opened. */
  readonly frame: number;
  /** Monotonic instant, milliseconds. */
  readonly atMs: number;
  /** ± milliseconds. */
  readonly uncertaintyMs: number;
  /** Told by the card's converter, or concluded from what its player takes. */
  readonly from: 'card' | 'player';
}

/** The drivers there are. */
export type SinkKind = 'alsa' | 'file' | 'null' | 'speaker';

/** What a driver needs to open. */
export interface SinkSettings {
  readonly kind: SinkKind;
  /** ALSA device name (`default`, `plughw:0,0`), or the path of the WAV file. */
  readonly device: string;
  /** Sound that the card still holds when the next is written, milliseconds, 20 to 500: the stall that it outlives. */
  readonly bufferMs: number;
  /** Sound written at once on top of it, milliseconds, 0 to 200. */
  readonly leadMs: number;
  /** How far `bufferMs` may widen by itself, milliseconds; not at all where undefined. */
  readonly bufferMaxMs?: number | undefined;
  /** Sound that a sink which can take it back is given ahead, milliseconds, 0 to 900: so seldom is it written; 0 where undefined. */
  readonly aheadMs?: number | undefined;
  /** Where the kernel tells the positions of its cards; `/proc/asound` where undefined. */
  readonly positionFolder?: string | undefined;
}

/**
 * Opens a sink.
 * @throws LoaError `E_SINK_OPEN`
 */
export type OpenSink = (settings: SinkSettings, listener: SinkListener) => Promise<Sink>;

/** Counters of a network interface since it came up. */
export interface InterfaceReading {
  readonly name: string;
  readonly up: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** What the machine says of itself now. Absent sensors are absent fields. */
export interface MachineReading {
  readonly uptimeS: number;
  readonly load1?: number;
  readonly memoryAvailableMb?: number;
  /** Resident memory of this process. */
  readonly processRssMb?: number;
  readonly diskFreeMb?: number;
  readonly temperatureC?: number;
  readonly interfaces?: InterfaceReading[];
}

/** Fast readings. */
export interface MachineSensor {
  read(): Promise<MachineReading>;
}

/** A temperature, with the limits that its board gives it. */
export interface TemperatureReading {
  readonly name: string;
  readonly c: number;
  readonly highC: number;
  readonly criticalC: number;
}

/** What power, housing, disk and memory say now. Absent sensors are absent fields. */
export interface HealthReading {
  readonly temperatures?: readonly TemperatureReading[];
  /** `rpm` where it is measured; `failed` where it stands still or says so. */
  readonly fan?: { readonly rpm?: number; readonly failed: boolean };
  readonly mains?: boolean;
  /** The supply of the board: volts where measured, and whether it sags by its board's limits or its chip's own alarm. */
  readonly supply?: { readonly v?: number; readonly state: 'ok' | 'between' | 'low' };
  readonly battery?: {
    readonly v?: number;
    readonly percent?: number;
    readonly charging?: boolean;
    readonly state: 'ok' | 'between' | 'low';
  };
  readonly doorOpen?: boolean;
  readonly disk?: DiskReading;
  readonly memory?: {
    readonly availableMb: number;
    readonly totalMb: number;
    /** Share of the last minute in which something waited for memory, percent (Linux: Documentation/accounting/psi). */
    readonly stallPercent?: number;
  };
}

/** How the disk of the state folder is. */
export interface DiskReading {
  readonly readOnly: boolean;
  readonly freeMb?: number;
  readonly totalMb?: number;
  /** Errors that ext4 has counted (/sys/fs/ext4/DEV/errors_count); they outlive a reboot. */
  readonly errors?: number;
  /** Life used up, percent in steps of ten (JEDEC eMMC 5.0, EXT_CSD DEVICE_LIFE_TIME_EST). */
  readonly wornPercent?: number;
}

/** Readings of health: a few files, no child process. */
export interface HealthSensor {
  read(): Promise<HealthReading>;
  /** Mains and door alone: cheap enough for every second. Undefined where the board has neither. */
  readonly quick: (() => Promise<Pick<HealthReading, 'mains' | 'doorOpen'>>) | undefined;
}

/** Where the receiver is, by satellites: it names a place. */
export interface PositionReading {
  readonly latitude: number;
  readonly longitude: number;
  /** Horizontal, metres, as gpsd estimates it. */
  readonly uncertaintyM?: number;
}

/** What the modem says of itself. */
export interface ModemReading {
  readonly state: string;
  readonly operator?: string;
  /** `lte`, `5gnr`, `umts` … */
  readonly technology?: string;
  readonly signalPercent?: number;
  readonly rsrpDbm?: number;
  readonly rsrqDb?: number;
  readonly sinrDb?: number;
  readonly band?: string;
  readonly sim: 'ready' | 'missing' | 'locked' | 'failed';
  /** Name of the access point that its bearer was set up with; absent while it has none. */
  readonly apn?: string;
  /** Only where the settings ask for it: it identifies a device. */
  readonly imei?: string;
  /** Data since the modem has been there, MB (10^6 bytes). */
  readonly usedMb?: number;
}

/** The modem, by whatever manages it. */
export interface Modem {
  /** Undefined: no modem is there. @throws LoaError `E_MODEM_GONE` where who manages it does not answer */
  read(): Promise<ModemReading | undefined>;
  /** Takes one step of recovery. @throws LoaError `E_MODEM_STEP` */
  recover(step: ModemStep): Promise<void>;
}

/** What can be done about a modem that brings no network, the mildest first. */
export type ModemStep = 'reconnect' | 'reset' | 'power' | 'reboot';

/** What the machine's watchdog is fed by. */
export interface WatchdogFeed {
  feed(): void;
  /** The program ends in order: the machine shall not be reset. */
  release(): void;
}

/** What the board is: asked once. */
export interface BoardFacts {
  readonly model?: string;
  readonly os?: string;
  readonly kernel?: string;
  readonly cpu?: string;
  readonly memoryMb?: number;
}

/** Who may be heard through the amplifier: nobody, emergencies alone, or all. */
export type Door = 'shut' | 'emergency' | 'all';

/** What the sound worker is told of the amplifier. */
export interface DoorState {
  readonly door: Door;
  /** How much less than asked for it may give, dB, at most 0. */
  readonly gainDb: number;
  /** Counts the changes; the answer that all is quiet names it. */
  readonly turn: number;
  /** What was written and is not heard yet will not be: it is muted already. */
  readonly cut?: boolean;
}

/** For whom the air is wanted. */
export type AirWanted = 'none' | 'bulletin' | 'emergency';

/** How the amplifier is. */
export interface AmplifierStatus {
  readonly phase: 'off' | 'supply' | 'settle' | 'unmute' | 'open' | 'fade' | 'mute' | 'hold' | 'standby';
  /** How much less than asked for it gives, dB, at most 0. */
  readonly gainDb: number;
  readonly line: 'normal' | 'open' | 'short';
  readonly temperatureC?: number;
  /** Why bulletins are refused. */
  readonly code?: ErrorCode;
}
