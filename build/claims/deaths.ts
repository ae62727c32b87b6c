import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deaths, withoutDeathTools, type Deaths } from '../../test/faults/deaths.js';
import type { Claim, Measured, ProveContext } from './claim.js';

const KILLED = 'SIGKILL on mosquitto, media server, aplay, receiver, in turn; heard on the software card';
/** A receipt is counted by the clock of the writer, which knows of a death when its pipe breaks. */
const CLAIM_SLACK_FRAMES = 48 * 50;

/** One run for all claims; what it left is in `prove-out/deaths`. */
function seen(context: ProveContext): Promise<Deaths> {
  return context.once('deaths', async () => {
    const missing = await withoutDeathTools();
    if (missing !== false) throw new Error(missing);
    const folder = join(context.out, 'deaths');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    context.progress('killing broker, media server, sink and receiver: about a minute');
    return deaths({ folder });
  });
}

function claim(
  sentence: string,
  bound: string,
  judge: (found: Deaths) => Pick<Measured, 'measured'> & { holds: boolean },
): Claim {
  return {
    area: 'main',
    item: 4,
    claim: sentence,
    bound,
    measure: async (context) => ({ ...judge(await seen(context)), note: KILLED }),
  };
}

const ms = (value: number): string => `${Math.round(value)} ms`;

const brokerDeath = claim(
  'The broker is killed under a live bulletin: the sound goes on, and after its restart the receiver is back, says how long it was away, and plays a new command.',
  'no silence over 100 ms; back within 5 s of the restart; alarm and clearing E_LINK_*, length right within 500 ms; command done and heard (correlation > 0.98)',
  ({ broker, sameProcess }) => ({
    measured:
      `longest silence ${ms(broker.longestSilenceMs)} in ${ms(broker.outageMs)} of outage; back after ` +
      `${ms(broker.reconnectedMs)}, online ${broker.online}; ${broker.alarm} cleared by ${broker.cleared}, told ` +
      `${ms(broker.reportedAwayMs)}; command ${broker.commandOutcome}, correlation ` +
      `${broker.commandCorrelation.toFixed(4)}; same process ${sameProcess}`,
    holds:
      sameProcess &&
      broker.online &&
      broker.longestSilenceMs <= 100 &&
      broker.reconnectedMs <= 5_000 &&
      broker.alarm === broker.cleared &&
      Math.abs(broker.reportedAwayMs - broker.outageMs) <= 500 &&
      broker.commandOutcome === 'completed' &&
      broker.commandCorrelation > 0.98,
  }),
);

const mediaDeath = claim(
  'The media server is killed in mid-play: the receiver lives and reports, and when the server is back the same bulletin sounds again without a new command.',
  'alarm E_MEDIA_CONNECT or E_MEDIA_STALL; sound within 10 s of the restart; same bulletin, same process',
  ({ media, sameProcess }) => ({
    measured:
      `${media.alarm}; what was fetched lasted ${ms(media.cushionMs)}, silent for ${ms(media.silentMs)}; sound ` +
      `${ms(media.backAfterMs)} after the restart; same bulletin ${media.samePlay}, same process ${sameProcess}`,
    holds:
      sameProcess &&
      media.samePlay &&
      ['E_MEDIA_CONNECT', 'E_MEDIA_STALL'].includes(media.alarm) &&
      media.backAfterMs <= 10_000,
  }),
);

const sinkDeath = claim(
  'The player process is killed in mid-play: the receiver lives and reports, opens another, and its receipt claims no frame that died.',
  'alarm and clearing E_SINK_DIED; sound back within 1.5 s; receipt below the frames asked for, and at most 50 ms above those on the card',
  ({ sink, sameProcess }) => ({
    measured:
      `${sink.alarm}, cleared ${sink.cleared}; silent for ${ms(sink.silentMs)}; frames asked ${sink.askedFrames}, on ` +
      `the card ${sink.cardFrames}, in the receipt ${sink.claimedFrames}; same process ${sameProcess}`,
    holds:
      sameProcess &&
      sink.newPlayer &&
      sink.alarm === 'E_SINK_DIED' &&
      sink.cleared === 'E_SINK_DIED' &&
      sink.silentMs <= 1_500 &&
      sink.claimedFrames < sink.askedFrames &&
      sink.claimedFrames <= sink.cardFrames + CLAIM_SLACK_FRAMES,
  }),
);

const receiverDeath = claim(
  'The receiver is killed while its broker is away: after the restart everything it had kept is delivered, byte for byte, and it plays again.',
  'at least one receipt kept; all records delivered, chain unbroken, nothing left; the next bulletin is heard',
  ({ receiver, chainBreaks, records }) => ({
    measured:
      `${receiver.kept} records kept (${receiver.keptReceipts} receipts), ${receiver.delivered} delivered, ` +
      `${receiver.left} left; ${records} records of the run, ${chainBreaks} breaks of the chain; receipt ` +
      `${receiver.receiptOutcome} with ${receiver.receiptFrames} frames; next bulletin ${receiver.commandOutcome}`,
    holds:
      receiver.keptReceipts >= 1 &&
      receiver.delivered === receiver.kept &&
      receiver.left === 0 &&
      chainBreaks === 0 &&
      receiver.receiptFrames > 0 &&
      receiver.commandOutcome === 'lease-ended',
  }),
);

/** Item 4 of the must-show list: what happens when broker, media server, sink and receiver are killed. */
export const deathClaims: readonly Claim[] = [brokerDeath, mediaDeath, sinkDeath, receiverDeath];
