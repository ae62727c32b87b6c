import { readdir, readFile } from 'node:fs/promises';

/** A child of a process, from `/proc` (proc(5)). */
export interface ChildOfProcess {
  readonly pid: number;
  /** The program's name, at most 15 characters. */
  readonly program: string;
}

/** The children that a process has now, whichever of its threads started them. */
export async function childrenOf(parentPid: number): Promise<ChildOfProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readStat(pid)));
  return found.flatMap((one) => (one?.parentPid === parentPid ? [one] : []));
}

async function readStat(pid: string): Promise<(ChildOfProcess & { parentPid: number }) | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // It ended in the meantime.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  });
  // The name stands in brackets and may hold any character, brackets too.
  const fields = /^\d+ \((.*)\) \S (\d+) /s.exec(text);
  if (fields === null) return undefined;
  return { pid: Number(pid), program: fields[1] ?? '', parentPid: Number(fields[2]) };
}
