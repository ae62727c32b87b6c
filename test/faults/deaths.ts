import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCard } from '../fixtures/sound-card/card.js';
import { withoutMosquitto } from '../fakes/broker-mosquitto.js';
import type { Ears } from '../source-system/ears.js';
import { missingTool } from '../support/external-tool.js';
import { killBroker, type BrokerDeath } from './broker-death.js';
import { openDeathBench } from './death-bench.js';
import { killMedia, type MediaDeath } from './media-death.js';
import { killReceiver, type ReceiverDeath } from './receiver-death.js';
import { killSink, type SinkDeath } from './sink-death.js';

/** What was seen when everything around a receiver was killed in turn, and at last the receiver. */
export interface Deaths {
  readonly broker: BrokerDeath;
  readonly media: MediaDeath;
  readonly sink: SinkDeath;
  readonly receiver: ReceiverDeath;
  /** One process, with one start, lived through the deaths of broker, media server and sink. */
  readonly sameProcess: boolean;
  /** Signed records of the receiver that do not follow the one before (of how many). */
  readonly chainBreaks: number;
  readonly records: number;
}

/** Why the scenario cannot run here; false where it can. */
export async function withoutDeathTools(): Promise<string | false> {
  const missing = withoutMosquitto() || missingTool('ffmpeg');
  if (missing !== false) return missing;
  if (spawnSync('aplay', ['--version']).error !== undefined) return 'missing tool: aplay';
  const card = await buildCard();
  return card.ok ? false : `missing tool: ${card.missing}`;
}

/**
 * Kills broker, media server and sink under a bulletin on air, each with SIGKILL, and then the receiver with reports
 * undelivered. Takes about a minute.
 * @param options.folder an empty folder for everything that is made
 */
export async function deaths({ folder }: { readonly folder: string }): Promise<Deaths> {
  const bench = await openDeathBench(folder);
  try {
    const { receiver, province } = bench;
    const before = { pid: receiver.pid, startedAt: (await receiver.status()).startedAt };
    const { playId } = (await bench.play({ title: 'Bản tin sáng', forMs: 180_000 })).message.body;
    await bench.untilSounding();
    const broker = await killBroker(bench);
    await bench.untilSounding();
    const media = await killMedia(bench, playId);
    const stop = await province.province.playStop('tan-hoa', { target: { area: 'ap-1' }, playId });
    await province.send(stop);
    await bench.receiptOf(playId);
    // The card still holds the end of it.
    await sleep(500);
    const sink = await killSink(bench);
    const after = { pid: receiver.pid, startedAt: (await receiver.status()).startedAt };
    return {
      ...{ broker, media, sink },
      sameProcess: before.pid === after.pid && before.startedAt === after.startedAt,
      receiver: await killReceiver(bench, folder),
      ...chainOf(province.ears),
    };
  } finally {
    await bench.close();
  }
}

function chainOf({ receipts, events }: Ears): Pick<Deaths, 'chainBreaks' | 'records'> {
  const links = [...receipts, ...events].map(({ chain }) => chain);
  const breaks = links.filter((chain) => chain === 'gap' || chain === 'fork').length;
  const firsts = links.filter((chain) => chain === 'first').length;
  return { chainBreaks: breaks + Math.max(0, firsts - 1), records: links.length };
}
