import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, symlink, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../agent/core/clock.js';
import { childrenOf } from '../faults/child-processes.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { startBeats } from '../source-system/beats.js';
import { KeptLog } from '../support/kept-log.js';
import { waitUntil } from '../support/wait-until.js';
import { brokenLinks } from './broken-links.js';
import { brokenUpdates } from './broken-updates.js';
import { failDisk, latencyOf, restartReceiver, type BrokenWorld, type Scene } from './broken-world.js';
import { isSteadyTone, leftAfter } from './interruptions.js';
import { encoded, toneInput } from './paced-sound.js';
import { BENCH_RECEIVER } from './sound-bench.js';

const run = promisify(execFile);
const MANY = 20;
const AREA = { area: 'ap-1' } as const;
/** Fills a file system to the last block. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  const block = Buffer.alloc(4_096, 1);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}

/** A program loaded before the receiver, by its name in this folder. */
function loadedFirst(name: string): string {
  const path = join(repositoryRoot(import.meta.url), 'dist', 'test', 'rig', `${name}.js`);
  return `--import=${pathToFileURL(path).href}`;
}

/**
 * A receiver whose clock is stepped to a year while it is connected.
 * @param hasBeats its province answers its birth with a beat, as provinces do; otherwise nobody has told it the time
 */
function steppedTo(year: number, hasBeats: boolean): Pick<BrokenWorld, 'bench' | 'break' | 'mend'> {
  let beats: { close(): void } | undefined;
  return {
    bench: withClock,
    async break(scene) {
      const { rig } = scene.bench;
      const { province, ears } = rig;
      const broker = { publish: rig.send.bind(rig) };
      if (hasBeats)
        beats = startBeats({
          ...{ province, broker, ears, clock: systemClock, log: new KeptLog(), everyMs: 900_000 },
          onBeat: async () => undefined,
        });
      await restartReceiver(scene);
      await waitUntil('the clock is as it should be', async () => {
        const { stdout } = await scene.bench.receiver.loa(['trust', '--json']);
        const { clock } = JSON.parse(stdout) as { clock: string };
        return clock === (hasBeats ? 'trusted' : 'unconfirmed') || undefined;
      });
      const offsetMs = Date.parse(`${year}-01-01T00:00:30Z`) - Date.now();
      await writeFile(join(scene.folder, 'clock'), String(Math.round(offsetMs)));
      await sleep(500);
    },
    mend: async () => beats?.close(),
  };
}

const withClock = async (folder: string): ReturnType<NonNullable<BrokenWorld['bench']>> => ({
  env: { NODE_OPTIONS: loadedFirst('stepped-clock'), RIG_CLOCK_FILE: join(folder, 'clock') },
});

/** A log that takes nothing more, as a journald that hangs with its disk: a pipe, full, whose reader is there and does not read. */
function unreadLog(): Pick<BrokenWorld, 'break' | 'mend'> {
  let reader: FileHandle | undefined;
  return {
    async break(scene) {
      const path = join(scene.folder, 'log');
      await run('mkfifo', [path]);
      reader = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
      // Another description of the same pipe: a write to it waits.
      const output = await open(path, constants.O_WRONLY);
      const block = Buffer.alloc(4_096, 10);
      const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';
      for (let full = false; !full;)
        await reader.write(block).catch((error: unknown) => {
          if (!isFull(error)) throw error;
          full = true;
        });
      scene.bench.receiver.logTo(output.fd);
      await restartReceiver(scene);
      await output.close();
    },
    // With its reader gone the pipe breaks: what waits to write to it is let go.
    mend: async () => reader?.close(),
  };
}

/** A path on which the player stands, but no decoder and no voice. */
async function withoutDecoders(folder: string): ReturnType<NonNullable<BrokenWorld['bench']>> {
  const path = join(folder, 'bin');
  await mkdir(path);
  const { stdout } = await run('sh', ['-c', 'command -v aplay']);
  await symlink(stdout.trim(), join(path, 'aplay'));
  return { env: { PATH: path } };
}

