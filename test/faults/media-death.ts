import { setTimeout as sleep } from 'node:timers/promises';
import { heardFrameAt, monotonicMs, type DeathBench } from './death-bench.js';
import { silencesOf } from './silences.js';

/** What was seen when the media server was killed in mid-play. Milliseconds on the card's timeline. */
export interface MediaDeath {
  /** What the receiver reported, by code. */
  readonly alarm: string;
  /** How long the sound already fetched went on. */
  readonly cushionMs: number;
  readonly silentMs: number;
  /** From the server's restart until sound was heard again. */
  readonly backAfterMs: number;
  /** Commands sent from the kill until then. */
  readonly commands: 0;
  /** The same bulletin is on air as before. */
  readonly samePlay: boolean;
}

const OUTAGE_MS = 4_000;

/** Kills the media server under a live bulletin and starts it again on its port 4 s later; sends nothing to the receiver. */
export async function killMedia(bench: DeathBench, playId: string): Promise<MediaDeath> {
  const { media, card, receiver, province } = bench;
  const killedMs = monotonicMs();
  await media.kill();
  const alarm = await province.ears.waitFor(
    'event',
    ({ message: { body } }) =>
      body.kind === 'alarm' && body.code.startsWith('E_MEDIA_') && body.fields?.['playId'] === playId,
    15_000,
  );
  await sleep(OUTAGE_MS);
  const restartedMs = monotonicMs();
  await media.start();
  await bench.untilSounding(30_000);
  const heard = await card.timeline();
  const from = heardFrameAt(heard, killedMs);
  const silence = silencesOf(heard, from, heard.samples.length)[0];
  if (silence === undefined) throw new Error('the sound never ended: the server was not missed');
  const msOf = (frames: number): number => (frames * 1000) / heard.rateHz;
  return {
    alarm: alarm.message.body.code,
    cushionMs: msOf(silence.fromFrame - from),
    silentMs: silence.lastedMs,
    backAfterMs: msOf(silence.toFrame - heardFrameAt(heard, restartedMs)),
    commands: 0,
    samePlay: (await receiver.status()).onAir?.playId === playId,
  };
}
