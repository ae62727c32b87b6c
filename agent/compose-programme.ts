/** The half of the wiring that makes sound: the sound thread, and the programme that tells it what to play. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { uuidv7 } from 'uuidv7';
import type { Identity } from '../certs/identity.js';
import type { AirClass } from '../protocols/messages/common.js';
import type { Desired } from '../protocols/messages/desired.js';
import type { EventBody, Receipt } from '../protocols/messages/up.js';
import type { SignedTime } from './commands/signed-time.js';
import type { OpenedBoard } from './compose-amplifier.js';
import { openWitness } from './compose-witness.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { scheduleClock, type ScheduleClock } from './programme/clock-confidence.js';
import { entryNotPlayed, entryOfReceipt } from './programme/as-run.js';
import { AsRunLog } from './programme/as-run-log.js';
import { amixerOf, CardMixer } from './card-mixer.js';
import { gateRulesOf } from './programme/permitted-hours.js';
import { notPlayedEvent } from './programme/not-played.js';
import { MediaFolder } from './programme/media-folder.js';
import { MediaKeeper } from './programme/media-keeper.js';
import { MediaRounds } from './programme/media-rounds.js';
import { MemoryFile } from './programme/memory-file.js';
import { NOTHING_SCHEDULED, scheduleMemory } from './programme/schedule-memory.js';
import { gateTally, gateVerdict, NOTHING_TALLIED, type GateVerdict } from './sound/air-gate.js';
import { HeardFile } from './programme/heard-file.js';
import { Programme } from './programme/programme.js';
import { SoundingFile } from './programme/sounding-file.js';
import { SinkWatch } from './sink-watch.js';
import type { SoundSettings } from './sound/messages.js';
import type { StandInSettings } from './sound/stand-in.js';
import type { OnBytes } from './sound/fetched-bytes.js';
import { keptGainDb } from './sound/sources/kept-gain.js';
import { measureByFfmpeg } from './sound/sources/loudness.js';
import { SoundThread } from './sound/sound-engine.js';
import { volumeRulesOf } from './programme/volume-rules.js';
import {
  AIR_TALLY_FILE,
  AS_RUN_FOLDER,
  HEARD_FILE,
  MEDIA_FOLDER,
  SOUNDINGS_FILE,
  SCHEDULED_FILE,
} from './state-files.js';

/** Sound files that came with the image, each under its SHA-256: numbered messages of the province that need no fetching. */
const IMAGE_MEDIA_FOLDER = '/usr/share/loa/media';

/** The gate is told of trusted time so often, milliseconds. */
const GATE_CLOCK_MS = 10_000;

/** What sound and programme stand on. */
export interface SoundingParts {
  readonly config: Config;
  readonly identity: Identity;
  /** The system's clock: the sound thread counts by it. */
  readonly clock: Clock;
  /** Trusted time: the programme decides by it. */
  readonly time: Pick<SignedTime, keyof Clock | 'emergencyMs' | 'state'>;
  readonly log: Log;
  readonly board: OpenedBoard;
  readonly onReceipt: (body: Receipt['body']) => void;
  readonly onEvent: (body: EventBody) => void;
  /** Told of what streams and files cost on the network. */
  readonly onBytes: OnBytes;
  /** How the sound thread keeps an emergency on air while this one stands still. */
  readonly standIn?: StandInSettings | undefined;
  /** May what is not needed at once be fetched? */
  readonly mayFetch: () => boolean;
}

/** Programme and sound thread, running. */
export interface Sounding {
  readonly programme: Programme;
  readonly sinkWatch: SinkWatch;
  /** The anchors of this identity vouch for media servers from now on. */
  anchors(identity: Identity): void;
  /** What the province permits from now on; the defaults where it says nothing. */
  permit(desired: Desired['body'] | undefined): void;
  /** Files fetched ahead; call `soon` when a schedule or an emergency has changed. */
  readonly media: MediaRounds;
  /** What was played and what was not. */
  readonly asRun: AsRunLog;
  /** For the views of a technician. */
  permitted(): Desired['body'] | undefined;
  /** Is the gate before the sink open for a class now? */
  gateNow(of: 'normal' | 'priority'): GateVerdict;
  /** What schedules are judged by now. */
  clockNow(): ScheduleClock;
  /** Takes nothing more up, ends what plays, and keeps what was heard. */
  close(): Promise<void>;
}