/** An amixer that knows one control, in place of ALSA's: the software card has none of its own, and is silent while its control file says so. */
const AMIXER = `#!/bin/sh
while [ "$1" = -c ] || [ "$1" = -D ] || [ "$1" = -q ]; do [ "$1" = -q ] || shift; shift; done
state=$(cat "$LOA_CARD_CONTROL")
if [ "$1" = sset ]; then
  case "$*" in *unmute*) state= ;; *mute*) state=mute ;; esac
  printf %s "$state" >"$LOA_CARD_CONTROL.new" && mv "$LOA_CARD_CONTROL.new" "$LOA_CARD_CONTROL"
else
  [ "$state" = mute ] && level='0 [0%] [off]' || level='100 [100%] [on]'
  printf "Simple mixer control 'Master',0\\n  Capabilities: pvolume pswitch\\n  Mono: Playback %s\\n" "$level"
fi
`;

/** Somebody has muted the card, and turned it down; after each emergency it is as they left it. */
function muted(): Pick<BrokenWorld, 'bench' | 'break' | 'before'> {
  return {
    async bench(folder) {
      const bin = join(folder, 'mixer');
      await mkdir(bin);
      await writeFile(join(bin, 'amixer'), AMIXER, { mode: 0o755 });
      return { env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } };
    },
    break: ({ bench }) => writeFile(bench.env['LOA_CARD_CONTROL'] ?? '', 'mute'),
    async before({ bench }) {
      const path = bench.env['LOA_CARD_CONTROL'] ?? '';
      const isMute = async (): Promise<true | undefined> =>
        (await readFile(path, 'utf8')) === 'mute' || undefined;
      await waitUntil('the card is mute again', isMute, { deadlineMs: 20_000 });
    },
  };
}

async function changeSettings(scene: Scene, change: Record<string, unknown>): Promise<void> {
  const { receiver } = scene.bench;
  const before = JSON.parse(await readFile(receiver.configPath, 'utf8')) as Record<string, unknown>;
  await receiver.configure({ ...before, ...change });
  await restartReceiver(scene);
}

async function crashFiveTimes(scene: Scene): Promise<void> {
  for (let i = 0; i < 5; i += 1) await restartReceiver(scene);
  const { safeMode } = await scene.bench.receiver.status();
  if (safeMode !== 'crashes') throw new Error('five crashes made no safe mode');
}

