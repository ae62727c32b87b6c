import { z } from 'zod';

/** One file a board: what hangs on which line, with every time and threshold. What is left out is not there: a null driver. */

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const text = z.string().min(1).max(200);
/** `gpiochip0`, `/dev/gpiochip0` or the chip's label (`pinctrl-bcm2711`), as `gpiodetect` shows it. */
const chip = z.string().regex(/^[\w./:@-]{1,64}$/);
const durationMs = (most: number) => z.int().min(0).max(most);
const volts = z.number().min(1).max(100);
const finite = z.number().min(-1e6).max(1e6);

const gpioLine = z.strictObject({
  chip,
  /** Its number on the chip, or its name (`GPIO17`), as `gpioinfo` shows it. */
  line: z.union([z.int().min(0).max(1023), z.string().regex(/^[\w.:+-]{1,31}$/)]),
  /** True: low voltage is active. */
  activeLow: z.boolean().default(false),
  bias: z.enum(['as-is', 'disabled', 'pull-up', 'pull-down']).default('as-is'),
  /** An input counts as changed when it has been so for this long. */
  debounceMs: durationMs(10_000).default(20),
});

/** Where a number is read: `value = reading × scale + offset`; IIO reads in its own unit (millivolts, milliamperes). */
const analogFields = {
  /** The text of `/sys/bus/iio/devices/…/name` … */
  device: text.optional(),
  /** … and its channel, for instance `voltage0`. */
  channel: z
    .string()
    .regex(/^[\w-]{1,40}$/)
    .optional(),
  /** Instead of both: a file of the kernel that holds one number; * stands for one unknown folder. */
  path: z
    .string()
    .regex(/^\/sys\/[\w./:*@-]{1,200}$/)
    .optional(),
  scale: finite.default(0.001),
  offset: finite.default(0),
} as const;

interface Analog {
  readonly device?: string | undefined;
  readonly channel?: string | undefined;
  readonly path?: string | undefined;
}

const isAnalog = ({ device, channel, path }: Analog): boolean =>
  path === undefined
    ? device !== undefined && channel !== undefined
    : device === undefined && channel === undefined;
const analogWrong = { message: 'needs either device and channel, or path' };

/** A thermal zone by its type, an input of hwmon by its chip's name, or an analog input. */
const temperature = z
  .strictObject({
    ...analogFields,
    /** What it tells of; the one named `amplifier` is what the foldback follows. */
    name,
    /** Type of a thermal zone, for instance `cpu-thermal`. */
    zone: text.optional(),
    /** Name of a hwmon chip, for instance `lm75`. */
    hwmon: text.optional(),
    /** `temp1_input` is 1. */
    input: z.int().min(1).max(32).default(1),
    highC: z.number().min(-40).max(150),
    criticalC: z.number().min(-40).max(150),
  })
  .refine(
    (one) => [one.zone !== undefined, one.hwmon !== undefined, isAnalog(one)].filter(Boolean).length === 1,
    { message: 'needs one of: zone; hwmon; device and channel; path' },
  )
  .refine(({ highC, criticalC }) => highC <= criticalC, { message: 'highC must not be above criticalC' });

const amplifierTimes = z.strictObject({
  /** From the supply relay to the line relay: the amplifier's supply comes up, no inrush into the line. */
  supplyDelayMs: durationMs(120_000).default(2_000),
  /** From the line relay until it may be unmuted: its contacts and the output have come to rest. */
  settleMs: durationMs(30_000).default(300),
  /** From unmuting until sound passes in full. */
  unmuteMs: durationMs(10_000).default(50),
  /** From the last sample until it is muted: a next bulletin that comes within finds it open. */
  tailMs: durationMs(60_000).default(500),
  /** Before it is muted what was written must have been heard: waited for no longer than this. Above what the sink holds. */
  fadeMs: durationMs(5_000).default(500),
  /** From muting until the line relay may open. */
  muteMs: durationMs(10_000).default(50),
  /** Muted, with everything on, for the next bulletin. */
  holdMs: durationMs(3_600_000).default(10_000),
  /** The line relay is open, the supply on. */
  standbyMs: durationMs(86_400_000).default(60_000),
  /** The supply stays off at least so long before it comes again: a bounded number of inrushes. */
  restMs: durationMs(600_000).default(1_000),
  /** After an open line or a short circuit was told of, so long until it is tried again. */
  retryMs: durationMs(3_600_000).default(30_000),
});

