import { readlink, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DiskReading } from '../types.js';
import { promptText, textOf, type KernelRoots } from './kernel-files.js';

const MB = 1_048_576;

/** The mount that holds a path, of /proc/self/mountinfo (proc(5)): the longest that leads to it, the last of equals. */
export function mountOf(
  mountinfo: string,
  path: string,
): { readonly device: string; readonly readOnly: boolean } | undefined {
  let best: { readonly at: string; readonly device: string; readonly readOnly: boolean } | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , device, , encoded, options = ''] = before.split(' ');
    if (device === undefined || encoded === undefined) continue;
    const at = encoded.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    const holds = at === '/' || path === at || path.startsWith(`${at}/`);
    if (!holds || (best !== undefined && at.length < best.at.length)) continue;
    const ofDisk = after.split(' ')[2] ?? '';
    // The mount of a service may be read-only by its unit, the file system by a fault: both keep nothing.
    const readOnly = [...options.split(','), ...ofDisk.split(',')].includes('ro');
    best = { at, device, readOnly };
  }
  return best;
}

/** Finds the disk of a folder. @param folder an absolute path, without symbolic links */
export async function openDiskHealth(
  roots: KernelRoots,
  folder: string,
): Promise<() => Promise<DiskReading | undefined>> {
  const mountinfo = join(roots.proc, 'self/mountinfo');
  const first = mountOf((await textOf(mountinfo)) ?? '', folder);
  const block = first === undefined ? undefined : await blockOf(roots, first.device);
  return async () => {
    const mount = mountOf(promptText(mountinfo) ?? '', folder);
    const space = await statfs(folder).catch(() => undefined);
    if (mount === undefined && space === undefined) return undefined;
    const counted = block && promptText(join(roots.sys, 'fs/ext4', block.name, 'errors_count'));
    const errors = counted === undefined || counted === '' ? undefined : Number(counted);
    const wornPercent = wornOf(block && promptText(join(block.disk, 'device/life_time')));
    return {
      readOnly: mount?.readOnly ?? false,
      ...(space === undefined
        ? {}
        : {
            freeMb: Math.round((space.bavail * space.bsize) / MB),
            totalMb: Math.round((space.blocks * space.bsize) / MB),
          }),
      ...(errors === undefined ? {} : { errors }),
      ...(wornPercent === undefined ? {} : { wornPercent }),
    };
  };
}

/** The name of a block device (`mmcblk0p2`), and the folder of the disk that it is a part of. */
async function blockOf(
  { sys }: KernelRoots,
  device: string,
): Promise<{ readonly name: string; readonly disk: string } | undefined> {
  const at = join(sys, 'dev/block', device);
  const to = await readlink(at).catch(() => undefined);
  if (to === undefined) return undefined;
  const own = join(dirname(at), to);
  const isPart = (await textOf(join(own, 'partition'))) !== undefined;
  return { name: basename(own), disk: isPart ? dirname(own) : own };
}

/** `0x02 0x01`: by type A and B, 0x01 is up to 10 % used, 0x0b beyond its life. */
function wornOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const steps = text
    .split(/\s+/)
    .map(Number)
    .filter((one) => one >= 1 && one <= 11);
  return steps.length === 0 ? undefined : Math.min(100, Math.max(...steps) * 10);
}
