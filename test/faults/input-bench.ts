import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../agent/core/clock.js';
import type { PlayStart } from '../../protocols/messages/play.js';
import { MediaServer } from '../source-system/media-server.js';
import type { PlayRequest, Publication } from '../source-system/province.js';
import type { SourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { startMosquittoProvince } from './mosquitto-province.js';
import { unbrokenBulletin } from './unbroken-bulletin.js';

/** The part of a source system that bad input needs; the embedded broker or a real one. */
export type InputProvince = Pick<
  SourceSystem,
  'province' | 'ears' | 'media' | 'publish' | 'send' | 'enrol' | 'close'
> & { readonly brokerPort: number };

/** A receiver with a live bulletin on air, written to a WAV file on the clock's timeline. */
export interface InputBench extends InputProvince {
  readonly receiver: ReceiverProcess;
  /** The bulletin on air. */
  readonly bulletin: Publication<PlayStart>;
  readonly heardPath: string;
  /** Frames written to the WAV file so far. */
  heardFrames(): Promise<number>;
  /** Sends a play.start of the commune for the hamlet and waits for its answer; the outcome. */
  command(request: Partial<PlayRequest> & Pick<PlayRequest, 'source' | 'title'>): Promise<string>;
}

const RECEIVER = 'cum-01';

/** The source system's keys, ears and media server, with mosquitto (MQTT 5) for its broker. */
export async function mosquittoProvince(folder: string): Promise<InputProvince> {
  const log = new KeptLog();
  const province = await startMosquittoProvince(folder, log);
  try {
    const identity = await province.folder.ca.issueServer();
    const media = await MediaServer.start({ identity, clock: systemClock, log });
    const close = async (): Promise<void> => {
      await media.close();
      await province.close();
    };
    return { ...province, media, close, brokerPort: province.mosquitto.port };
  } catch (error) {
    await province.close();
    throw error;
  }
}

/**
 * Starts a receiver in hamlet `ap-1` and puts a live bulletin of the commune on air. Closing it ends the province too.
 * @param broker settings of the link beside host and port
 */
export async function openInputBench(
  folder: string,
  province: InputProvince,
  broker: object = {},
): Promise<InputBench> {
  const heardPath = join(folder, 'heard.wav');
  const { url } = province.media.addLive('bulletin', await unbrokenBulletin());
  const receiver = await ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, RECEIVER),
    broker: { host: 'localhost', port: province.brokerPort, ...broker },
    settings: { sound: { sink: 'file', device: heardPath } },
    admit: (csrPem) => province.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
  const close = async (): Promise<void> => {
    await receiver.stop();
    await province.close();
  };
  try {
    await startAssigned(receiver);
    const bulletin = await province.province.playStart('tan-hoa', {
      target: { area: 'ap-1' },
      source: { kind: 'live', url },
      title: 'Bản tin sáng',
      forMs: 300_000,
    });
    const bench: InputBench = {
      ...{ ...province, receiver, bulletin, heardPath, close },
      heardFrames: async () => ((await stat(heardPath)).size - 44) / 2,
      command: async (request) => {
        const start = await province.province.playStart('tan-hoa', { target: { area: 'ap-1' }, ...request });
        await province.send(start);
        return outcomeOf(province, start);
      },
    };
    await province.send(bulletin);
    const { playId } = bulletin.message.body;
    await receiver.waitFor('the bulletin on air', ({ onAir }) => onAir?.playId === playId);
    await sleep(500);
    return bench;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts a receiver and waits until it is connected and has subscribed to what its assignment says. */
export async function startAssigned(receiver: ReceiverProcess): Promise<void> {
  await receiver.start();
  await receiver.waitFor(
    'connected and assigned',
    ({ link, assignment }) => link.kind === 'up' && assignment !== undefined,
  );
  await sleep(500);
}

/** What a receiver answered to a command: `done`, `refused` or `failed`. @throws Error where it is silent for 10 s */
export async function outcomeOf(
  { ears }: Pick<InputProvince, 'ears'>,
  { message }: Publication<PlayStart>,
): Promise<string> {
  const reply = await ears.waitFor('reply', (one) => one.message.body.commandId === message.id, 10_000);
  return reply.message.body.outcome;
}
