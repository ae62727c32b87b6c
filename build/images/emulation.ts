import { readdir, readFile, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../packages/target.js';
import { runTool } from '../packages/tool.js';

const BINFMT = '/proc/sys/fs/binfmt_misc';
const RULES = '/usr/lib/binfmt.d';

/** qemu's name of an architecture, and Node's. */
const NAMES: Readonly<Record<Architecture, { readonly qemu: string; readonly node: string }>> = {
  amd64: { qemu: 'x86_64', node: 'x64' },
  arm64: { qemu: 'aarch64', node: 'arm64' },
  armhf: { qemu: 'arm', node: 'arm' },
};

/**
 * Makes the kernel run programs of an architecture by qemu-user, also in a chroot (flag F). Debian's own rule, from the
 * package qemu-user-static, is given to the kernel; where systemd runs, it has done that already.
 * @throws where the machine is of another architecture and the package is missing
 */
export async function allowPrograms(architecture: Architecture): Promise<void> {
  const { qemu, node } = NAMES[architecture];
  if (arch() === node) return;
  const known: string[] = await readdir(BINFMT).catch(() => []);
  if (!known.includes('register')) await runTool('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
  const name = `qemu-${qemu}`;
  if ((await readdir(BINFMT)).includes(name)) return;
  const rule = await readFile(join(RULES, `${name}.conf`), 'latin1').catch(() => undefined);
  if (rule === undefined) throw new Error(`missing tool: qemu-user-static (no rule for ${name})`);
  await writeFile(join(BINFMT, 'register'), Buffer.from(rule.trim(), 'latin1'));
}
