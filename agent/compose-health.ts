/** The part of the wiring that knows how the receiver is: sensors, alarms as data, modem, watchdogs, and why it was started. */
import { realpath } from 'node:fs/promises';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import type { Board } from '../hardware/boards/board.js';
import { modemManager } from '../hardware/modem/modem-manager.js';
import { AT_REST, ladderStep } from '../hardware/modem/recovery-ladder.js';
import { watchGpsd } from '../hardware/sensors/gpsd.js';
import { openHealth as openSensors } from '../hardware/sensors/health.js';
import { readWireless } from '../hardware/sensors/wireless.js';
import type { HealthInput } from '../hardware/sensors/power.js';
import type { HealthReading, HealthSensor, ModemStep, PositionReading } from '../hardware/types.js';
import type { DeviceWatchdog } from '../hardware/watchdog/device-watchdog.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { ClockState } from './commands/clock-trust.js';
import { openWatchdog } from './compose-watchdog.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import { codeOf, messageOf } from './core/errors.js';
import { keptJson } from './core/kept-file.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { ModemWatch } from './modem-watch.js';
import type { Part, PartLook } from './progress.js';
import { LOOK_MS, ProgressWatch } from './progress-watch.js';
import type { ServiceNotice } from './service-notice.js';
import type { StandInSettings } from './sound/stand-in.js';
import { StartNotes, stuckPath, type Start } from './start-notes.js';
import { ALARMS_FILE } from './state-files.js';
import { AlarmDesk, keptAlarms, type AlarmView } from './telemetry/alarm-desk.js';
import { ALARM_RULES } from './telemetry/alarm-rules.js';
import type { KeptAlarm } from './telemetry/alarm-state.js';
import { factsOf, type HealthFacts } from './telemetry/health-facts.js';
import { healthFields, type HealthFields } from './telemetry/health-reading.js';

/** Mains and door are looked at so often where they are files of the kernel, milliseconds. */
const QUICK_MS = 1_000;
/** What is absent may be plugged in: the sensors are looked for again so often, milliseconds. */
const SEARCH_MS = 600_000;

/** What health stands on. */
export interface HealthParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Where an event goes that is to be told: not through the alarms again. */
  readonly tell: (body: EventBody) => void;
  /** The service manager, where one runs this. */
  readonly notice: ServiceNotice | undefined;
}

/** What health asks of the rest of the program, once that is there. */
export interface HealthAsks {
  readonly linkUp: () => boolean;
  readonly clockState: () => ClockState;
  readonly sinkOk: () => boolean;
  readonly beatMissing: () => boolean;
  readonly progress: () => Readonly<Record<Part, PartLook>>;
  /** What has the air, and whether it was heard in the last seconds. */
  readonly onAir: () => { readonly class: string; readonly heard: boolean } | undefined;
}

/** The board and its lines, as health needs them. */
export interface BoardAccess {
  /** What the board has; the kernel's own classes alone where undefined. */
  readonly board: Board | undefined;
  input(name: HealthInput): boolean | undefined;
  set(name: 'modem-power', active: boolean): void;
}

/** How the receiver is. */
export interface Health {
  /** Takes an alarm, its clearing or any other event: what is a state is told once, as data. */
  readonly tell: (body: EventBody) => void;
  readonly start: Start;
  /** For the sound thread. */
  readonly standIn: StandInSettings;
  /** Begins to look, and to feed the watchdogs only while all gets on. */
  begin(asks: HealthAsks, board: BoardAccess): void;
  /** How the loudspeaker line is, by its supervision. */
  line(state: NonNullable<HealthFacts['line']>): void;
  /** The alarms in force, for a technician. */
  alarms(): AlarmView[];
  /** Codes of the alarms that the province knows of. */
  told(): string[];
  /** The newest readings, whole, for a technician. */
  health(): HealthView;
  /** Fields of telemetry. */
  fields(): HealthFields;
  /** Of the modem, else of the best wireless interface, dBm; undefined where neither tells. */
  signalDbm(): number | undefined;
  /** The run ends in order. */
  close(): Promise<void>;
}

/** What a technician is shown. */
export interface HealthView extends HealthReading {
  readonly modem?: ModemWatch['reading'];
  readonly position?: PositionReading;
  readonly line?: HealthFacts['line'];
  readonly start: Start;
  /** Parts of the program that stand still. */
  readonly stuck: readonly Part[];
}

