import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf } from '../../agent/core/errors.js';
import type { Emergency } from '../../protocols/messages/emergency.js';
import { monotonicMs } from './card-record.js';
import { SoundBench, type SoundBenchOptions } from './sound-bench.js';

const run = promisify(execFile);

/** What a world that is broken is made with. */
export interface Scene {
  readonly bench: SoundBench;
  /** An existing folder of this cell. */
  readonly folder: string;
  /** The receiver's state folder; a file system of its own where the world asks for one. */
  readonly stateFolder: string;
}

/** One row of the matrix: how a world is broken, and what is asked of an emergency in it. */
export interface BrokenWorld {
  readonly name: string;
  /** False: sound within 1 s is asked for, no median. */
  readonly sinkAlive: boolean;
  readonly times: number;
  /** What its latency counts from: the publication where left out, or that the broker had taken it, behind all that it held. */
  readonly from?: 'publication' | 'acknowledgement';
  /** Each is to be heard within so long, milliseconds; 1,000 where left out. */
  readonly limitMs?: number;
  /** The state folder is a file system of its own, of so many MiB. */
  readonly diskMb?: number;
  /** How the bench differs; `folder` is the cell's. */
  readonly bench?: (folder: string) => Promise<Partial<SoundBenchOptions>>;
  /** Breaks it, once. */
  readonly break?: (scene: Scene) => Promise<unknown>;
  /** Before each emergency. */
  readonly before?: (scene: Scene) => Promise<unknown>;
  /** What the emergency sounds from beside the chime; a stored siren where left out. */
  readonly content?: (scene: Scene) => Emergency['content'];
  /** Sends an emergency and measures it another way; milliseconds from its publication to its first sample. */
  readonly measure?: (scene: Scene) => Promise<number>;
  /** Undoes what would keep the bench from ending. */
  readonly mend?: (scene: Scene) => Promise<unknown>;
}

/** What was heard in a world. */
export interface WorldHeard {
  readonly name: string;
  readonly sinkAlive: boolean;
  readonly limitMs: number;
  /** From the publication to the first sample at the card, milliseconds; Infinity where nothing was heard. */
  readonly latenciesMs: readonly number[];
  /** It could not be broken: nothing is known. */
  readonly failure?: string;
}

/** In every world but those that only the mirror is left in. */
export const HEARD_WITHIN_MS = 1_000;
const QUIET_MS = 200;
const QUIET_LIMIT_MS = 20_000;
/** Later than this counts as not heard. */
const HEARD_LIMIT_MS = 4_000;
const SIREN: Emergency['content'] = [{ kind: 'stored', name: 'siren' }];

/** Breaks a world around the whole receiver on the software card, and lets emergencies begin in it. */
export async function hearIn(world: BrokenWorld, folder: string): Promise<WorldHeard> {
  const { name, sinkAlive, limitMs = HEARD_WITHIN_MS } = world;
  const stateFolder = join(folder, 'receiver', 'state');
  const closers: (() => Promise<unknown>)[] = [];
  const latenciesMs: number[] = [];
  try {
    await mkdir(stateFolder, { recursive: true });
    if (world.diskMb !== undefined) closers.push(await mountDisk(folder, stateFolder, world.diskMb));
    const bench = await SoundBench.open({ folder, ...(await world.bench?.(folder)) });
    closers.push(() => bench.close());
    const scene = { bench, folder, stateFolder };
    closers.push(async () => world.mend?.(scene));
    await world.break?.(scene);
    for (let i = 0; i < world.times; i += 1) {
      await world.before?.(scene);
      latenciesMs.push(await (world.measure ?? heardOnce)(scene, world.content?.(scene)));
    }
    return { name, sinkAlive, limitMs, latenciesMs };
  } catch (error) {
    return { name, sinkAlive, limitMs, latenciesMs, failure: messageOf(error).slice(0, 200) };
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

/** A small disk of its own, as a receiver's card has one (root alone may). @returns what takes it away */
async function mountDisk(folder: string, at: string, sizeMb: number): Promise<() => Promise<unknown>> {
  const image = join(folder, 'disk.ext4');
  await run('truncate', ['-s', `${sizeMb}M`, image]);
  await run('/sbin/mkfs.ext4', ['-q', '-F', image]);
  await run('mount', ['-o', 'loop,errors=remount-ro', image, at]);
  return () => run('umount', ['-l', at]);
}

/** The disk of a world fails: its file system turns read-only under all that is open on it, as ext4 does by itself. */
export async function failDisk({ folder, stateFolder }: Scene): Promise<void> {
  const { stdout } = await run('/sbin/losetup', ['-n', '-O', 'NAME', '-j', join(folder, 'disk.ext4')]);
  await writeFile(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, '1');
  const written = await writeFile(join(stateFolder, 'probe'), '').then(
    () => true,
    () => false,
  );
  if (written) throw new Error('the disk still takes something');
}

/** One emergency from silence to its first sample; it is ended, and silence waited for. */
export async function heardOnce({ bench }: Scene, content = SIREN): Promise<number> {
  await bench.record.untilQuiet(QUIET_MS, QUIET_LIMIT_MS);
  await sleep(Math.random() * 20);
  const { sentMs } = await bench.emergency(content);
  const latencyMs = await latencyOf(bench, sentMs);
  await bench.endEmergencies();
  return latencyMs;
}

/** Milliseconds from an instant to the first sample on the card; Infinity where there is none in time. */
export async function latencyOf(bench: SoundBench, sinceMs: number): Promise<number> {
  const first = await bench.record.firstSound(sinceMs, HEARD_LIMIT_MS).catch(() => Infinity);
  return first - sinceMs;
}

/** Ends the receiver as a crash would, and starts it again. */
export async function restartReceiver({ bench }: Scene): Promise<void> {
  const { receiver } = bench;
  await receiver.stop('SIGKILL');
  await receiver.start();
  await receiver.waitFor(
    'connected, its card open',
    ({ link, sink }) => link.kind === 'up' && sink.ok,
    60_000,
  );
  await sleep(1_000);
}

/** Sends so many copies of something, without waiting for each. */
export async function inBatches(count: number, size: number, send: () => Promise<unknown>): Promise<void> {
  for (let sent = 0; sent < count; sent += size)
    await Promise.all(Array.from({ length: Math.min(size, count - sent) }, () => send()));
}

/** Now, on the card's scale. */
export const nowMs = monotonicMs;