const foldback = z
  .strictObject({
    /** Above it the gain comes down … */
    fromC: z.number().min(20).max(120),
    /** … by so many dB for each degree … */
    dbPerC: z.number().min(0.1).max(12).default(1),
    /** … at most by so many. */
    mostDb: z.number().min(1).max(30).default(12),
    /** Above it the amplifier is switched off; an emergency still sounds, at the lowest gain. */
    offC: z.number().min(30).max(150),
    /** And may be switched on again below it. */
    onC: z.number().min(20).max(140),
  })
  .refine(({ fromC, onC, offC }) => fromC < offC && onC < offC, {
    message: 'fromC and onC must be below offC',
  });

const amplifier = z.strictObject({
  /** Relay of its supply; active: it has power. */
  supply: gpioLine.optional(),
  /** Relay between it and the loudspeaker line; active: connected. */
  line: gpioLine.optional(),
  /** Active: sound passes. A pin that mutes when high is this one with `activeLow`. */
  unmute: gpioLine.optional(),
  times: amplifierTimes.prefault({}),
  /** What it says of itself; active: the fault is there. */
  faults: z
    .strictObject({
      open: gpioLine.optional(),
      short: gpioLine.optional(),
      hot: gpioLine.optional(),
      undervoltage: gpioLine.optional(),
    })
    .prefault({}),
  foldback: foldback.optional(),
  /** Below `offV` of the sensor `supply` it is switched off, above `onV` it may come again. */
  undervoltage: z
    .strictObject({ offV: volts, onV: volts })
    .refine(({ offV, onV }) => offV <= onV, { message: 'offV must not be above onV' })
    .optional(),
});

const loudspeakerLine = z.strictObject({
  /** How many loudspeakers hang on it. */
  loudspeakers: z.int().min(1).max(64),
  /** Supervision at rest: what the reading means. */
  supervision: z
    .strictObject({
      ...analogFields,
      /** Above it: open, … */
      openAbove: finite,
      /** … below it: short. In the unit that scale and offset give, ohms for instance. */
      shortBelow: finite,
    })
    .refine(isAnalog, analogWrong)
    .refine(({ openAbove, shortBelow }) => shortBelow < openAbove, {
      message: 'shortBelow must be below openAbove',
    })
    .optional(),
  /** What senses sound: the current of the line, or a microphone beside a loudspeaker, as an ALSA device. */
  sensor: z
    .strictObject({
      kind: z.enum(['current', 'microphone']),
      device: text,
      /** From a sample at the amplifier to the sensor's, at most. */
      mostDelayMs: durationMs(1_000).default(300),
    })
    .optional(),
  /** The tone of the self-test, between programmes. */
  tone: z
    .strictObject({
      frequencyHz: z.number().min(50).max(3_500).default(1_000),
      /** dBFS. */
      levelDb: z.number().min(-60).max(-20).default(-30),
      durationMs: z.int().min(500).max(30_000).default(4_000),
      /** Between two tests; 0: on demand only. */
      everyH: z.number().min(0).max(744).default(0),
    })
    .prefault({}),
});

const sensors = z.strictObject({
  /** Active: mains is there. */
  mains: gpioLine.optional(),
  /** Voltage of the supply, volts. */
  supply: z
    .strictObject({ ...analogFields, lowV: volts, criticalV: volts })
    .refine(isAnalog, analogWrong)
    .optional(),
  battery: z
    .strictObject({
      ...analogFields,
      emptyV: volts,
      lowV: volts,
      fullV: volts,
      capacityWh: z.number().min(0.1).max(10_000).optional(),
    })
    .refine(isAnalog, analogWrong)
    .refine(({ emptyV, lowV, fullV }) => emptyV < lowV && lowV < fullV, { message: 'emptyV < lowV < fullV' })
    .optional(),
  /** Active: it charges. */
  charging: gpioLine.optional(),
  temperatures: z.array(temperature).max(16).default([]),
  fan: z
    .union([
      z.strictObject({ hwmon: text, input: z.int().min(1).max(32).default(1), leastRpm: z.int().min(1) }),
      /** Active: it has failed. */
      z.strictObject({ failed: gpioLine }),
    ])
    .optional(),
  /** Active: the door is open. */
  door: gpioLine.optional(),
});

