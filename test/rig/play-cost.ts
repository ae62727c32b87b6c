import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../agent/core/clock.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { quantile } from '../heard/transitions.js';
import { ProvinceFolder } from '../source-system/province-folder.js';
import { waitUntil } from '../support/wait-until.js';
import { pacedSound, toneInput, type PacedFormat } from './paced-sound.js';
import { ffmpegToAlsa, Peer } from './peer.js';
import { treeUse, type TreeUse } from './process-tree.js';
import type { SoundBench } from './sound-bench.js';

/** What playing one format cost the receiver and, at the same time and on the same address, `ffmpeg -f alsa`. */
export interface PlayCost {
  readonly format: PacedFormat;
  readonly seconds: number;
  readonly loaCpuS: number;
  readonly ffmpegCpuS: number;
  /** Of the receiver's process tree while it played, the median of samples, MB. */
  readonly loaUssMb: number;
}

const SAMPLE_MS = 1_000;
const BURST_MS = 1_000;

/** Plays a live stream of a format on the receiver and on ffmpeg side by side. Both pay for their start of the play. */
export async function playCost(bench: SoundBench, format: PacedFormat, seconds: number): Promise<PlayCost> {
  const sound = await pacedSound(toneInput(440, seconds + 30), format);
  const url = bench.media.serve(`/cost-${format}`, { sound, burstMs: BURST_MS, fromStart: true });
  await bench.record.untilQuiet(300, 10_000);
  const before = await treeUse(bench.pid);
  const peer = await Peer.start(bench.folder, 'ffmpeg', ffmpegToAlsa(url));
  try {
    const { sentMs, playId } = await bench.play({ kind: 'live', url });
    await bench.record.firstSound(sentMs, 10_000);
    const uses: TreeUse[] = [];
    for (let n = 0; n < seconds; n += 1) {
      await sleep(SAMPLE_MS);
      if (n % 5 === 4) uses.push(await treeUse(bench.pid));
    }
    const after = await treeUse(bench.pid);
    const ofPeer = await treeUse(peer.pid);
    await peer.record.firstSound(peer.startedMs, 1_000);
    await bench.stop(playId);
    await bench.receiptOf({ playId });
    return {
      ...{ format, seconds, ffmpegCpuS: ofPeer.cpuS, loaCpuS: after.cpuS - before.cpuS },
      loaUssMb: quantile(
        [...uses, after].map(({ ussMb }) => ussMb),
        0.5,
      ),
    };
  } finally {
    await peer.kill();
  }
}

/**
 * A copy of the Node that runs this: no other process shares its pages, so that unshared memory is what it would be with
 * no other Node running.
 */
export async function ownNode(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await copyFile(process.execPath, path);
  return path;
}

/** USS of a bare Node with one worker and one MQTT client over TLS to the bench's broker, MB. */
export async function bareNodeUssMb(bench: SoundBench): Promise<number> {
  const home = await ProvinceFolder.open(join(bench.folder, 'rig', 'province'), systemClock);
  const folder = join(bench.folder, 'bare');
  await mkdir(folder);
  await writeFile(join(folder, 'ca.pem'), home.ca.anchorsPem);
  await writeFile(join(folder, 'client.pem'), home.operator.certificatePem);
  await writeFile(join(folder, 'client.key'), home.operator.keyPem, { mode: 0o600 });
  const program = join(repositoryRoot(import.meta.url), 'dist', 'test', 'rig', 'bare-node.js');
  const url = `mqtts://localhost:${bench.rig.mosquitto.port}`;
  const bare = await Peer.start(bench.folder, 'bare-node', [
    await ownNode(folder, 'node'),
    program,
    url,
    folder,
  ]);
  try {
    await waitUntil('the bare client is connected', () => bare.said.includes('connected'));
    const samples: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      await sleep(SAMPLE_MS);
      samples.push((await treeUse(bare.pid)).ussMb);
    }
    return quantile(samples, 0.5);
  } finally {
    await bare.kill();
  }
}
