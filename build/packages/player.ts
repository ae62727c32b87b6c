import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { assertElf } from './elf.js';
import type { Architecture } from './target.js';
import { runTool } from './tool.js';

/** Debian's compilers, by the names of its packages gcc, gcc-aarch64-linux-gnu and gcc-arm-linux-gnueabihf. */
const COMPILERS: Readonly<Record<Architecture, string>> = {
  amd64: 'x86_64-linux-gnu-gcc',
  arm64: 'aarch64-linux-gnu-gcc',
  armhf: 'arm-linux-gnueabihf-gcc',
};

/**
 * Compiles the player of the sink for an architecture, wherever that is done. ALSA's headers are the same for all of them, and come
 * after the C library's own; ALSA itself is loaded by the player. The same source and compiler give the same bytes.
 * @throws where the compiler or ALSA's headers are missing
 */
export async function buildPlayer(root: string, architecture: Architecture, out: string): Promise<void> {
  const folder = join(root, 'hardware/sinks/player');
  await runTool(COMPILERS[architecture], [
    ...['-O2', '-s', '-Wall', '-Wextra', '-Werror', '-idirafter', '/usr/include'],
    ...['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2', '-fPIE', '-pie', '-Wl,-z,relro,-z,now'],
    ...[`-ffile-prefix-map=${folder}=player`, '-Wl,--build-id=none'],
    ...['-o', out, join(folder, 'loa-player.c'), '-ldl'],
  ]);
  await assertElf(out, architecture);
  await chmod(out, 0o755);
}
