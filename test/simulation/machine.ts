import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReceiverImage } from '../../build/images/image.js';
import { runTool } from '../../build/packages/tool.js';
import { isThere } from '../../build/images/cache.js';
import { readWav, type WavSound } from '../heard/wav.js';
import { waitUntil } from '../support/wait-until.js';
import type { LineEdge } from './amplifier-lines.js';
import { GuestControl, type GuestAnswer } from './guest-control.js';
import { LineWatch } from './line-watch.js';
import { Monitor } from './monitor.js';

/** What a simulated receiver is made of. */
export interface MachineOptions {
  readonly image: ReceiverImage;
  /** An existing folder: disk overlay, console, recordings and sockets go there. Its path must be short (a socket's is at most 107 bytes). */
  readonly folder: string;
  /** Takes the console's lines as they come. */
  readonly onConsole?: (line: string) => void;
}

/** How it is switched on. */
export interface PowerOn {
  /** What its battery-backed clock tells; the host's time by default. RFC 3339 without offset, UTC. */
  readonly clock?: string;
  /** False where the cable is out. */
  readonly network?: boolean;
}

const BOOT_LIMIT_MS = 900_000;
/** Of a command that takes a second or two on a board. */
const ANSWER_LIMIT_MS = 600_000;
/** 48 kHz, two channels of 16 bits. */
const BYTES_PER_MS = 192;
const LISTEN_MS = 300;
/** −30 dBFS. */
const LOUD = 1_036;
/**
 * An instruction takes 1 ns of the receiver's time, about what a Cortex-A53 does, and while it has nothing to do its time passes as
 * here: its clocks and its sound card wait for a slow host, instead of running dry (QEMU's -icount).
 */
const PACE = ['-accel', 'tcg,thread=single', '-icount', 'shift=0,sleep=on'];

/**
 * Sound is taken from the receiver as the recording takes it. By its own timer (QEMU's default) the codec holds 43 ms, and throws all of it
 * away where a busy host lets the recording wait longer while the receiver has nothing to do and its time passes as here.
 */
const CODEC = 'hda-output,audiodev=ear,use-timer=off';

/**
 * A receiver in QEMU: `-M virt` with a Cortex-A53, 512 MB, HDA sound that is recorded, watchdog, a network in which
 * 10.0.2.2 is the host's loopback. What it writes lies in an overlay, so that its image stays as it was.
 */
export class Machine {
  readonly #options: MachineOptions;
  readonly #disk: string;
  #child: ChildProcess | undefined;
  #monitor: Monitor | undefined;
  #control: GuestControl | undefined;
  #lines: LineWatch | undefined;
  #boots = 0;
  #soundBeforeMs = 0;

  private constructor(options: MachineOptions) {
    this.#options = options;
    this.#disk = join(options.folder, 'disk.qcow2');
  }

