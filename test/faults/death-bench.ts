import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlayStart } from '../../protocols/messages/play.js';
import { frameAt, openCard, positionOf, type Card, type Timeline } from '../fixtures/sound-card/card.js';
import type { HeardOf } from '../source-system/ears.js';
import type { PlayRequest, Publication } from '../source-system/province.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { waitUntil } from '../support/wait-until.js';
import { MediaProcess } from './media-process.js';
import { startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';
import { silencesOf } from './silences.js';
import { unbrokenBulletin } from './unbroken-bulletin.js';

/** The receiver that dies and lives here. */
export const RECEIVER = 'cum-01';

/** Everything around one receiver that a scenario of deaths needs: real broker, media server of its own, software card. */
export interface DeathBench {
  readonly province: MosquittoProvince;
  readonly media: MediaProcess;
  readonly card: Card;
  readonly receiver: ReceiverProcess;
  /** Sends a play of the commune and waits for its answer. @throws Error where the answer is not `done` */
  play(request: Partial<PlayRequest> & Pick<PlayRequest, 'title' | 'forMs'>): Promise<Publication<PlayStart>>;
  /** The receipt of a play. */
  receiptOf(playId: string, deadlineMs?: number): Promise<HeardOf<'receipt'>>;
  /** Waits until the card has sounded without a pause for the last second. */
  untilSounding(deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** CLOCK_MONOTONIC in milliseconds, the scale of the card. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Starts it all in an empty folder: the receiver is connected and assigned to hamlet `ap-1` of commune `tan-hoa`. */
export async function openDeathBench(folder: string): Promise<DeathBench> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const cardFolder = join(folder, 'card');
    await mkdir(cardFolder, { recursive: true });
    const card = await openCard(cardFolder, { tellsPosition: true });
    const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
    closers.push(() => province.close());
    const live = await unbrokenBulletin();
    const identity = await province.folder.ca.issueServer();
    const media = await MediaProcess.start(join(folder, 'media'), identity, live);
    closers.push(() => media.kill());
    const receiver = await startReceiver(folder, province, card);
    closers.push(() => receiver.stop());
    return { province, media, card, receiver, close, ...verbsOf(province, media, card) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startReceiver(
  folder: string,
  province: MosquittoProvince,
  card: Card,
): Promise<ReceiverProcess> {
  const receiver = await ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, 'receiver'),
    broker: { host: 'localhost', port: province.mosquitto.port },
    // A roomy buffer: a shared machine that stalls for 100 ms must not pass for a fault of the receiver.
    settings: { sound: { sink: 'alsa', device: card.device, bufferMs: 200, ...positionOf(card) } },
    env: card.env,
    admit: (csrPem) => province.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
  await receiver.start();
  await receiver.waitFor(
    'connected and assigned',
    ({ link, assignment }) => link.kind === 'up' && assignment !== undefined,
  );
  // Its assignment made it subscribe; the first command must not be faster.
  await sleep(500);
  return receiver;
}

function verbsOf(
  system: MosquittoProvince,
  media: MediaProcess,
  card: Card,
): Pick<DeathBench, 'play' | 'receiptOf' | 'untilSounding'> {
  return {
    async play(request) {
      const start = await system.province.playStart('tan-hoa', {
        target: { area: 'ap-1' },
        source: { kind: 'live', url: media.url },
        ...request,
      });
      await system.send(start);
      const { id } = start.message;
      const { message } = await system.ears.waitFor(
        'reply',
        (reply) => reply.message.body.commandId === id,
        10_000,
      );
      if (message.body.outcome !== 'done') throw new Error(`the command was ${JSON.stringify(message.body)}`);
      return start;
    },
    receiptOf: (playId, deadlineMs = 20_000) =>
      system.ears.waitFor('receipt', ({ message }) => message.body.playId === playId, deadlineMs),
    async untilSounding(deadlineMs = 20_000) {
      await waitUntil(
        'the card sounds',
        async () => {
          const heard = await card.timeline();
          const end = heard.samples.length;
          return end > heard.rateHz && silencesOf(heard, end - heard.rateHz, end).length === 0;
        },
        { deadlineMs, everyMs: 200 },
      );
    },
  };
}

/** The frame of a timeline at a moment of {@link monotonicMs}, kept within what was heard. */
export function heardFrameAt(heard: Timeline, atMs: number): number {
  return Math.max(0, Math.min(heard.samples.length, frameAt(heard, atMs)));
}
