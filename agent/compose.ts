/** The only wiring: makes every part, ties them together, and takes them apart in order. */
import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { uuidv7 } from 'uuidv7';
import { identityFolder } from '../certs/identity-folder.js';
import type { DeviceSigner, Identity } from '../certs/identity.js';
import { readIdentity } from '../certs/load-identity.js';
import { recoverIdentity } from '../certs/staged-identity.js';
import { certificatesOf } from '../certs/certificate-chain.js';
import { Revocation } from '../certs/revocation.js';
import { tlsOptions } from '../certs/tls-options.js';
import { readBoardFacts } from '../hardware/sensors/board-facts.js';
import { linuxMachine } from '../hardware/sensors/machine.js';
import { keptTrust, type TrustDocument } from '../protocols/trust-document.js';
import { subscriptionsOf } from '../protocols/topics.js';
import { DocumentFolder, TrustFile } from './commands/document-folder.js';
import { Intake } from './commands/intake.js';
import { Journal } from './commands/journal.js';
import { SignedTime } from './commands/signed-time.js';
import type { Config } from './config.js';
import { accepted } from './core/errors.js';
import { instant, systemClock, type Clock } from './core/clock.js';
import { LoaError, messageOf, type Refusal } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { openStore, type Store } from './core/store.js';
import { createEnvelope, lastWords } from './link/envelope.js';
import { createLink, type Link } from './link/link.js';
import { openOutbox, type Outbox } from './link/outbox.js';
import { RETRY_DEFAULTS } from './link/retry.js';
import { openReporter, type Reporter } from './link/reporter.js';
import { LinkWatch } from './link-watch.js';
import { Programme } from './programme/programme.js';
import { HeardFile } from './programme/heard-file.js';
import { SoundingFile } from './programme/sounding-file.js';
import { RenewalLoop, renewNow } from './renewal-loop.js';
import { SinkWatch } from './sink-watch.js';
import { SoundThread } from './sound/sound-engine.js';
import type { SoundSettings } from './sound/messages.js';
import { RevocationWatch } from './revocation-watch.js';
import { wipeState } from './retirement.js';
import {
  CLOCK_FILE,
  DOCUMENTS_FOLDER,
  HEARD_FILE,
  REVOCATION_FILE,
  MEDIA_FOLDER,
  SOUNDINGS_FILE,
  STORE_FOLDER,
  TRUST_FILE,
} from './state-files.js';
import { checkTone } from './technician/local-tone.js';
import { TechnicianServer } from './technician/server.js';
import { trustViewOf } from './technician/trust-view.js';
import type { Status } from './technician/status.js';
import { TelemetryLoop } from './telemetry/telemetry.js';
import { VERSION } from './version.js';

/** How long a receiver that is stopped waits for the broker to take what it still has to say. */
const SENDING_LIMIT_MS = 2_000;

/** A running receiver. */
export interface Receiver {
  readonly id: string;
  status(): Status;
  /** Resolves when the province has taken the receiver out of service: close it, and call {@link Receiver.wipe}. */
  readonly retired: Promise<void>;
  /** Wipes the state folder. Only after `close`. @throws LoaError `E_STORE_WRITE` */
  wipe(): Promise<void>;
  /** Ends what plays, sends what can be sent, says farewell. */
  close(): Promise<void>;
}

/**
 * Starts a receiver from its configuration and state folder.
 * @throws LoaError `E_IDENTITY_*`, `E_TRUST_DOCUMENT`, `E_STORE_OPEN`
 */
export async function startReceiver(config: Config, log: Log): Promise<Receiver> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await start(config, log, closers);
  } catch (error) {
    // Threads and sockets that stay would keep the process alive, and nobody would start it again.
    for (const close of closers.reverse()) {
      await close().catch((cause: unknown) => log.error({ error: messageOf(cause) }, 'not closed'));
    }
    throw error;
  }
}

