import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from './child-processes.js';
import { heardFrameAt, monotonicMs, RECEIVER, type DeathBench } from './death-bench.js';
import { silencesOf } from './silences.js';

/** What was seen when the player process was killed in mid-play. */
export interface SinkDeath {
  /** The alarm and its clearing, by code. */
  readonly alarm: string;
  readonly cleared: string;
  /** The silence on the card that the death made, milliseconds. */
  readonly silentMs: number;
  /** From the first to the last frame of the bulletin on the card's timeline, the silence included. */
  readonly askedFrames: number;
  /** Those of them that the card gave to the loudspeaker. */
  readonly cardFrames: number;
  /** What the receipt claims. */
  readonly claimedFrames: number;
  /** A player process other than the one that was killed, and only one. */
  readonly newPlayer: boolean;
}

const LEASE_MS = 9_000;

/** Kills the receiver's `aplay` 3 s into a bulletin with a lease of 9 s, and compares its receipt with the card. */
export async function killSink(bench: DeathBench): Promise<SinkDeath> {
  const { card, receiver, province } = bench;
  const sentMs = monotonicMs();
  const start = await bench.play({ title: 'Cổng âm thanh chết', forMs: LEASE_MS });
  await bench.untilSounding();
  await sleep(1_500);
  const player = await playerOf(receiver.pid);
  const killedMs = monotonicMs();
  process.kill(player, 'SIGKILL');
  const sinkEvent = (kind: 'alarm' | 'cleared') =>
    province.ears.waitFor(
      'event',
      ({ receiver: id, message: { body } }) =>
        id === RECEIVER && body.kind === kind && body.code.startsWith('E_SINK_'),
      10_000,
    );
  const alarm = (await sinkEvent('alarm')).message.body;
  const cleared = (await sinkEvent('cleared')).message.body;
  const { body } = (await bench.receiptOf(start.message.body.playId)).message;
  const next = await playerOf(receiver.pid);
  const heard = await card.timeline();
  const from = heardFrameAt(heard, sentMs);
  const all = silencesOf(heard, from, heard.samples.length).sort((a, b) => a.fromFrame - b.fromFrame);
  const first = all[0]?.fromFrame === from ? (all.shift()?.toFrame ?? from) : from;
  const end = all.at(-1)?.toFrame === heard.samples.length ? all.pop()?.fromFrame : undefined;
  const askedFrames = (end ?? heard.samples.length) - first;
  const lost = all.reduce((sum, { fromFrame, toFrame }) => sum + toFrame - fromFrame, 0);
  const killedFrame = heardFrameAt(heard, killedMs);
  // The silence that follows the kill: what the card still held was not heard.
  const silence = all.find(({ toFrame }) => toFrame > killedFrame);
  return {
    alarm: alarm.code,
    cleared: cleared.code,
    silentMs: silence?.lastedMs ?? NaN,
    askedFrames,
    cardFrames: askedFrames - lost,
    claimedFrames: body.framesHeard,
    newPlayer: next !== player,
  };
}

/** The one player among the children of a receiver. @throws Error where there is none, or more than one */
async function playerOf(receiverPid: number | undefined): Promise<number> {
  const children = await childrenOf(receiverPid ?? NaN);
  const [player, ...more] = children.filter(({ program }) => ['loa-player', 'aplay'].includes(program));
  if (player === undefined || more.length > 0) throw new Error(`its children: ${JSON.stringify(children)}`);
  return player.pid;
}
