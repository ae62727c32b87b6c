import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RaucBus } from '../../agent/update/rauc-bus.js';
import { COMPATIBLE, type RaucBoard } from '../support/rauc-contract.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { waitUntil } from '../support/wait-until.js';

/** Size of a slot, bytes: a file in place of a partition. */
const SLOT_BYTES = 32 * 1_048_576;
/** Starts that the boot loader gives a slot that was made the next one, as U-Boot's `bootcount` scripts of RAUC's documentation. */
const ATTEMPTS = 3;
const NAMES = ['A', 'B'] as const;

/** Why no such board can be made here; false where it can. */
export function withoutRaucBoard(): string | false {
  if (process.getuid?.() !== 0) return 'mounting a bundle needs the rights of root';
  const tools = ['rauc', 'dbus-daemon', 'busctl', 'mksquashfs', 'openssl', 'losetup'];
  return tools.map((name) => missingTool(name)).find((missing) => missing !== false) ?? false;
}

/**
 * A board with two slots, on which Debian's rauc runs as it does on a real one: its service on a bus of its own, real bundles that it verifies,
 * mounts and writes. Slots are files, and the boot loader is a script that counts attempts (RAUC's `custom` back end).
 */
export class RealRauc implements RaucBoard {
  readonly bus: RaucBus;
  /** The slot that runs. */
  booted: (typeof NAMES)[number] = 'A';
  #bundles = 0;
  #service: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    private readonly daemon: ChildProcess,
  ) {
    this.bus = new RaucBus(join(folder, 'bin', 'busctl'));
  }

  /** A board whose first slot runs. Its second is empty. */
  static async open(): Promise<RealRauc> {
    // A socket's path is short.
    const folder = await mkdtemp(join(tmpdir(), 'loa-rauc-'));
    for (const name of ['bin', 'loader', 'mnt', 'bundles']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'bus.conf'), busConfiguration(folder));
    await writeFile(join(folder, 'system.conf'), systemConfiguration(folder));
    await script(join(folder, 'bin', 'busctl'), busctl(folder));
    await script(join(folder, 'bin', 'loader'), loader(join(folder, 'loader')));
    for (const name of ['own', 'foreign']) await makeCertificate(join(folder, name));
    const daemon = spawn(
      'dbus-daemon',
      ['--config-file', join(folder, 'bus.conf'), '--nofork', '--nopidfile'],
      {
        stdio: 'ignore',
      },
    );
    const board = new RealRauc(folder, daemon);
    await board.reset();
    await board.boot();
    return board;
  }

  /** As it was delivered: switched off, an image in the first slot, nothing in the second, and RAUC knows of neither. */
  async reset(image?: string): Promise<void> {
    await this.#end();
    await rm(join(this.folder, 'status'), { force: true });
    await writeFile(join(this.folder, 'loader', 'order'), 'A B\n');
    for (const name of NAMES) {
      await writeFile(join(this.folder, 'loader', `left-${name}`), `${ATTEMPTS}\n`);
      const bytes = name === 'A' && image !== undefined ? await readFile(image) : '';
      await writeFile(slotPath(this.folder, name), bytes);
      await truncate(slotPath(this.folder, name), SLOT_BYTES);
    }
  }

  /** Path of the file that stands for the slot that runs. */
  get slot(): string {
    return slotPath(this.folder, this.booted);
  }

  /** The file that is there once logind was asked for a start of the machine. */
  get rebootWanted(): string {
    return join(this.folder, 'reboot-wanted');
  }

  /** A folder that stands before the PATH of what runs on the board. */
  get programs(): string {
    return join(this.folder, 'bin');
  }

  async boot(): Promise<void> {
    await this.#end();
    await rm(this.rebootWanted, { force: true });
    const { output } = await runTool(join(this.folder, 'bin', 'loader'), ['start']);
    this.booted = output.toString().trim() === 'B' ? 'B' : 'A';
    const words = [
      '--conf',
      join(this.folder, 'system.conf'),
      `--override-boot-slot=${this.booted}`,
      'service',
    ];
    this.#service = spawn('rauc', words, {
      env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(this.folder, 'bus')}` },
      stdio: 'ignore',
    });
    await waitUntil(
      'rauc answers',
      () =>
        this.bus.progress().then(
          () => true,
          () => false,
        ),
      {
        ...{ deadlineMs: 60_000, everyMs: 100 },
      },
    );
  }

  /** @param image a file system image, written into the slot byte by byte; some bytes that differ each time where left out */
  async bundle(of: {
    readonly version: string;
    readonly compatible?: string;
    readonly isForeign?: boolean;
    readonly image?: string;
  }): Promise<string> {
    this.#bundles += 1;
    const content = join(this.folder, 'bundles', `${this.#bundles}`);
    await mkdir(content);
    const bytes = of.image === undefined ? Buffer.alloc(65_536, this.#bundles) : await readFile(of.image);
    await writeFile(join(content, 'rootfs.img'), bytes);
    await writeFile(join(content, 'manifest.raucm'), manifest(of.compatible ?? COMPATIBLE, of.version));
    const signer = join(this.folder, of.isForeign === true ? 'foreign' : 'own');
    const path = `${content}.raucb`;
    await must('rauc', ['--cert', `${signer}.crt`, '--key', `${signer}.key`, 'bundle', content, path]);
    return path;
  }

  async close(): Promise<void> {
    await this.#end();
    const ended = once(this.daemon, 'close');
    this.daemon.kill('SIGKILL');
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  /** As when the power goes: what RAUC was writing stays half-written, its bundle is mounted no more. */
  async #end(): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    if (service === undefined) return;
    if (service.exitCode === null && service.signalCode === null) {
      const ended = once(service, 'close');
      service.kill('SIGKILL');
      await ended;
    }
    await runTool('umount', ['--lazy', join(this.folder, 'mnt', 'bundle')]);
  }
}