/** Starts the sound thread and the programme. */
export async function openSounding(parts: SoundingParts): Promise<Sounding> {
  const { config, log, onReceipt, onEvent } = parts;
  const offsetMs = (): number => parts.time.nowMs() - parts.clock.nowMs();
  const sinkWatch = new SinkWatch(config.sound.sink, onEvent);
  const soundings = new SoundingFile(join(config.stateFolder, SOUNDINGS_FILE));
  const heard = new HeardFile(join(config.stateFolder, HEARD_FILE), log);
  const scheduled = new MemoryFile(
    join(config.stateFolder, SCHEDULED_FILE),
    scheduleMemory,
    NOTHING_SCHEDULED,
    log,
  );
  const tallies = new MemoryFile(join(config.stateFolder, AIR_TALLY_FILE), gateTally, NOTHING_TALLIED, log);
  const memory = {
    memory: await soundings.read(),
    heard: await heard.read(),
    scheduled: await scheduled.read(),
  };
  const asRun = new AsRunLog(
    join(config.stateFolder, AS_RUN_FOLDER),
    parts.time,
    log.child({ module: 'log' }),
  );
  const gate = { rules: gateRulesOf(undefined), tally: await tallies.read(), clockOffsetMs: offsetMs() };
  let tally = gate.tally;
  let desiredNow: Desired['body'] | undefined;
  const clockNow = (): ScheduleClock => scheduleClock(parts.time.state(), config.programme.clockBehind);
  const witness = openWitness(parts.board.board, parts.clock, log.child({ module: 'line' }));
  const settings = soundSettings(config, parts.identity, parts.board);
  const mixer =
    config.sound.sink === 'alsa'
      ? new CardMixer({ amixer: amixerOf(settings.sink.device), onEvent, log: log.child({ module: 'card' }) })
      : undefined;
  const engine = new SoundThread(
    new URL('./compose-sound.js', import.meta.url),
    {
      ...settings,
      ...(witness === undefined ? {} : { envelope: true }),
      gate,
      standIn: parts.standIn,
    },
    {
      clock: parts.clock,
      log: log.child({ module: 'sound' }),
      onMessage: (message) => {
        sinkWatch.take(message);
        parts.board.take(message);
        if (message.kind === 'tally') {
          tally = message.tally;
          inBackground(tallies.write(message.tally), log, 'minutes of the day not kept');
        }
        if (message.kind === 'bytes') {
          for (const { purpose, received, sent, address } of message.pieces)
            parts.onBytes(purpose, received, sent, address);
        }
        witness?.take(message);
        programme.onSound(message);
        if (message.kind === 'ended') mixer?.emergency(programme.open().some(({ by }) => by === 'emergency'));
        if (message.kind === 'air') witness?.air(isTold(programme.onAir()?.class));
      },
    },
  );
  const programme = new Programme({
    engine: {
      open(spec) {
        engine.open(spec);
        if (spec.class === 'emergency') mixer?.emergency(true);
      },
      order: (playIds) => engine.order(playIds),
      close: (playId, outcome) => engine.close(playId, outcome),
    },
    clock: parts.time,
    emergencyNowMs: (fresh) => parts.time.emergencyMs(fresh),
    log: log.child({ module: 'programme' }),
    newId: uuidv7,
    ...memory,
    emergencyRules: { ...config.emergency, place: {} },
    clockTrusted: () => clockNow() !== 'none',
    listener: {
      onReceipt(heard) {
        const body = witness?.sensed(heard) ?? heard;
        void asRun.add(entryOfReceipt(body));
        onReceipt(body);
      },
      onEvent,
      onSounded: (sounded) => inBackground(soundings.write(sounded), log, 'soundings not kept'),
      onScheduled: (memory) => inBackground(scheduled.write(memory), log, 'schedule memory not kept'),
      onNotPlayed(occurrence, reason) {
        void asRun.add(entryNotPlayed(occurrence, reason, parts.time.nowMs()));
        onEvent(notPlayedEvent(occurrence, reason));
      },
      onHeard: (minutes) => inBackground(heard.write(minutes), log, 'minutes heard not kept'),
    },
  });
  parts.board.attach({
    door: (state) => engine.door(state),
    refuses: (refusal) => programme.amplifierRefuses(refusal),
  });
  const held = { identity: parts.identity };
  const media = openMedia(parts, programme, () => mediaAnchors(config, held.identity));
  let rules = gate.rules;
  const permit = (desired: Desired['body'] | undefined): void => {
    desiredNow = desired;
    programme.messages(desired?.messages ?? []);
    rules = gateRulesOf(desired);
    engine.gate(rules, offsetMs());
  };
  // Trusted time may step away from the system's while nothing else happens.
  let cancel = (): void => undefined;
  const followClock = (): void => {
    engine.gate(rules, offsetMs());
    void asRun.tick();
    cancel = parts.clock.after(GATE_CLOCK_MS, followClock);
  };
  cancel = parts.clock.after(GATE_CLOCK_MS, followClock);
  return {
    programme,
    sinkWatch,
    permit,
    media,
    asRun,
    clockNow,
    permitted: () => desiredNow,
    gateNow: (of) => gateVerdict(rules, tally, of, parts.time.nowMs()),
    anchors(identity) {
      held.identity = identity;
      engine.anchors(mediaAnchors(config, identity));
    },
    async close() {
      cancel();
      await media.close();
      programme.close();
      witness?.close();
      // Muted while silence still flows.
      await parts.board.close();
      await engine.end();
      await mixer?.close();
      await heard.idle();
      await soundings.idle();
      await scheduled.idle();
      await tallies.idle();
      await asRun.close();
    },
  };
}

