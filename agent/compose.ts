/** The only wiring, with the `compose-*.ts` beside it: makes every part, ties them together, takes them apart in order. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { identityFolder } from '../certs/identity-folder.js';
import { readIdentity } from '../certs/load-identity.js';
import { recoverIdentity } from '../certs/staged-identity.js';
import type { EventBody } from '../protocols/messages/up.js';
import { keptTrust } from '../protocols/trust-document.js';
import { TrustFile } from './commands/document-folder.js';
import { clockAsSet } from './commands/clock-as-set.js';
import { SignedTime } from './commands/signed-time.js';
import {
  anchorWatch,
  enrolledMs,
  openRevocation,
  renewalLoop,
  revocationWatch,
  spreadIdentity,
} from './compose-identity.js';
import { openAcceptance } from './compose-accept.js';
import { openHealth } from './compose-health.js';
import { openBoard } from './compose-amplifier.js';
import { openIntake } from './compose-intake.js';
import { openLine } from './compose-line.js';
import { openReporting } from './compose-link.js';
import { beside, noteWithheld, openMirror } from './compose-mirror.js';
import { openSounding } from './compose-programme.js';
import { technicianDesk } from './compose-technician.js';
import { telemetryLoop } from './compose-telemetry.js';
import { healthAsks } from './compose-upkeep.js';
import { openUpdates, takeUpdate } from './compose-update.js';
import { openWatches } from './compose-watches.js';
import { openReceiverStore, type OpenedStore } from './compose-store.js';
import type { Config } from './config.js';
import { instant, systemClock } from './core/clock.js';
import { LoaError, messageOf } from './core/errors.js';
import type { Log } from './core/log.js';
import { inBackground } from './core/settled.js';
import { IdentityInForce } from './identity-in-force.js';
import { statusOf } from './receiver-status.js';
import { rehearseEmergency } from './rehearsal.js';
import { renewNow } from './renewal-loop.js';
import { wipeState } from './retirement.js';
import { CRASHES, CRASH_WINDOW_MS, GOOD_TIME_MS, type SafeReason } from './safe-mode.js';
import { SafeWatch } from './safe-watch.js';
import type { ServiceNotice } from './service-notice.js';
import { CLOCK_FILE, CLOCK_SET_FILE, STARTED_FILE, TIME_SYNCED_FILE, TRUST_FILE } from './state-files.js';
import { watchLink } from './technician/link-sampling.js';
import { TechnicianServer } from './technician/server.js';
import type { Status } from './technician/status.js';
import { VERSION } from './version.js';

/** A running receiver. */
export interface Receiver {
  readonly id: string;
  status(): Status;
  /** Resolves when the province has taken the receiver out of service: close it, and call {@link Receiver.wipe}. */
  readonly retired: Promise<void>;
  /** In safe mode: resolves when it may be left. Close the receiver, and start it again. */
  readonly safeModeOver?: Promise<void>;
  /** Resolves when another program is to be started in its place: close it and end. */
  readonly replaced: Promise<void>;
  /** Wipes the state folder. Only after `close`. @throws LoaError `E_STORE_WRITE` */
  wipe(): Promise<void>;
  /** Ends what plays, sends what can be sent, says farewell. */
  close(): Promise<void>;
}

/** How a receiver is started. */
export interface StartMode {
  /** Safe mode, as it crashed again and again: how long it is to run well before it is left, milliseconds. */
  readonly safeForMs?: number;
  /** Safe mode was on before this start. */
  readonly safeLeft?: boolean;
  /** The service manager, where one runs the receiver. */
  readonly notice?: ServiceNotice;
  /** Why the configuration file is not in force. */
  readonly configTrouble?: { readonly code: string; readonly detail: string };
}

/**
 * Starts a receiver from its configuration and state folder.
 * @throws LoaError `E_IDENTITY_*`, `E_TRUST_DOCUMENT`, `E_STORE_OPEN`
 */
