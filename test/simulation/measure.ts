import type { Stage } from './stage.js';

/** Times of the unit's newest start, milliseconds of the receiver's monotonic clock. */
export interface UnitTimes {
  readonly startedMs: number;
  /** systemd was told that it runs. */
  readonly readyMs: number;
}

/** When the unit was last started and when it was ready, from systemd. */
export async function unitTimes(stage: Stage): Promise<UnitTimes> {
  const shown = await stage.machine.must(
    'systemctl show loa.service -p InactiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic',
  );
  const value = (name: string): number => {
    const found = new RegExp(`^${name}=(\\d+)$`, 'm').exec(shown)?.[1];
    if (found === undefined || found === '0') throw new Error(`systemd does not tell ${name}: ${shown}`);
    return Number(found) / 1000;
  };
  return {
    startedMs: value('InactiveExitTimestampMonotonic'),
    readyMs: value('ActiveEnterTimestampMonotonic'),
  };
}

/**
 * When it said something, milliseconds of its monotonic clock. The host's clock cannot tell: the receiver's waits for a slow host.
 * @param at by its system's clock, which nobody has set since
 */
export async function monotonicOf(stage: Stage, at: string): Promise<number> {
  const clocks = await stage.machine.must('echo $(date +%s.%N) $(cut -d" " -f1 /proc/uptime)');
  const [wallS = NaN, uptimeS = NaN] = clocks.split(' ').map(Number);
  return Date.parse(at) - (wallS - uptimeS) * 1000;
}

/** How long a bare Node takes in the receiver, milliseconds, the median of three. */
export async function bareNodeMs(stage: Stage): Promise<number> {
  const script =
    'for i in 1 2 3; do a=$(date +%s%N); node -e 0; b=$(date +%s%N); echo $(( (b - a) / 1000 )); done';
  const tries = (await stage.machine.must(script)).split('\n').map((us) => Number(us) / 1000);
  const median = tries.sort((a, b) => a - b)[1];
  if (median === undefined || Number.isNaN(median)) throw new Error('no time of a bare node');
  return median;
}

/** What only the processes of the receiver have in memory (USS: private pages, smaps_rollup), MB. */
export async function ussMb(stage: Stage): Promise<number> {
  const script =
    'for p in $(cat /sys/fs/cgroup/system.slice/loa.service/cgroup.procs); do cat /proc/$p/smaps_rollup; done 2>/dev/null | ' +
    "awk '/^Private_(Clean|Dirty):/ { sum += $2 } END { print sum }'";
  const kib = Number(await stage.machine.must(script));
  if (!(kib > 0)) throw new Error('no memory figures');
  return (kib * 1024) / 1e6;
}