const modem = z.strictObject({
  kind: z.enum(['modemmanager']),
  /** Active: it has power. */
  power: gpioLine.optional(),
  /** Active: it is held in reset. */
  reset: gpioLine.optional(),
  resetMs: durationMs(60_000).default(500),
  powerOffMs: durationMs(120_000).default(5_000),
});

const led = z.string().regex(/^[\w.:+-]{1,64}$/);

const board = z.strictObject({
  /** Format of this file. */
  format: z.literal(1),
  name,
  description: z.strictObject({ vi: text, en: text }),
  sound: z
    .strictObject({
      /** ALSA device; what `sound.device` of the settings says goes before it. */
      device: text,
      /** Set once at the start with amixer. */
      mixer: z
        .array(
          z.strictObject({
            card: text,
            control: text,
            value: z.string().regex(/^[\w.,%+ -]{1,60}$/),
          }),
        )
        .max(16)
        .default([]),
    })
    .optional(),
  /** Where the lines are: the kernel's GPIO character devices, or files in a folder (a simulation). */
  lines: z
    .union([
      z.strictObject({ driver: z.literal('gpio') }),
      z.strictObject({ driver: z.literal('files'), folder: z.string().regex(/^\/[\w./-]{1,200}$/) }),
    ])
    .default({ driver: 'gpio' }),
  amplifier: amplifier.optional(),
  loudspeakerLine: loudspeakerLine.optional(),
  sensors: sensors.prefault({}),
  modem: modem.optional(),
  watchdog: z
    .strictObject({ device: z.string().regex(/^\/dev\/[\w./-]{1,60}$/), timeoutS: z.int().min(5).max(600) })
    .optional(),
  gps: z.strictObject({ kind: z.literal('gpsd'), port: z.int().min(1).max(65_535).default(2947) }).optional(),
  /** Names in /sys/class/leds. */
  leds: z
    .strictObject({ run: led.optional(), link: led.optional(), air: led.optional(), fault: led.optional() })
    .prefault({}),
  /** Pressed for `holdMs`, it runs the test of the path and of the loudspeaker line. */
  button: z.strictObject({ line: gpioLine, holdMs: durationMs(20_000).default(1_500) }).optional(),
});

/** A board as its file describes it. */
export type Board = Readonly<z.infer<typeof board>>;
/** One line of a GPIO chip. */
export type GpioLine = Readonly<z.infer<typeof gpioLine>>;
/** A reading with its scale. */
export interface AnalogInput extends Analog {
  readonly scale: number;
  readonly offset: number;
}
/** A temperature sensor with its limits. */
export type TemperatureInput = Readonly<z.infer<typeof temperature>>;
/** Relays, mute, faults and times of an amplifier. */
export type AmplifierBoard = Readonly<z.infer<typeof amplifier>>;
/** Every time of the sequence, milliseconds. */
export type AmplifierTimes = Readonly<z.infer<typeof amplifierTimes>>;
/** Gain by temperature. */
export type Foldback = Readonly<z.infer<typeof foldback>>;
/** The loudspeaker line: supervision, sensor and tone. */
export type LoudspeakerLineBoard = Readonly<z.infer<typeof loudspeakerLine>>;
/** Mains, battery, temperatures, fan, door. */
export type SensorsBoard = Readonly<z.infer<typeof sensors>>;
/** Modem and its lines. */
export type ModemBoard = Readonly<z.infer<typeof modem>>;

/** Schema of a board's file. */
export const boardSchema = board;