/** @param closers takes what must be closed, last first, where the start fails */
async function start(config: Config, log: Log, closers: (() => Promise<unknown>)[]): Promise<Receiver> {
  const clock = systemClock;
  await mkdir(config.stateFolder, { recursive: true, mode: 0o750 });
  const recovered = await recoverIdentity(identityFolder(config.stateFolder));
  // Exchanged by a renewal; name and anchors stay.
  const held = { identity: await readIdentity(identityFolder(config.stateFolder)) };
  const { identity } = held;
  const trustFile = new TrustFile(join(config.stateFolder, TRUST_FILE));
  const trust = keptTrust(await trustFile.read());
  if (!trust.ok) throw new LoaError(trust.refusal.code, trust.refusal.detail);

  const store = await openStore(join(config.stateFolder, STORE_FOLDER));
  closers.push(() => store.close());
  const boot = randomUUID();
  const startedMs = clock.nowMs();
  const revocation = await openRevocation(config, identity, log);
  const reporting = await openReporting({ revocation, config, held, store, boot, clock, log });
  const { link, outbox, reporter } = reporting;
  closers.push(
    () => outbox.close(),
    () => reporter.close(),
  );

  let birth: () => void = () => undefined;
  const time = await SignedTime.open({
    clock: systemClock,
    path: join(config.stateFolder, CLOCK_FILE),
    floorMs: enrolledMs(identity, trust.value),
    staleAfterMs: config.trust.staleAfterH * 3_600_000,
    log: log.child({ module: 'time' }),
    onEvent: (body) => void reporter.event(body),
    onAskAgain: () => birth(),
  });
  closers.push(async () => time.close());
  const sinkWatch = new SinkWatch(config.sound.sink, (body) => void reporter.event(body));
  const soundings = new SoundingFile(join(config.stateFolder, SOUNDINGS_FILE));
  const heard = new HeardFile(join(config.stateFolder, HEARD_FILE), log);
  const engine = new SoundThread(
    new URL('./compose-sound.js', import.meta.url),
    soundSettings(config, identity),
    {
      clock,
      log: log.child({ module: 'sound' }),
      onMessage: (message) => {
        sinkWatch.take(message);
        programme.onSound(message);
      },
    },
  );
  closers.push(() => engine.end());
  const programme = new Programme({
    engine,
    clock: time,
    log: log.child({ module: 'programme' }),
    newId: uuidv7,
    memory: await soundings.read(),
    heard: await heard.read(),
    listener: {
      onReceipt: (body) => void reporter.receipt(body),
      onEvent: (body) => void reporter.event(body),
      onSounded: (memory) => inBackground(soundings.write(memory), log, 'soundings not kept'),
      onHeard: (minutes) => inBackground(heard.write(minutes), log, 'minutes heard not kept'),
    },
  });

  closers.push(async () => programme.close());
  const refused: Record<string, number> = {};
  const subscribe = (): void => {
    const assignment = intake.assignment?.body;
    const { receiverId } = identity;
    const { areas = [], groups = [] } = assignment ?? {};
    link.subscribe(subscriptionsOf(receiverId, areas, groups, intake.trust.version));
  };
  const journal = new Journal(store, boot, await time.journalSince(await Journal.idIn(store)));
  await journal.prune(time.nowMs());
  const retirement = deferred();
  // A document kept on disk is told of while the intake opens: the subscriptions follow once it is there.
  let opened = false;
  const intake: Intake = await Intake.open(
    {
      receiver: identity.receiverId,
      journal,
      documents: new DocumentFolder(join(config.stateFolder, DOCUMENTS_FOLDER)),
      trustFile,
      clock,
      time,
      heardTodayMs: (authority) => programme.heardTodayMs(authority),
      log: log.child({ module: 'commands' }),
      listener: {
        onCommand: (command, authority) => {
          if (command.type === 'play.start') return programme.play(command, authority);
          if (command.type === 'play.stop') return programme.stop(command, authority);
          log.warn({ authority: authority.id }, 'taken out of service');
          // The answer first: it is in the outbox by then, and goes out while the link is up.
          systemClock.after(RETIRE_AFTER_MS, () => retirement.resolve());
          return accepted(undefined);
        },
        onDocument: (slotKey, document, authority) => {
          if (document.type === 'emergency.set') programme.setEmergencies(slotKey, document, authority);
          else if (opened) subscribe();
        },
        onWithdrawn: (slotKey) => programme.dropEmergencies(slotKey),
        onTrust: () => {
          if (opened) subscribe();
          programme.endUnlessAllowed((authority) => intake.validKeys(authority) > 0);
        },
        onReply: (body) => reporter.reply(body),
        onEvent: (body) => {
          if (body.kind === 'security') refused[body.code] = (refused[body.code] ?? 0) + 1;
          void reporter.event(body);
        },
      },
    },
    trust.value,
  );
  opened = true;
  closers.push(async () => intake.close());

  const daysLeft = (): number => (held.identity.notAfterMs - clock.nowMs()) / 86_400_000;
  const telemetry = new TelemetryLoop({
    machine: linuxMachine(config.stateFolder),
    boardFacts: readBoardFacts,
    program: () => ({
      processUptimeS: Math.round((clock.nowMs() - startedMs) / 1000),
      onAir: programme.onAir(),
      levelDb: sinkWatch.levelDb,
      secondsOnAirToday: Math.round(programme.secondsOnAirToday()),
      sink: sinkWatch.reading(),
      queued: outbox.pending().messages,
      certificateDaysLeft: Math.floor(daysLeft()),
    }),
    send: (body) => reporter.telemetry(body),
    clock,
    log: log.child({ module: 'telemetry' }),
    everyMs: config.telemetry.everyS * 1000,
  });

  const status = (): Status => {
    const { kind, sinceMs, mqttVersion, lastError } = link.status();
    const assignment = intake.assignment;
    const onAir = programme.onAir();
    const { messages, bytes } = outbox.pending();
    return {
      receiver: identity.receiverId,
      version: VERSION,
      startedAt: instant(startedMs),
      uptimeS: Math.round((clock.nowMs() - startedMs) / 1000),
      link: {
        kind,
        since: instant(sinceMs),
        ...(mqttVersion === undefined ? {} : { mqttVersion }),
        ...(lastError === undefined ? {} : { lastError: { code: lastError.code, detail: lastError.detail } }),
      },
      trustVersion: intake.trust.version,
      ...(assignment === undefined
        ? {}
        : {
            assignment: { home: assignment.body.home, areas: assignment.body.areas, epoch: assignment.epoch },
          }),
      sink: sinkWatch.status(),
      ...(sinkWatch.levelDb === undefined ? {} : { levelDb: sinkWatch.levelDb }),
      ...(onAir === undefined ? {} : { onAir }),
      emergencies: programme.emergenciesInForce(),
      outbox: { messages, bytes },
      refused: { ...refused },
      certificate: { notAfter: instant(held.identity.notAfterMs), daysLeft: daysLeft() },
    };
  };

  const renewal = renewalLoop({ config, held, reporter, clock, log });
  closers.push(async () => renewal?.close());
  const server = await TechnicianServer.listen(
    config.socketPath,
    {
      status,
      trust: () =>
        trustViewOf(intake.trust, {
          areas: intake.assignment?.body.areas ?? [],
          nowMs: time.nowMs(),
          clock: time.state(),
          freshness: time.freshness(),
          freshMs: time.freshMs,
          keysOf: (id) => intake.validKeys(id),
        }),
      tone(asked) {
        const checked = checkTone(asked);
        if (!checked.ok) return checked;
        const started = programme.localTone(checked.value);
        if (started.ok)
          void reporter.event({ kind: 'notice', code: 'N_LOCAL_SOUND', detail: 'test tone made on site' });
        return started;
      },
      renew: () => renewNow(renewal),
    },
    log.child({ module: 'technician' }),
  );

  if (recovered !== undefined)
    void reporter.event({ kind: 'alarm', code: recovered.code, detail: recovered.message.slice(0, 300) });
  if (daysLeft() <= 0) {
    void reporter.event({ kind: 'alarm', code: 'E_IDENTITY_EXPIRED', detail: instant(identity.notAfterMs) });
  }
  const giveBirth = (mqttVersion: 4 | 5): void => {
    birth = () => giveBirth(mqttVersion);
    void reporter.birth({
      online: true,
      version: VERSION,
      startedAt: instant(startedMs),
      trustVersion: intake.trust.version,
      assignmentRevision: intake.assignment?.revision ?? 0,
      areas: [...(intake.assignment?.body.areas ?? [])],
      mqttVersion,
      nonce: time.newNonce(),
    });
    void telemetry.now();
  };
  reporting.attach({
    onUp: (mqttVersion) => {
      giveBirth(mqttVersion);
      renewal?.linkUp();
    },
    onDown: (why) => renewal?.linkDown(why),
    onMessage: (topic, payload) => intake.take(topic, payload),
  });
  subscribe();
  link.start(new AbortController().signal);
  const revocationWatch = new RevocationWatch({
    ...{ revocation, url: config.trust.revocationUrl, anchorsPem: identity.anchorsPem, clock: time, log },
    tell: (body) => void reporter.event(body),
    onNew: () => {
      if (revocation.isPeerRevoked())
        link.reopen({ code: 'E_LINK_TLS', detail: "the broker's certificate is revoked" });
    },
  });
  if (config.trust.revocationUrl !== '') revocationWatch.start();
  telemetry.start();
  renewal?.start();
  log.info({ receiver: identity.receiverId, version: VERSION }, 'running');

  return {
    id: identity.receiverId,
    status,
    retired: retirement.promise,
    wipe: () => wipeState(config.stateFolder),
    async close() {
      reporting.leaving();
      time.close();
      intake.close();
      renewal?.close();
      revocationWatch.close();
      telemetry.close();
      programme.close();
      await server.close();
      await engine.end();
      await heard.idle();
      await soundings.idle();
      await reporter.close();
      await sent(link, outbox, clock);
      await link.close();
      await outbox.close();
      await store.close();
    },
  };
}

