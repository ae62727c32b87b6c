import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { repositoryRoot } from '../../test/heard/repository-root.js';
import { carriedConfiguration } from '../claims/carried-configuration.js';
import { runTool } from '../packages/tool.js';
import { cacheFolder, keep } from './cache.js';
import { cpioOf, type CpioEntry } from './cpio.js';

/** Debian's kernel of arm64 with what a simulated receiver needs of it; armhf programs run on it as well. */
export interface Kernel {
  readonly kernel: string;
  /** Loads what the disk needs, mounts it, and gives way to its system. */
  readonly initrd: string;
  /** A folder of modules by the kernel's version, with what they need. */
  readonly modules: string;
}

/** What the system of the receiver uses: network, the host's hand, chance, sound, watchdog, clock and lines. */
const RECEIVER_MODULES = [
  ...['virtio_net', 'virtio_console', 'virtio_rng', 'snd_hda_intel', 'snd_hda_codec_generic'],
  ...['i6300esb', 'rtc_pl031', 'gpio_pl061', 'autofs4'],
];
/** Before the disk is there. */
const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4'];

const INIT = `#!/busybox sh
/busybox mount -t devtmpfs dev /dev
for module in MODULES; do /busybox insmod "/$module"; done
until [ -b /dev/vda ]; do /busybox usleep 20000; done
/busybox mount -t ext4 -o noatime,errors=remount-ro /dev/vda /system || exec /busybox sh
/busybox mount -o move /dev /system/dev
exec /busybox switch_root /system /sbin/init
`;

const DIRECTORY = 0o040755;
const PROGRAM = 0o100755;
const FILE = 0o100644;

/**
 * Fetches the kernel with this machine's apt, or finds the one fetched before. No emulated processor has a part in it: a kernel that is
 * installed as a package in an emulated root costs five minutes there, and its initial RAM disk seconds at each boot.
 * @throws without apt, kmod, xz or a mirror
 */
export async function receiverKernel(tell: (line: string) => void): Promise<Kernel> {
  const script = join(repositoryRoot(import.meta.url), 'build/images/make-kernel.sh');
  const carried = await carriedConfiguration(await mkdtemp(join(await cacheFolder('kernels'), 'making-')));
  try {
    const sources = carried.sources('trixie');
    const scriptDigest = createHash('sha256')
      .update(await readFile(script))
      .digest('hex');
    const inputs = { sources, scriptDigest, RECEIVER_MODULES, BOOT_MODULES, INIT };
    const { path } = await keep({ cache: 'kernels', name: 'trixie-arm64', inputs }, async (unfinished) => {
      tell('fetching the kernel of simulated receivers (once)');
      const list = join(carried.folder, 'sources.list');
      await writeFile(list, `${sources.join('\n')}\n`);
      await runTool('bash', [script, list, unfinished, RECEIVER_MODULES.join(','), BOOT_MODULES.join(',')], {
        env: { ...process.env, ...carried.environment, APT_CONFIG: carried.aptOptions },
      });
      await writeFile(join(unfinished, 'initrd.img'), gzipSync(await initrdOf(unfinished)));
      // The kernel's package keeps it from other users' eyes.
      await chmod(join(unfinished, 'vmlinuz'), 0o644);
    });
    return {
      kernel: join(path, 'vmlinuz'),
      initrd: join(path, 'initrd.img'),
      modules: join(path, 'modules'),
    };
  } finally {
    await rm(carried.folder, { recursive: true, force: true });
  }
}

async function initrdOf(folder: string): Promise<Buffer> {
  const listed = (await readFile(join(folder, 'boot-modules'), 'utf8')).split('\n');
  const paths = listed.filter((path) => path !== '');
  const names = paths.map((path) => basename(path));
  const version = (await runTool('ls', [join(folder, 'modules')])).trim();
  const modules = await Promise.all(
    paths.map(async (path, index): Promise<CpioEntry> => ({
      ...{ path: names[index] ?? '', mode: FILE },
      content: await readFile(join(folder, 'modules', version, path)),
    })),
  );
  return cpioOf([
    ...['dev', 'system'].map((path) => ({ path, mode: DIRECTORY })),
    { path: 'busybox', mode: PROGRAM, content: await readFile(join(folder, 'busybox')) },
    { path: 'init', mode: PROGRAM, content: Buffer.from(INIT.replace('MODULES', names.join(' '))) },
    // The kernel opens it before the first program, and devtmpfs is mounted by that one.
    { path: 'dev/console', mode: 0o020600, device: [5, 1] },
    ...modules,
  ]);
}