  /** A machine with a fresh overlay, switched off. */
  static async prepare(options: MachineOptions): Promise<Machine> {
    await mkdir(options.folder, { recursive: true });
    const machine = new Machine(options);
    const backing = ['-b', options.image.disk, '-F', 'raw'];
    await runTool('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, machine.#disk]);
    return machine;
  }

  /** How often it was switched on. */
  get boots(): number {
    return this.#boots;
  }

  /** The recording since it was last switched on; silence is in it only while the receiver writes silence. */
  get recording(): string {
    return join(this.#options.folder, `heard-${this.#boots}.wav`);
  }

  /** Switches it on; resolves at once. @throws where QEMU cannot be started */
  async powerOn({ clock, network = true }: PowerOn = {}): Promise<void> {
    if (this.#child !== undefined) throw new Error('the machine is on');
    this.#soundBeforeMs = this.soundMs;
    this.#boots += 1;
    const { folder, image, onConsole } = this.#options;
    const socket = (name: string): string => join(folder, `${name}-${this.#boots}`);
    // What an earlier run left there would be taken for QEMU's.
    for (const name of ['m', 'c']) await rm(socket(name), { force: true });
    const child = spawn(
      'qemu-system-aarch64',
      [
        ...['-M', 'virt', '-cpu', 'cortex-a53', '-smp', '1', '-m', '512', ...PACE],
        ...[
          '-display',
          'none',
          '-nodefaults',
          '-serial',
          'stdio',
          '-monitor',
          `unix:${socket('m')},server=on,wait=off`,
        ],
        ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', KERNEL_WORDS],
        ...[
          '-drive',
          `file=${this.#disk},if=none,id=disk,format=qcow2`,
          '-device',
          'virtio-blk-pci,drive=disk',
        ],
        ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,id=card,romfile='],
        ...[
          '-audiodev',
          `wav,id=ear,path=${this.recording},out.frequency=48000,out.channels=2,out.format=s16`,
        ],
        ...['-device', 'intel-hda', '-device', CODEC, '-device', 'i6300esb'],
        ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
        ...['-chardev', `socket,id=hand,path=${socket('c')},server=on,wait=off`],
        ...['-device', 'virtserialport,chardev=hand,name=loa.control'],
        ...['-D', this.#lineLog, '-trace', 'pl061_set_output'],
        ...['-rtc', `base=${clock ?? 'utc'},clock=vm`],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    const console = createWriteStream(join(folder, `console-${this.#boots}.log`));
    let said = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        console.write(text);
        said = `${said}${text}`;
        const lines = said.split(/\r?\n/);
        said = (lines.pop() ?? '').slice(-4_000);
        for (const line of lines) onConsole?.(line);
      });
    }
    child.once('close', () => console.end());
    await waitUntil(
      'QEMU opens its sockets',
      async () => {
        if (child.exitCode !== null) throw new Error(`QEMU ended with ${child.exitCode}: ${said}`);
        return (await isThere(socket('m'))) && (await isThere(socket('c')));
      },
      { deadlineMs: 20_000 },
    );
    this.#monitor = await Monitor.open(socket('m'));
    if (!network) await this.network(false);
    const desk = this.#monitor;
    this.#lines = new LineWatch(
      () => this.#look(desk),
      () => this.recordedFrames,
    );
    this.#control = await GuestControl.open(socket('c'));
  }

  /** Resolves when its system answers. */
  async booted(): Promise<void> {
    await this.#hand.answers(BOOT_LIMIT_MS);
  }

  /** Runs a command of a shell in it, as root. */
  async run(command: string, limitMs = ANSWER_LIMIT_MS): Promise<GuestAnswer> {
    return this.#hand.run(command, limitMs);
  }

  /** As {@link Machine.run}. @throws where the command fails */
  async must(command: string, limitMs = ANSWER_LIMIT_MS): Promise<string> {
    const { code, output } = await this.run(command, limitMs);
    if (code !== 0)
      throw new Error(`in the receiver: ${command.slice(0, 200)} ended with ${code}: ${output.trim()}`);
    return output.trim();
  }

  /** Puts the network cable in or out. */
  async network(on: boolean): Promise<void> {
    await this.#desk.ask(`set_link net ${on ? 'on' : 'off'}`);
  }

  /** The lines of its GPIO (PL061, 0 to 7) on the recording's time line, as the host saw them since it was last switched on. */
  get lines(): LineWatch {
    if (this.#lines === undefined) throw new Error('the machine is off');
    return this.#lines;
  }

  get #lineLog(): string {
    return join(this.#options.folder, `lines-${this.#boots}.log`);
  }

  /** Every change of those lines since then, in order, as QEMU noted it. */
  async lineChanges(): Promise<LineEdge[]> {
    const noted = await readFile(this.#lineLog, 'utf8');
    return [...noted.matchAll(/^pl061_set_output \S+ setting output (\d) to ([01])$/gm)].map(
      ([, line, level]) => ({
        line: Number(line),
        high: level === '1',
      }),
    );
  }

  async #look(desk: Monitor): Promise<number> {
    // GPIODATA with every bit of the address mask set (PrimeCell PL061, 3.3.1).
    return valueIn(await desk.ask('xp /1bx 0x090303fc'));
  }

  /** What its battery-backed clock tells, seconds since 1970: its own time, which waits for a slow host. */
  async clockS(): Promise<number> {
    // RTCDR (PrimeCell PL031, 3.3.1).
    return valueIn(await this.#desk.ask('xp /1wx 0x09010000'));
  }

  /** Frames recorded since it was switched on. */
  get recordedFrames(): number {
    const bytes = statSync(this.recording, { throwIfNoEntry: false })?.size ?? 0;
    return Math.max(0, Math.floor((bytes - 44) / 4));
  }

  /** Sound that it has fed its card since it was first switched on, milliseconds: while that is fed without a pause, its time. */
  get soundMs(): number {
    const bytes = statSync(this.recording, { throwIfNoEntry: false })?.size ?? 0;
    return this.#soundBeforeMs + bytes / BYTES_PER_MS;
  }

  /** Whether something was heard in the last {@link LISTEN_MS} of what it has played. */
  async sounds(): Promise<boolean> {
    const file = await open(this.recording).catch(() => undefined);
    if (file === undefined) return false;
    try {
      const { size } = await file.stat();
      const length = LISTEN_MS * BYTES_PER_MS;
      // Whole frames: the header of 44 bytes is a whole number of them.
      const from = Math.max(44, size - (size % 4) - length);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      for (let at = 0; at + 1 < bytesRead; at += 2) if (Math.abs(buffer.readInt16LE(at)) > LOUD) return true;
      return false;
    } finally {
      await file.close();
    }
  }

  /** What was recorded since it was switched on. */
  async heard(): Promise<WavSound> {
    return readWav(this.recording);
  }

  /** The mains go: QEMU is killed. */
  async cutPower(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#lines?.stop();
    this.#monitor?.close();
    this.#control?.close();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  get #hand(): GuestControl {
    if (this.#control === undefined) throw new Error('the machine is off');
    return this.#control;
  }

  get #desk(): Monitor {
    if (this.#monitor === undefined) throw new Error('the machine is off');
    return this.#monitor;
  }
}

/** What the monitor tells to `xp`, which repeats the question before. */
function valueIn(answer: string): number {
  const value = /: 0x([0-9a-f]+)\s*$/m.exec(answer)?.[1];
  if (value === undefined) throw new Error(`no value: ${answer}`);
  return Number.parseInt(value, 16);
}

const KERNEL_WORDS = [
  ...['root=/dev/vda', 'rw', 'console=ttyAMA0', 'loglevel=4', 'panic=5', 'mitigations=off', 'audit=0'],
  ...['systemd.firstboot=off', 'systemd.show_status=true', 'rootwait'],
].join(' ');