/** Waits until what is kept has been acknowledged, for 2 s at most, and not at all where the link is not up. */
async function sent(link: Link, outbox: Outbox, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + SENDING_LIMIT_MS;
  while (link.status().kind === 'up' && outbox.pending().messages > 0 && clock.monotonicMs() < endMs) {
    await new Promise<void>((resolve) => clock.after(20, resolve));
  }
}

/** Long enough for the answer to a command to reach the broker. */
const RETIRE_AFTER_MS = 3_000;

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

/** A kept list that is damaged is told and fetched anew: it must not keep the receiver from its start. */
async function openRevocation(config: Config, identity: Identity, log: Log): Promise<Revocation> {
  const path = join(config.stateFolder, REVOCATION_FILE);
  const pem = [...identity.anchorsPem, identity.certificatePem].join('');
  const issuers = certificatesOf(pem, 'anchors.pem');
  try {
    return await Revocation.open(path, issuers);
  } catch (error) {
    log.error({ code: 'E_REVOCATION_LIST', error: messageOf(error) }, 'the kept revocation list is not used');
    return Revocation.empty(path, issuers);
  }
}

/** It is not earlier than this: the device's certificate and the trust document were made before they came here. */
function enrolledMs(identity: Identity, trust: TrustDocument): number {
  const certificateMs = Date.parse(new X509Certificate(identity.certificatePem).validFrom);
  return Math.max(certificateMs, Date.parse(trust.issuedAt));
}