/** Opens alarms, start notes and watchdog device; nothing is looked at before {@link Health.begin}. */
export async function openHealth(parts: HealthParts): Promise<Health> {
  const { config, clock } = parts;
  const log = parts.log.child({ module: 'health' });
  const roots = { sys: config.sensors.sysFolder, proc: config.sensors.procFolder };
  const { stateFolder, socketPath } = config;
  const file = keptJson<KeptAlarm[]>({
    path: join(stateFolder, ALARMS_FILE),
    parse: (value) => keptAlarms.parse(value),
    factory: [],
    log,
  });
  const alarms = await AlarmDesk.open({ rules: ALARM_RULES, clock, log, tell: parts.tell, file });
  const notes = await StartNotes.open({ stateFolder, socketPath, ...roots, log });
  const device = await openWatchdog(parts, roots.sys, log);
  return new HealthDesk({ ...parts, log }, roots, alarms, notes, device);
}

class HealthDesk implements Health {
  readonly start: Start;
  readonly standIn: StandInSettings;
  readonly #alive = new Int32Array(new SharedArrayBuffer(4));
  #board: BoardAccess | undefined;
  #sensor: HealthSensor | undefined;
  #searchedMs = -Infinity;
  #asks: HealthAsks | undefined;
  #reading: HealthReading = {};
  #line: HealthFacts['line'];
  #looking = false;
  #modem: ModemWatch | undefined;
  #position: PositionReading | undefined;
  #gps: { close(): void } | undefined;
  #progress: ProgressWatch | undefined;
  #cancels: (() => void)[] = [];
  #closed = false;

  constructor(
    private readonly parts: HealthParts,
    private readonly roots: { readonly sys: string; readonly proc: string },
    private readonly desk: AlarmDesk,
    private readonly notes: StartNotes,
    private readonly device: DeviceWatchdog | undefined,
  ) {
    this.start = notes.start;
    const { notice } = parts;
    desk.causes = () => this.#quick();
    const everyMs = Math.min(notice?.watchdog?.everyMs ?? Infinity, (device?.timeoutMs ?? Infinity) / 3);
    this.standIn = {
      alive: this.#alive.buffer,
      socket: notice?.watchdog?.socket,
      device: device?.handle,
      everyMs: Number.isFinite(everyMs) ? everyMs : 20_000,
      notePath: stuckPath(parts.config.socketPath),
    };
  }

  readonly tell = (body: EventBody): void => this.desk.event(body);

