import { readdir, readFile } from 'node:fs/promises';

/** What a process and all below it have used and hold, from `/proc` (proc(5)). */
export interface TreeUse {
  readonly pids: readonly number[];
  /** Processor time of all of them, and of those among their children that have ended and were waited for, seconds. */
  readonly cpuS: number;
  readonly rssMb: number;
  /** Shared pages counted by share. */
  readonly pssMb: number;
  /** Pages that no other process has. */
  readonly ussMb: number;
  /** Open descriptors of the process itself. */
  readonly descriptors: number;
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** USER_HZ: what `/proc/PID/stat` counts in, 100 on every Linux that Debian makes. */
const TICKS_PER_S = 100;

/** Looks at a process and everything below it. @throws Error where the process is not there */
export async function treeUse(root: number): Promise<TreeUse> {
  const stats = await allStats();
  const pids = [root];
  for (let at = 0; at < pids.length; at += 1) {
    pids.push(...stats.filter(({ parent }) => parent === pids[at]).map(({ pid }) => pid));
  }
  const members = stats.filter(({ pid }) => pids.includes(pid));
  if (!members.some(({ pid }) => pid === root)) throw new Error(`process ${root} is not there`);
  const memory = await Promise.all(pids.map((pid) => memoryOf(pid)));
  const sum = (of: (one: Memory) => number): number => memory.reduce((all, one) => all + of(one), 0) / 1024;
  return {
    pids,
    cpuS: members.reduce((all, { ticks }) => all + ticks, 0) / TICKS_PER_S,
    rssMb: sum(({ rssKb }) => rssKb),
    pssMb: sum(({ pssKb }) => pssKb),
    ussMb: sum(({ ussKb }) => ussKb),
    descriptors: (await readdir(`/proc/${root}/fd`)).length,
  };
}

async function allStats(): Promise<Stat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(pids.map((pid) => readIfThere(`/proc/${pid}/stat`)));
  return texts.flatMap((text) => {
    // The name stands in brackets and may hold any character. Fields 14 to 17: utime, stime, cutime, cstime.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const numbers = [11, 12, 13, 14].map((index) => Number(fields[index]));
    if (fields.length < 15) return [];
    return [
      { pid: Number.parseInt(text, 10), parent: Number(fields[1]), ticks: numbers.reduce((a, b) => a + b) },
    ];
  });
}

interface Memory {
  readonly rssKb: number;
  readonly pssKb: number;
  readonly ussKb: number;
}

async function memoryOf(pid: number): Promise<Memory> {
  const text = await readIfThere(`/proc/${pid}/smaps_rollup`);
  const kb = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { rssKb: kb('Rss'), pssKb: kb('Pss'), ussKb: kb('Private_Clean') + kb('Private_Dirty') };
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // It ended in the meantime.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  });
}
