import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Log } from '../../agent/core/log.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { NetworkCut } from '../support/network-cut.js';
import { ReceiverProcess } from '../support/receiver-process.js';

/** Sounds that the province serves in the demo. */
export interface DemoSounds {
  readonly bulletin: { readonly url: string };
  readonly emergency: { readonly url: string; readonly sha256: string };
  readonly notice: { readonly url: string; readonly sha256: string };
}

/** The province, two receivers of two hamlets, and the wire of the second one. */
export interface Stage {
  readonly source: SourceSystem;
  readonly sounds: DemoSounds;
  readonly receivers: readonly [ReceiverProcess, ReceiverProcess];
  /** WAV file of each receiver; undefined where it plays on a loudspeaker. */
  readonly heardPaths: readonly [string | undefined, string];
  readonly wire: NetworkCut;
  close(): Promise<void>;
}

/** Where the first receiver plays. */
export type FirstSink = { readonly sink: 'file' | 'alsa' | 'speaker'; readonly device: string };

const HOMES = ['ap-1', 'ap-2'] as const;

/** Starts the province and enrols both receivers; none of them runs yet. */
export async function setStage(options: {
  readonly folder: string;
  readonly out: string;
  readonly first: FirstSink;
  readonly log: Log;
}): Promise<Stage> {
  const { folder, out, first, log } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const source = await startSourceSystem({ folder: join(folder, 'province'), log });
    closers.push(() => source.close());
    const wire = await NetworkCut.to(source.broker.port);
    closers.push(() => wire.close());
    const second: FirstSink = { sink: 'file', device: join(out, 'heard-2.wav') };
    const ports = [source.broker.port, wire.port] as const;
    const enrol = async (index: 0 | 1, sound: FirstSink): Promise<ReceiverProcess> => {
      const id = `cum-tan-hoa-${index + 1}`;
      const receiver = await ReceiverProcess.enrol({
        id,
        folder: join(folder, id),
        broker: { host: 'localhost', port: ports[index] },
        settings: {
          sound,
          broker: brokerSettings(ports[index]),
          media: { publicAnchors: false },
          telemetry: { everyS: 5, heartbeatS: 5 },
        },
        admit: (csrPem) => source.enrol({ id, csrPem, home: HOMES[index] }),
      });
      closers.push(() => receiver.stop());
      return receiver;
    };
    const receivers = [await enrol(0, first), await enrol(1, second)] as const;
    const sounds = await serve(source);
    const heardPaths = [first.sink === 'file' ? first.device : undefined, second.device] as const;
    return { source, sounds, receivers, heardPaths, wire, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function brokerSettings(port: number): object {
  // A short keepalive, so that the cut is noticed within the demo: 1.5 × 3 s.
  return { host: 'localhost', port, keepaliveS: 3, keepaliveMaxS: 3, retryMinMs: 300, retryMaxMs: 1_000 };
}

async function serve(source: SourceSystem): Promise<DemoSounds> {
  const bytes = (file: Parameters<typeof speechPath>[0]): Promise<Buffer> => readFile(speechPath(file));
  const { url } = source.media.addLive('bulletin', await bytes('bulletin.mp3'), {
    title: 'Bản tin xã Tân Hòa',
  });
  return {
    bulletin: { url },
    emergency: source.media.addFile('emergency.mp3', await bytes('emergency.mp3')),
    notice: source.media.addFile('notice.mp3', await bytes('notice.mp3')),
  };
}