  begin(asks: HealthAsks, board: BoardAccess): void {
    this.#asks = asks;
    this.#board = board;
    const { clock, log, config, notice } = this.parts;
    this.#progress = new ProgressWatch({
      ...{ clock, log, look: asks.progress, tell: this.tell },
      stuckMs: config.watchdog.stuckS * 1_000,
      emergencySounds: () => {
        const onAir = asks.onAir();
        return onAir?.class === 'emergency' && onAir.heard;
      },
      alive: () => void Atomics.add(this.#alive, 0, 1),
      onStuck: (part) => inBackground(this.notes.stuck(part), log, 'not noted'),
    });
    const progress = this.#progress;
    notice?.feedIf(() => progress.mayFeed);
    this.#feedDevice(progress);
    if (board.board?.modem !== undefined) this.#watchModem(asks, board);
    const gps = board.board?.gps;
    if (gps !== undefined && config.gps.position)
      this.#gps = watchGpsd({ port: gps.port, clock, onPosition: (found) => (this.#position = found) });
    this.#every(config.telemetry.everyS * 1_000, () => this.look());
    inBackground(this.look(), log, 'health was not looked at');
    this.#every(QUICK_MS, () => this.#quick());
  }

  line(state: NonNullable<HealthFacts['line']>): void {
    this.#line = state;
    this.desk.take(factsOf({ line: state }));
  }

  alarms(): AlarmView[] {
    return this.desk.alarms();
  }

  told(): string[] {
    return this.desk.told();
  }

  health(): HealthView {
    const modem = this.#modem?.reading;
    return {
      ...this.#reading,
      ...(modem === undefined ? {} : { modem }),
      ...(this.#position === undefined ? {} : { position: this.#position }),
      ...(this.#line === undefined ? {} : { line: this.#line }),
      start: this.start,
      stuck: this.#progress?.stuck ?? [],
    };
  }

  fields(): HealthFields {
    const position = this.#position === undefined ? {} : { position: this.#position };
    return { ...healthFields(this.#reading, this.#modem?.reading), ...position };
  }

  signalDbm(): number | undefined {
    const modem = this.#modem?.reading;
    const wireless = readWireless(this.roots.proc).map(({ signalDbm }) => signalDbm ?? -Infinity);
    const heard = typeof modem === 'object' && modem.rsrpDbm !== undefined ? [modem.rsrpDbm] : wireless;
    const best = Math.max(...heard);
    return Number.isFinite(best) ? best : undefined;
  }

  /** One look at everything; one at a time. */
  async look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const sensor = await this.#found();
      this.#reading = await sensor.read();
    } catch (error) {
      this.parts.log.warn({ code: codeOf(error), error: messageOf(error) }, 'sensors cannot be read');
    } finally {
      this.#looking = false;
    }
    if (this.#asks === undefined || this.#closed) return;
    const { clockState, sinkOk, beatMissing } = this.#asks;
    const asked = { clock: clockState(), sinkOk: sinkOk(), beats: !beatMissing() };
    this.desk.take(factsOf({ ...this.#reading, ...asked }));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#progress?.close();
    this.#modem?.close();
    this.#gps?.close();
    this.parts.notice?.feedIf(() => true);
    this.device?.release();
    await this.desk.close();
    await this.notes.ended();
  }

  async #found(): Promise<HealthSensor> {
    const { clock, config } = this.parts;
    const known = this.#sensor;
    if (known !== undefined && clock.monotonicMs() - this.#searchedMs < SEARCH_MS) return known;
    this.#searchedMs = clock.monotonicMs();
    const stateFolder = await realpath(config.stateFolder).catch(() => dirname(config.stateFolder));
    const line = (name: HealthInput): boolean | undefined => this.#board?.input(name);
    const found = await openSensors({
      roots: this.roots,
      board: this.#board?.board?.sensors,
      stateFolder,
      line,
    });
    this.#sensor = found;
    return found;
  }

  /** Mains and door at once: what is left of the power is for the last message. */
  async #quick(): Promise<void> {
    const quick = await this.#sensor?.quick?.().catch(() => undefined);
    if (quick === undefined || this.#closed) return;
    const isNew = (['mains', 'doorOpen'] as const).some(
      (name) => quick[name] !== undefined && quick[name] !== this.#reading[name],
    );
    this.#reading = { ...this.#reading, ...quick };
    if (isNew) this.desk.take(factsOf(quick));
  }

  #feedDevice(progress: ProgressWatch): void {
    const { device } = this;
    if (device === undefined) return;
    const feed = (): void => {
      if (progress.mayFeed) device.feed();
    };
    feed();
    this.#every(Math.max(LOOK_MS, Math.min(device.timeoutMs / 3, 10_000)), async () => feed());
  }

  #watchModem(asks: HealthAsks, access: BoardAccess): void {
    const { clock, log, config, tell } = this.parts;
    const { board } = access;
    const cut = board?.modem?.power !== undefined;
    let ladder = AT_REST;
    let usedMb: number | undefined;
    const next = (linkUp: boolean): ModemStep | undefined => {
      const { reading } = watch;
      const used = typeof reading === 'object' ? reading.usedMb : undefined;
      // Bytes that come in show that the modem works: a broker that is down is no fault of it.
      const alive = linkUp || (used !== undefined && usedMb !== undefined && used > usedMb);
      usedMb = used;
      const look = { alive, onAir: asks.onAir() !== undefined, uptimeMs: uptime() * 1_000 };
      const { state, step } = ladderStep(
        ladder,
        look,
        { reach: config.modem.recover, power: cut },
        clock.monotonicMs(),
      );
      ladder = state;
      return step;
    };
    const watch = new ModemWatch({
      ...{ clock, log, tell, next, linkUp: asks.linkUp },
      modem: modemManager({
        ...{ clock, roots: this.roots, imei: config.modem.imei },
        power: cut ? async (on) => access.set('modem-power', on) : undefined,
        powerOffMs: board?.modem?.powerOffMs ?? 5_000,
      }),
      onReading: (modem) => this.desk.take(factsOf({ modem })),
    });
    this.#modem = watch;
    watch.start();
  }

  #every(ms: number, run: () => Promise<void>): void {
    const at = this.#cancels.push(() => undefined) - 1;
    const again = (): void => {
      this.#cancels[at] = this.parts.clock.after(ms, () => {
        inBackground(run(), this.parts.log, 'health was not looked at');
        if (!this.#closed) again();
      });
    };
    again();
  }
}