async function lowerOnAir({ bench }: Scene): Promise<number> {
  const tone = await encoded(toneInput(480, 30), ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac']);
  const content = [bench.file('lower.flac', tone)];
  const lower = { title: 'lower', content, repeatEveryMs: 3_600_000 };
  await bench.rig.send(await bench.rig.province.emergencySet('tan-hoa', AREA, [lower]));
  await bench.record.until('the lower one sounds', 600, (heard) => isSteadyTone(heard), 20_000);
  const { sentMs } = await bench.emergency([{ kind: 'stored', name: 'siren' }]);
  const left = await leftAfter(bench, sentMs);
  await bench.endEmergencies();
  await bench.rig.send(await bench.rig.province.emergencySet('tan-hoa', AREA, []));
  if (left === undefined) throw new Error('the lower emergency was not steady');
  return left.atMs - sentMs;
}

async function killPlayer({ bench }: Scene): Promise<number> {
  await bench.record.untilQuiet(200, 20_000);
  const player = (await childrenOf(bench.pid)).find(({ program }) =>
    ['loa-player', 'aplay'].includes(program),
  );
  if (player === undefined) throw new Error('the receiver has no player');
  process.kill(player.pid, 'SIGKILL');
  const { sentMs } = await bench.emergency([{ kind: 'stored', name: 'siren' }]);
  const latencyMs = await latencyOf(bench, sentMs);
  await bench.endEmergencies();
  return latencyMs;
}

async function emptyCache({ stateFolder }: Scene): Promise<void> {
  const media = join(stateFolder, 'media');
  for (const name of await readdir(media).catch(() => [])) await rm(join(media, name), { recursive: true });
}

let files = 0;
/** Never fetched before. */
const newFile = (speech: Buffer) => (scene: Scene) => {
  files += 1;
  const bytes = Buffer.concat([speech, Buffer.alloc(files, 0)]);
  return [scene.bench.file(`new-${files}.mp3`, bytes), { kind: 'stored', name: 'siren' } as const];
};

/** Every world of the matrix that a card can be heard in. The mirror's are measured apart. */
export async function brokenWorlds(): Promise<readonly BrokenWorld[]> {
  const speech = await readFile(speechPath('notice.mp3'));
  const alive = { sinkAlive: true, times: MANY };
  return [
    { name: 'nothing broken', ...alive },
    { name: 'disk full', ...alive, diskMb: 24, break: ({ stateFolder }) => fill(join(stateFolder, 'fill')) },
    { name: 'disk read-only', ...alive, diskMb: 24, break: failDisk },
    {
      ...{ name: 'disk read-only since before the start', ...alive, diskMb: 24 },
      async break(scene) {
        await scene.bench.receiver.stop();
        await failDisk(scene);
        await restartReceiver(scene);
      },
    },
    {
      ...{ name: 'disk that hangs: nothing written to it returns', ...alive, diskMb: 24 },
      break: ({ stateFolder }) => run('fsfreeze', ['-f', stateFolder]),
      mend: ({ stateFolder }) => run('fsfreeze', ['-u', stateFolder]),
    },
    { name: 'log that nobody reads', ...alive, ...unreadLog() },
    {
      ...{ name: 'configuration corrupt', ...alive },
      async break(scene) {
        await writeFile(scene.bench.receiver.configPath, '{"broker":{"host":"mqtt');
        await restartReceiver(scene);
      },
    },
    {
      ...{ name: 'media server dead', ...alive },
      break: ({ bench }) => bench.media.goAway(),
      content: ({ bench }) => [
        { kind: 'live', url: `http://${bench.media.host}/gone.mp3` },
        { kind: 'stored', name: 'siren' },
      ],
      mend: ({ bench }) => bench.media.comeBack(),
    },
    {
      ...{ name: 'decoder and voice missing', ...alive, bench: withoutDecoders },
      content: () => [
        { kind: 'text', text: 'Lũ đang lên.', lang: 'vi' },
        { kind: 'stored', name: 'siren' },
      ],
    },
    { name: 'cache empty', ...alive, before: emptyCache, content: newFile(speech) },
    ...[1970, 2099].flatMap((year) => [
      { name: `clock stepped to ${year} while connected`, ...alive, ...steppedTo(year, true) },
      { name: `clock stepped to ${year} while connected, no beat ever`, ...alive, ...steppedTo(year, false) },
    ]),
    {
      ...{ name: 'permitted hours closed', ...alive },
      async break({ bench }) {
        const hours = { normal: [], priority: [] };
        await bench.rig.send(await bench.rig.province.desired(BENCH_RECEIVER, { permittedHours: hours }));
        await sleep(500);
      },
    },
    {
      ...{ name: 'every other volume at its least, all day', ...alive },
      break: (scene) =>
        changeSettings(scene, {
          volume: { normalDb: -40, priorityDb: -40, byTime: [{ from: '00:00', to: '24:00', gainDb: -40 }] },
        }),
    },
    { name: 'the card muted and at volume 0 in its mixer', ...alive, ...muted() },
    { name: "a lower authority's emergency on air", ...alive, measure: lowerOnAir },
    { name: 'safe mode after five crashes', ...alive, break: crashFiveTimes },
    { name: 'sink restarting', sinkAlive: false, times: 5, measure: killPlayer },
    {
      ...{ name: 'main loop busy for 40 of each 100 ms', ...alive },
      bench: async () => ({ env: { NODE_OPTIONS: loadedFirst('busy-main') } }),
    },
    ...brokenLinks(MANY),
    ...brokenUpdates(MANY),
  ];
}
