import { setTimeout as sleep } from 'node:timers/promises';
import { readWav } from '../heard/wav.js';
import { SwitchBoard } from '../support/switch-board.js';
import { mosquittoProvince, openInputBench } from './input-bench.js';
import { longestSilenceMs } from './silences.js';

/** What was seen when the way to the broker became a black hole while a bulletin was on air. */
export interface BlackHole {
  readonly keepaliveS: number;
  /** From the hole's beginning until the receiver knew. */
  readonly noticedMs: number;
  /** What it knew. */
  readonly code: string;
  /** Longest silence of the bulletin from the hole's beginning until the link was back. */
  readonly longestSilenceMs: number;
  /** The bulletin was on air when the link was back. */
  readonly stillOnAir: boolean;
  /** Alarm and clearing that the province got afterwards, and how long the receiver says it was away. */
  readonly alarm: string;
  readonly cleared: string;
  readonly reportedAwayMs: number;
  /** From the moment at which the receiver knew until it was back. */
  readonly awayMs: number;
}

/** Swallows every byte between receiver and mosquitto in mid-play, with the connection left open, and mends it later. */
export async function blackHole(folder: string, keepaliveS = 8): Promise<BlackHole> {
  const province = await mosquittoProvince(folder);
  const board = await SwitchBoard.listen(province.brokerPort);
  const close = province.close.bind(province);
  const bench = await openInputBench(
    folder,
    { ...province, brokerPort: board.port, close },
    { keepaliveS, keepaliveMaxS: keepaliveS },
  );
  const { receiver, bulletin, ears } = bench;
  try {
    const fromFrame = await bench.heardFrames();
    const holeMs = performance.now();
    const holeAt = Date.now();
    board.blackHole();
    const { link } = await receiver.waitFor('aware of it', (status) => status.link.kind !== 'up', 60_000);
    const knewMs = performance.now();
    await sleep(3_000);
    board.mend();
    const { onAir } = await receiver.waitFor('back', (status) => status.link.kind === 'up', 60_000);
    const backMs = performance.now();
    const toFrame = await bench.heardFrames();
    const told = async (kind: 'alarm' | 'cleared'): Promise<{ code: string; awayMs: number }> => {
      const { body } = (
        await ears.waitFor(
          'event',
          ({ message }) =>
            message.body.kind === kind &&
            message.body.code.startsWith('E_LINK_') &&
            Date.parse(message.at) >= holeAt,
          20_000,
        )
      ).message;
      return { code: body.code, awayMs: Number(body.fields?.['awayMs'] ?? NaN) };
    };
    const alarm = await told('alarm');
    const cleared = await told('cleared');
    const heard = await readWav(bench.heardPath);
    return {
      keepaliveS,
      noticedMs: knewMs - holeMs,
      code: link.lastError?.code ?? '-',
      longestSilenceMs: longestSilenceMs(heard, fromFrame, toFrame),
      stillOnAir: onAir?.playId === bulletin.message.body.playId,
      alarm: alarm.code,
      cleared: cleared.code,
      reportedAwayMs: cleared.awayMs,
      awayMs: backMs - knewMs,
    };
  } finally {
    await bench.close();
    await board.close();
  }
}
