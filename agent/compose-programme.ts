/** The half of the wiring that makes sound: the sound thread, and the programme that tells it what to play. */
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { uuidv7 } from 'uuidv7';
import type { Identity } from '../certs/identity.js';
import type { EventBody, Receipt } from '../protocols/messages/up.js';
import type { SignedTime } from './commands/signed-time.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { HeardFile } from './programme/heard-file.js';
import { Programme } from './programme/programme.js';
import { SoundingFile } from './programme/sounding-file.js';
import { SinkWatch } from './sink-watch.js';
import type { SoundSettings } from './sound/messages.js';
import { SoundThread } from './sound/sound-engine.js';
import { HEARD_FILE, MEDIA_FOLDER, SOUNDINGS_FILE } from './state-files.js';

/** What sound and programme stand on. */
export interface SoundingParts {
  readonly config: Config;
  readonly identity: Identity;
  /** The system's clock: the sound thread counts by it. */
  readonly clock: Clock;
  /** Trusted time: the programme decides by it. */
  readonly time: Pick<SignedTime, keyof Clock | 'emergencyMs'>;
  readonly log: Log;
  readonly onReceipt: (body: Receipt['body']) => void;
  readonly onEvent: (body: EventBody) => void;
}

/** Programme and sound thread, running. */
export interface Sounding {
  readonly programme: Programme;
  readonly sinkWatch: SinkWatch;
  /** The anchors of this identity vouch for media servers from now on. */
  anchors(identity: Identity): void;
  /** Takes nothing more up, ends what plays, and keeps what was heard. */
  close(): Promise<void>;
}

/** Starts the sound thread and the programme. */
export async function openSounding(parts: SoundingParts): Promise<Sounding> {
  const { config, log, onReceipt, onEvent } = parts;
  const sinkWatch = new SinkWatch(config.sound.sink, onEvent);
  const soundings = new SoundingFile(join(config.stateFolder, SOUNDINGS_FILE));
  const heard = new HeardFile(join(config.stateFolder, HEARD_FILE), log);
  const memory = { memory: await soundings.read(), heard: await heard.read() };
  const engine = new SoundThread(
    new URL('./compose-sound.js', import.meta.url),
    soundSettings(config, parts.identity),
    {
      clock: parts.clock,
      log: log.child({ module: 'sound' }),
      onMessage: (message) => {
        sinkWatch.take(message);
        programme.onSound(message);
      },
    },
  );
  const programme = new Programme({
    engine,
    clock: parts.time,
    emergencyNowMs: () => parts.time.emergencyMs(),
    log: log.child({ module: 'programme' }),
    newId: uuidv7,
    ...memory,
    listener: {
      onReceipt,
      onEvent,
      onSounded: (sounded) => inBackground(soundings.write(sounded), log, 'soundings not kept'),
      onHeard: (minutes) => inBackground(heard.write(minutes), log, 'minutes heard not kept'),
    },
  });
  return {
    programme,
    sinkWatch,
    anchors: (identity) => engine.anchors(mediaAnchors(config, identity)),
    async close() {
      programme.close();
      await engine.end();
      await heard.idle();
      await soundings.idle();
    },
  };
}

function mediaAnchors({ media }: Config, identity: Identity): string[] {
  return [...identity.anchorsPem, ...(media.publicAnchors ? rootCertificates : [])];
}

function soundSettings(config: Config, identity: Identity): SoundSettings {
  const { sound, media } = config;
  return {
    sink: { kind: sound.sink, device: sound.device, bufferMs: sound.bufferMs, leadMs: sound.leadMs },
    media: {
      anchorsPem: mediaAnchors(config, identity),
      plainHosts: media.plainHosts,
      stallMs: media.stallMs,
      folder: join(config.stateFolder, MEDIA_FOLDER),
      quotaBytes: media.quotaMb * 1_048_576,
    },
    livePrerollMs: sound.livePrerollMs,
  };
}