function slotPath(folder: string, name: (typeof NAMES)[number]): string {
  return join(folder, `rootfs-${name}`);
}

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

async function must(name: string, words: readonly string[]): Promise<void> {
  const { exitCode, errorText } = await runTool(name, words);
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}: ${errorText.slice(-500)}`);
}

async function makeCertificate(path: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${path}.key`];
  const subject = ['-subj', '/CN=Images of a test', '-addext', 'keyUsage=digitalSignature', '-days', '30'];
  await must('openssl', ['req', '-x509', ...key, ...subject, '-out', `${path}.crt`]);
}

function manifest(compatible: string, version: string): string {
  // Plain: of the other formats one needs device-mapper.
  return `[update]\ncompatible=${compatible}\nversion=${version}\n[bundle]\nformat=plain\n[image.rootfs]\nfilename=rootfs.img\n`;
}

function systemConfiguration(folder: string): string {
  const slots = NAMES.map(
    (name, index) => `[slot.rootfs.${index}]\ndevice=${slotPath(folder, name)}\ntype=raw\nbootname=${name}\n`,
  );
  return (
    `[system]\ncompatible=${COMPATIBLE}\nbootloader=custom\nstatusfile=${folder}/status\nmountprefix=${folder}/mnt\n` +
    `activate-installed=false\n[keyring]\npath=own.crt\n[handlers]\nbootloader-custom-backend=bin/loader\n${slots.join('')}`
  );
}

function busConfiguration(folder: string): string {
  const rules = ['user="*"', 'own="*"', 'send_destination="*"', 'send_type="signal"'];
  const kinds = ['method_call', 'method_return', 'signal', 'error'].map((kind) => `receive_type="${kind}"`);
  return (
    '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" ' +
    '"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n' +
    `<busconfig><listen>unix:path=${join(folder, 'bus')}</listen><auth>EXTERNAL</auth><policy context="default">` +
    `${[...rules, ...kinds].map((rule) => `<allow ${rule}/>`).join('')}</policy></busconfig>\n`
  );
}

/** The bus of this board; logind is a file that says that it was asked. */
function busctl(folder: string): string {
  return `#!/bin/sh
case "$*" in *org.freedesktop.login1*) : >${folder}/reboot-wanted; exit 0 ;; esac
PATH=\${PATH#${folder}/bin:} DBUS_SYSTEM_BUS_ADDRESS=unix:path=${folder}/bus exec busctl "$@"
`;
}

/** RAUC's four questions (its documentation, "Custom"), and \`start\`: what a machine does when it is switched on. */
function loader(folder: string): string {
  return `#!/bin/sh
cd ${folder} || exit 1
next() { for name in $(cat order); do [ "$(cat left-$name)" -gt 0 ] && { echo $name; return; }; done; echo A; }
case $1 in
  get-primary) next ;;
  set-primary) [ "$2" = A ] && echo 'A B' >order || echo 'B A' >order; echo ${ATTEMPTS} >left-$2 ;;
  get-state) [ "$(cat left-$2)" -gt 0 ] && echo good || echo bad ;;
  set-state) [ "$3" = good ] && echo ${ATTEMPTS} >left-$2 || echo 0 >left-$2 ;;
  start) name=$(next); left=$(cat left-$name); [ "$left" -gt 0 ] && echo $((left - 1)) >left-$name; echo $name ;;
esac
`;
}