/** The identity in force. */
interface Held {
  identity: Identity;
}

interface ReportingParts {
  readonly revocation: Revocation;
  readonly config: Config;
  readonly held: Held;
  readonly store: Store;
  readonly boot: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Attached {
  onUp(mqttVersion: 4 | 5): void;
  onDown(why: Refusal): void;
  onMessage(topic: string, payload: Uint8Array): Promise<void>;
}

/** Link, outbox and reporter: what goes to the province and what comes from it. */
async function openReporting(parts: ReportingParts): Promise<{
  readonly link: Link;
  readonly outbox: Outbox;
  readonly reporter: Reporter;
  /** Says where messages and births go, before the link is started. */
  attach(to: Attached): void;
  /** From here on a link that goes is no alarm. */
  leaving(): void;
}> {
  const { config, held, store, clock } = parts;
  const log = parts.log.child({ module: 'link' });
  const envelope = createEnvelope(held.identity.receiverId, parts.boot, clock);
  let attached: Attached | undefined;
  const { host, port, keepaliveS, retryMinMs, retryMaxMs } = config.broker;
  const link: Link = createLink({
    receiverId: held.identity.receiverId,
    tls: async () => ({
      ...tlsOptions(held.identity),
      ...{ host, port, servername: host, checkServerIdentity: parts.revocation.checkServerIdentity },
    }),
    keepaliveS,
    times: { retry: { ...RETRY_DEFAULTS, firstMs: retryMinMs, longestMs: retryMaxMs } },
    lastWords: (reason) => lastWords(envelope, reason),
    store,
    clock,
    random: Math.random,
    log,
    listener: {
      onUp: ({ mqttVersion }) => {
        watch.up();
        attached?.onUp(mqttVersion);
        outbox.resume();
      },
      onDown: (why) => {
        outbox.pause();
        watch.down(why);
        attached?.onDown(why);
      },
      onMessage: async (topic, payload) => attached?.onMessage(topic, payload),
      onOversize: ({ topic, bytes }) =>
        void reporter.event({
          kind: 'security',
          code: 'E_MESSAGE_SIZE',
          detail: `a message of ${bytes} bytes was dropped`,
          fields: { topic: topic.slice(0, 200) },
        }),
    },
  });
  const outbox: Outbox = await openOutbox({
    store,
    log,
    publish: (topic, payload) => link.publish(topic, payload),
  });
  const reporter: Reporter = await openReporter({
    envelope,
    outbox,
    link,
    store,
    signer: signerOf(held),
    clock,
    log,
  });
  const watch = new LinkWatch(clock, (body) => void reporter.event(body));
  return {
    link,
    outbox,
    reporter,
    attach: (to) => {
      attached = to;
    },
    leaving: () => watch.close(),
  };
}

/** Undefined where the settings name no EST server. */
function renewalLoop(parts: {
  readonly config: Config;
  readonly held: Held;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}): RenewalLoop | undefined {
  const { config, held, reporter, clock } = parts;
  const { enrolment, broker, stateFolder } = config;
  if (enrolment.url === '') return undefined;
  return new RenewalLoop({
    folder: identityFolder(stateFolder),
    url: enrolment.url,
    broker: { host: broker.host, port: broker.port },
    spreadMs: enrolment.spreadS * 1000,
    identity: held.identity,
    onIdentity: (identity) => {
      held.identity = identity;
    },
    tell: (body) => void reporter.event(body),
    clock,
    log: parts.log.child({ module: 'renewal' }),
  });
}

/** Records are signed with the key in force; its `kid` goes with each of them. */
function signerOf(held: Held): DeviceSigner {
  return {
    get key() {
      return held.identity.signer.key;
    },
    get kid() {
      return held.identity.signer.kid;
    },
    get algorithm() {
      return held.identity.signer.algorithm;
    },
  };
}

function soundSettings(config: Config, identity: Identity): SoundSettings {
  const { sound, media } = config;
  return {
    sink: { kind: sound.sink, device: sound.device, bufferMs: sound.bufferMs, leadMs: sound.leadMs },
    media: {
      anchorsPem: [...identity.anchorsPem, ...(media.publicAnchors ? rootCertificates : [])],
      plainHosts: media.plainHosts,
      stallMs: media.stallMs,
      folder: join(config.stateFolder, MEDIA_FOLDER),
      quotaBytes: media.quotaMb * 1_048_576,
    },
    livePrerollMs: sound.livePrerollMs,
  };
}
