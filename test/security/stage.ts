import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../../agent/technician/status.js';
import type { BrokerRefusal } from '../source-system/broker.js';
import type { PlayRequest } from '../source-system/province.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';

/** The receiver of the stage. */
export const STAGE_RECEIVER = 'rx-1';

/** A province and one running receiver: the real program, mutual TLS, an MQTT broker. The receiver's sink is `null`. */
export class Stage {
  readonly source: SourceSystem;
  readonly receiver: ReceiverProcess;
  /** What the province's broker refused. */
  readonly refusals: BrokerRefusal[] = [];
  readonly #folder: string;

  private constructor(folder: string, source: SourceSystem, receiver: ReceiverProcess) {
    this.#folder = folder;
    this.source = source;
    this.receiver = receiver;
    source.broker.onRefused((refusal) => void this.refusals.push(refusal));
  }

  /** Starts the province, enrols the receiver in hamlet `ap-1`, and waits until it is connected. */
  static async set(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-stage-'));
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    const receiver = await ReceiverProcess.enrol({
      id: STAGE_RECEIVER,
      folder: join(folder, STAGE_RECEIVER),
      broker: { host: 'localhost', port: source.broker.port },
      settings: { sound: { sink: 'null' }, media: { publicAnchors: false } },
      admit: (csrPem) => source.enrol({ id: STAGE_RECEIVER, csrPem, home: 'ap-1' }),
    });
    const stage = new Stage(folder, source, receiver);
    await stage.run();
    return stage;
  }

  /** Starts the receiver against a broker on this port, the province's by default; waits for the link only there. */
  async run(port?: number): Promise<void> {
    const { receiver, source } = this;
    await receiver.stop();
    await receiver.configure({
      stateFolder: join(receiver.folder, 'state'),
      socketPath: receiver.socketPath,
      language: 'en',
      broker: { host: 'localhost', port: port ?? source.broker.port, retryMinMs: 200, retryMaxMs: 400 },
      sound: { sink: 'null' },
      media: { publicAnchors: false },
    });
    await receiver.start();
    if (port === undefined)
      await receiver.waitFor(
        'connected and assigned',
        (status) => isUp(status) && status.assignment !== undefined,
      );
  }

  /** True where an honest command of the province is heard within five seconds; for the hamlet unless said otherwise. */
  async obeys(target: PlayRequest['target'] = { area: 'ap-1' }): Promise<boolean> {
    const { province } = this.source;
    const play = await province.playStart('province', {
      target,
      source: { kind: 'stored', name: 'chime' },
      title: 'Honest',
    });
    const { playId } = play.message.body;
    await this.source.send(play);
    const heard = await this.#comes(({ onAir }) => onAir?.playId === playId);
    await this.source.send(await province.playStop('province', { target, playId }));
    await this.#comes(({ onAir }) => onAir === undefined);
    return heard;
  }

  #comes(wanted: (status: Status) => boolean): Promise<boolean> {
    return this.receiver.waitFor('what was asked', wanted, 5_000).then(
      () => true,
      () => false,
    );
  }

  /** Ends everything and removes what it wrote. */
  async close(): Promise<void> {
    await this.receiver.stop();
    await this.source.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Connected. */
export function isUp({ link }: Status): boolean {
  return link.kind === 'up';
}