export async function startReceiver(config: Config, log: Log, mode: StartMode = {}): Promise<Receiver> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await start({ config, log, mode }, closers);
  } catch (error) {
    // Threads and sockets that stay would keep the process alive, and nobody would start it again.
    for (const close of closers.reverse()) {
      await close().catch((cause: unknown) => log.error({ error: messageOf(cause) }, 'not closed'));
    }
    throw error;
  }
}

/** @param closers takes what must be closed, last first, where the start fails */
async function start(
  { config, log, mode }: { config: Config; log: Log; mode: StartMode },
  closers: (() => Promise<unknown>)[],
): Promise<Receiver> {
  const clock = systemClock;
  await mkdir(config.stateFolder, { recursive: true, mode: 0o750 });
  const identities = identityFolder(config.stateFolder);
  const recovered = await recoverIdentity(identities);
  const held = new IdentityInForce(identities, await readIdentity(identities));
  const { identity } = held;
  const trustFile = new TrustFile(join(config.stateFolder, TRUST_FILE));
  const trust = keptTrust(await trustFile.read());
  if (!trust.ok) throw new LoaError(trust.refusal.code, trust.refusal.detail);

  const { store, repaired, trouble } = await openReceiverStore(config, mode.safeForMs !== undefined);
  closers.push(() => store.close());
  const safeMode = mode.safeForMs !== undefined ? 'crashes' : trouble === undefined ? undefined : 'store';
  const safe = safeMode !== undefined;
  const boot = randomUUID();
  const startedMs = clock.nowMs();
  const revocation = await openRevocation(config, identity, log);
  const reporting = await openReporting({ revocation, config, held, store, boot, clock, log });
  const { link, outbox, reporter, ledger } = reporting;
  closers.push(
    () => outbox.close(),
    () => reporter.close(),
  );
  let onTold: (body: EventBody) => void = () => undefined;
  const health = await openHealth({
    ...{ config, clock, log, notice: mode.notice },
    tell: (body) => {
      onTold(body);
      void reporter.event(body);
    },
  });
  closers.push(() => health.close());
  const { tell } = health;

  let birth: () => void = () => undefined;
  const time = await SignedTime.open({
    clock: systemClock,
    isAsSet: await clockAsSet({ note: CLOCK_SET_FILE, synced: TIME_SYNCED_FILE }),
    path: join(config.stateFolder, CLOCK_FILE),
    markPath: join(identityFolder(config.stateFolder), STARTED_FILE),
    floorMs: enrolledMs(identity, trust.value),
    staleAfterMs: config.trust.staleAfterH * 3_600_000,
    log: log.child({ module: 'time' }),
    onEvent: tell,
    onAskAgain: () => birth(),
  });
  closers.push(() => time.close());
  const board = await openBoard({
    ...{ config, clock, log: log.child({ module: 'board' }), onEvent: tell },
    roots: { sys: config.sensors.sysFolder, proc: config.sensors.procFolder },
  });
  closers.push(() => board.close());
  let lastReceiptMs: number | undefined;
  const sounding = await openSounding({
    ...{ config, identity, clock, time, log, board },
    onReceipt: (body) => {
      lastReceiptMs = clock.nowMs();
      void reporter.receipt(body);
    },
    onEvent: tell,
    onBytes: (purpose, received, sent, address) => ledger.charge(purpose, received, sent, address),
    mayFetch: () => !ledger.overBudget(),
    standIn: health.standIn,
  });
  closers.push(() => sounding.close());
  const { programme, sinkWatch } = sounding;

  const watches = openWatches({ clock, programme, safeMode, intake: () => intake, onEvent: tell });
  closers.push(async () => watches.close());

  const line = openLine({
    ...{ board: board.board, wakeMs: board.door?.wakeMs ?? 0, stateFolder: config.stateFolder },
    ...{ programme, clock, onEvent: tell, log: log.child({ module: 'line' }) },
    mayTest: () => !safe && sounding.gateNow('normal') === 'open',
  });
  closers.push(async () => line.close());
  board.onButton(() => inBackground(watches.test.run(), log, 'the test by the button failed'));
  board.light(() => ({
    link: link.status().kind === 'up',
    air: programme.onAir() !== undefined,
    fault: !sinkWatch.status().ok || board.amplifier()?.code !== undefined,
  }));

  const refused: Record<string, number> = {};
  let onWithheld: (body: EventBody) => void = () => undefined;
  const retirement = deferred();
  const replacement = deferred();
  const opened = await openIntake({
    ...{ config, receiverId: identity.receiverId, trustFile, trust: trust.value },
    ...{ store, boot, time, programme, link, reporter, log },
    onEvent: (body) => {
      if (body.kind === 'security') refused[body.code] = (refused[body.code] ?? 0) + 1;
      onWithheld(body);
      tell(body);
    },
    permit: (desired) => sounding.permit(desired),
    safe,
    onProgramme: () => {
      if (!safe) sounding.media.soon();
    },
    onBeat: () => watches.beats.heard(),
    onVouched: () => mirror?.beat(),
    onRenew: (withinMs) => renewNow(renewal, withinMs),
    onUpdate: (command) => inBackground(takeUpdate(updates, command), log, 'the word on updates is not kept'),
    onRetired: () => retirement.resolve(),
  });
  const { intake, subscribe } = opened;
  closers.push(async () => opened.close());
  const mirror = openMirror({ config, held, revocation, intake, time, tell, clock, log });
  onWithheld = (body) => noteWithheld(mirror, body);
  closers.push(async () => mirror?.close());

  const updates = await openUpdates({
    ...{ config, held, receiverId: identity.receiverId, safe, clock, time, sounding, watches, health },
    ...{ reporting, intake: () => intake, tell, restart: () => replacement.resolve(), log },
  });
  closers.push(() => updates.close());

  const daysLeft = (): number => (held.identity.notAfterMs - clock.nowMs()) / 86_400_000;
  const telemetry = telemetryLoop({
    ...{ config, reporting, sounding, health, time, watches, updates, startedMs, daysLeft, clock, log },
    lastReceiptMs: () => lastReceiptMs,
  });
  const status = (): Status =>
    statusOf({
      receiver: identity.receiverId,
      nowMs: clock.nowMs(),
      notAfterMs: held.identity.notAfterMs,
      ...{
        safeMode,
        startedMs,
        link,
        outbox,
        ledger,
        intake,
        programme,
        sinkWatch,
        refused,
        mirror: mirror?.status(),
        amplifier: board.amplifier(),
      },
    });

  const anchors = anchorWatch({ config, held, tell, clock, log, onOwnForeign: () => renewal?.now() });
  const renewal = safe ? undefined : renewalLoop({ config, held, anchors, tell, clock, log });
  closers.push(
    async () => anchors.close(),
    async () => renewal?.close(),
  );
  const revocations = revocationWatch({ config, held, revocation, link, tell, clock, log });
  const lookAtAnchors = (): void => {
    inBackground(anchors.look(), log, 'the anchors were not looked at');
    revocations?.start();
  };
  spreadIdentity({ held, revocation, link, sounding, onRenewed: lookAtAnchors });
  const safeWatch = safe
    ? new SafeWatch(clock, mode.safeForMs ?? GOOD_TIME_MS, () => programme.onAir() !== undefined)
    : undefined;
  closers.push(async () => safeWatch?.close());
  const links = watchLink({ clock, status, signalDbm: () => health.signalDbm() });
  closers.push(async () => links.close());
  const desk = technicianDesk({
    ...{ status, time, health, intake, sounding, board, line, watches },
    ...{ safeWatch, renewal, lookAtAnchors, tell, updates },
    ...{ history: links.view, receiver: identity.receiverId },
    ...{ toneMade: () => accepting.toneMade(), accept: (asked, who) => accepting.accept(asked, who) },
  });
  const accepting = openAcceptance({
    ...{
      config,
      held,
      clock,
      tell,
      status,
      trust: () => desk.trust(),
      test: () => desk.test(),
      board: () => desk.board(),
    },
    ...{ log: log.child({ module: 'accept' }), nowMs: () => time.nowMs(), line: () => desk.line('test') },
    hasLineSensor: board.board?.loudspeakerLine?.sensor !== undefined,
    amplifier: () => board.amplifier(),
    ...{ desired: () => sounding.permitted(), gate: (of) => sounding.gateNow(of) },
    mains: () => health.health().mains,
  });
  onTold = (body) => accepting.noticed(body);
  const server = await TechnicianServer.listen(config.socketPath, desk, log.child({ module: 'technician' }));

  tellOfStart({ mode, safeMode, trouble, tell });
  if (repaired)
    tell({ kind: 'alarm', code: 'E_STATE_FILE', detail: 'the store was damaged and is repaired' });
  if (recovered !== undefined)
    tell({ kind: 'alarm', code: recovered.code, detail: recovered.message.slice(0, 300) });
  if (daysLeft() <= 0)
    tell({ kind: 'alarm', code: 'E_IDENTITY_EXPIRED', detail: instant(identity.notAfterMs) });
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
      start: health.start,
      ...(safeMode === undefined ? {} : { safeMode }),
    });
    if (!safe) void telemetry.now();
  };
  reporting.attach(
    beside(mirror, opened, {
      onUp: (mqttVersion) => {
        giveBirth(mqttVersion);
        renewal?.linkUp();
      },
      onDown: (why) => renewal?.linkDown(why),
    }),
  );
  subscribe();
  health.begin(healthAsks({ sounding, watches, time, reporting }), board);
  mirror?.start();
  updates.start();
  link.start(new AbortController().signal);
  inBackground(rehearseEmergency(clock, log), log, 'the emergency was not rehearsed');
  if (!safe) {
    revocations?.start();
    telemetry.start();
    watches.test.start();
    renewal?.start();
    anchors.start();
  }
  log.info({ receiver: identity.receiverId, version: VERSION, safeMode }, 'running');

  return {
    id: identity.receiverId,
    status,
    retired: retirement.promise,
    replaced: replacement.promise,
    ...(safeWatch === undefined ? {} : { safeModeOver: safeWatch.left }),
    wipe: () => wipeState(config.stateFolder),
    async close() {
      reporting.leaving();
      await time.close();
      await mirror?.close();
      opened.close();
      line.close();
      await updates.close();
      watches.close();
      safeWatch?.close();
      renewal?.close();
      anchors.close();
      revocations?.close();
      telemetry.close();
      links.close();
      programme.close();
      await server.close();
      await sounding.close();
      await health.close();
      await reporter.close();
      await reporting.sent();
      await link.close();
      await ledger.close();
      await outbox.close();
      await store.close();
    },
  };
}

/** What the province is told of how the program began. */
function tellOfStart(parts: {
  readonly mode: StartMode;
  readonly safeMode: SafeReason | undefined;
  readonly trouble: OpenedStore['trouble'];
  readonly tell: (body: EventBody) => void;
}): void {
  const { mode, safeMode, trouble, tell } = parts;
  if (trouble !== undefined) tell({ kind: 'alarm', code: trouble.code, detail: trouble.detail });
  if (safeMode === 'crashes')
    tell({
      kind: 'alarm',
      code: 'E_SAFE_MODE',
      detail: `${CRASHES} crashes in ${CRASH_WINDOW_MS / 60_000} minutes`,
    });
  if (safeMode === 'store')
    tell({ kind: 'alarm', code: 'E_SAFE_MODE', detail: 'the store cannot be opened' });
  if (safeMode === undefined && mode.safeLeft === true)
    tell({ kind: 'cleared', code: 'E_SAFE_MODE', detail: 'everything runs again' });
  if (mode.configTrouble !== undefined) tell({ kind: 'alarm', ...mode.configTrouble });
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
