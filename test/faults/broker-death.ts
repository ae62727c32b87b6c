import { setTimeout as sleep } from 'node:timers/promises';
import { storedSound } from '../../agent/sound/chime.js';
import { frameAt } from '../fixtures/sound-card/card.js';
import { findLag, type FoundLag } from '../heard/lag.js';
import { heardFrameAt, monotonicMs, type DeathBench } from './death-bench.js';
import { longestSilenceMs } from './silences.js';

/** What was seen when the broker was killed while a bulletin was on air. */
export interface BrokerDeath {
  /** From the kill until the receiver was connected again, as seen from outside. */
  readonly outageMs: number;
  /** What the receiver's own event says of it. */
  readonly reportedAwayMs: number;
  /** The alarm and its clearing, by code. */
  readonly alarm: string;
  readonly cleared: string;
  /** The longest silence on the card from the kill until the receiver was back. */
  readonly longestSilenceMs: number;
  /** From the broker's restart until the receiver was connected. */
  readonly reconnectedMs: number;
  /** The newest state that the province heard is a birth after the outage. */
  readonly online: boolean;
  /** A command given after the outage: what its receipt says, and how like the card's sound is to the one asked for. */
  readonly commandOutcome: string;
  readonly commandCorrelation: number;
  /** How much earlier than on the card its first sample is in the receipt. */
  readonly receiptEarlyMs: number;
}

const OUTAGE_MS = 5_000;

/** Kills mosquitto while a bulletin is on air, starts it 5 s later, and gives a new command. */
export async function killBroker(bench: DeathBench): Promise<BrokerDeath> {
  const { card, receiver } = bench;
  const { mosquitto, ears } = bench.province;
  const killedMs = monotonicMs();
  const killedAt = Date.now();
  await mosquitto.stop('SIGKILL');
  await receiver.waitFor('without its broker', ({ link }) => link.kind !== 'up');
  await sleep(OUTAGE_MS);
  const restartedMs = monotonicMs();
  await mosquitto.start();
  await receiver.waitFor('with its broker again', ({ link }) => link.kind === 'up');
  const upMs = monotonicMs();
  const heard = await card.timeline();
  const linkEvent = (kind: 'alarm' | 'cleared') =>
    ears.waitFor(
      'event',
      ({ message: { at, body } }) =>
        body.kind === kind && body.code.startsWith('E_LINK_') && Date.parse(at) >= killedAt,
      10_000,
    );
  const alarm = (await linkEvent('alarm')).message.body;
  const cleared = (await linkEvent('cleared')).message.body;
  await ears.waitFor(
    'state',
    ({ message: { at, body } }) => body.online && Date.parse(at) >= killedAt,
    10_000,
  );
  return {
    outageMs: upMs - killedMs,
    reportedAwayMs: Number(cleared.fields?.['awayMs'] ?? NaN),
    alarm: alarm.code,
    cleared: cleared.code,
    longestSilenceMs: longestSilenceMs(heard, heardFrameAt(heard, killedMs), heardFrameAt(heard, upMs)),
    reconnectedMs: upMs - restartedMs,
    online: ears.states.at(-1)?.message.body.online === true,
    ...(await playChime(bench)),
  };
}

/** A command that interrupts the bulletin with a sound of its own, and whether that is what was heard. */
async function playChime(
  bench: DeathBench,
): Promise<Pick<BrokerDeath, 'commandOutcome' | 'commandCorrelation' | 'receiptEarlyMs'>> {
  const chime = storedSound('chime');
  const start = await bench.play({
    title: 'Sau khi nối lại',
    class: 'priority',
    source: { kind: 'stored', name: 'chime' },
    forMs: 20_000,
  });
  const { body } = (await bench.receiptOf(start.message.body.playId)).message;
  if (body.firstSampleAt === undefined)
    return { commandOutcome: body.outcome, commandCorrelation: 0, receiptEarlyMs: NaN };
  const heard = await bench.card.timeline();
  const wallToMonotonicMs = monotonicMs() - Date.now();
  const told = frameAt(heard, Date.parse(body.firstSampleAt) + wallToMonotonicMs);
  // The edges are left out: there the bulletin fades out and in.
  const edge = Math.round(heard.rateHz / 10);
  const search = (from: number, searchFrames: number): FoundLag =>
    findLag({
      ...{ heard: heard.samples, reference: chime, rateHz: heard.rateHz },
      ...{ fromFrame: from + edge, toFrame: from + chime.length - edge },
      ...{ expectedLagFrames: from, searchFrames },
    });
  const rough = search(told, 3 * edge);
  const found = search(rough.lagFrames, edge);
  return {
    commandOutcome: body.outcome,
    commandCorrelation: found.correlation,
    receiptEarlyMs: ((found.lagFrames - told) * 1000) / heard.rateHz,
  };
}