/** A technician's tone has a sensor of its own. */
function isTold(airClass: AirClass | undefined): boolean {
  return airClass !== undefined && airClass !== 'local';
}

function openMedia(
  { config, identity, clock, time, log, onEvent, onBytes, mayFetch }: SoundingParts,
  programme: Programme,
  anchorsPem: () => string[],
): MediaRounds {
  const { plainHosts, stallMs, quotaMb, aheadDays, budgetMbADay, spreadS } = config.media;
  const own = log.child({ module: 'cache' });
  const keeper = new MediaKeeper({
    folder: new MediaFolder(
      join(config.stateFolder, MEDIA_FOLDER),
      () => ({ anchorsPem: anchorsPem(), plainHosts, stallMs, onBytes }),
      IMAGE_MEDIA_FOLDER,
    ),
    wanted: (nowMs) => programme.wantedMedia(nowMs, aheadDays * 86_400_000),
    quotaBytes: quotaMb * 1_048_576,
    budgetBytes: budgetMbADay * 1_048_576,
    mayFetch,
    prepare: (path, signal) => keptGainDb(path, measureByFfmpeg, signal),
    spreadMs: spreadS * 1000,
    place: placeOf(identity.receiverId),
    log: own,
    onEvent,
  });
  const rounds = new MediaRounds(keeper, clock, () => time.nowMs(), own);
  rounds.soon();
  return rounds;
}

/** Of a receiver in the crowd, 0 to 1, always the same. */
function placeOf(receiverId: string): number {
  return createHash('sha256').update(receiverId).digest().readUInt32BE() / 2 ** 32;
}

function mediaAnchors({ media }: Config, identity: Identity): string[] {
  return [...identity.anchorsPem, ...(media.publicAnchors ? rootCertificates : [])];
}

function soundSettings(config: Config, identity: Identity, board: OpenedBoard): Omit<SoundSettings, 'gate'> {
  const { sound, media } = config;
  const device = sound.device === 'default' ? (board.soundDevice ?? sound.device) : sound.device;
  return {
    sink: { ...sound, device, kind: sound.sink },
    ...(board.door === undefined ? {} : { amplifier: board.door }),
    media: {
      anchorsPem: mediaAnchors(config, identity),
      plainHosts: media.plainHosts,
      stallMs: media.stallMs,
      folder: join(config.stateFolder, MEDIA_FOLDER),
      quotaBytes: media.quotaMb * 1_048_576,
    },
    volume: volumeRulesOf(config.volume),
    livePrerollMs: sound.livePrerollMs,
    liveWiden: sound.liveWiden,
    holdAirMs: sound.holdAirMs,
    speech: config.speech,
    capture: config.capture,
  };
}
