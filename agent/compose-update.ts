/** The part of the wiring that keeps the program up to date: the repository, the two slots, and when it may be. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Update } from '../protocols/messages/update.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Intake } from './commands/intake.js';
import type { SignedTime } from './commands/signed-time.js';
import type { Held } from './compose-identity.js';
import type { Health } from './compose-health.js';
import type { Reporting } from './compose-link.js';
import type { Sounding } from './compose-programme.js';
import type { PathWatches } from './compose-watches.js';
import type { Config } from './config.js';
import type { Clock } from './core/clock.js';
import { keptJson } from './core/kept-file.js';
import type { Log } from './core/log.js';
import { dayView } from './programme-desk.js';
import { UPDATE_FOLDER } from './state-files.js';
import { ArchiveFile } from './update/archive-file.js';
import { checkRepository, trustedMetadata, type TrustedMetadata } from './update/repository.js';
import { RaucBackend } from './update/rauc-backend.js';
import { RaucBus } from './update/rauc-bus.js';
import { imageChoice, type ImageChoice } from './update/rauc-start.js';
import { SlotBackend } from './update/slot-backend.js';
import type { UpdateFacts } from './update/update-policy.js';
import { UpdateLoop } from './update/update-loop.js';
import { NO_UPDATE, updateState, type UpdateState } from './update/update-state.js';
import { VERSION } from './version.js';

/** A restart takes some seconds, on a small board a minute: no bulletin of the schedule may begin so soon. */
const SOON_MS = 5 * 60_000;
/** A sound of so long ago is sounding still, milliseconds. */
const HEARD_MS = 3_000;

/** What updates stand on. */
export interface UpdateWiring {
  readonly config: Config;
  readonly held: Held;
  readonly receiverId: string;
  readonly safe: boolean;
  readonly clock: Clock;
  readonly time: SignedTime;
  readonly sounding: Sounding;
  readonly watches: PathWatches;
  readonly health: Health;
  readonly reporting: Reporting;
  readonly intake: () => Intake;
  readonly tell: (body: EventBody) => void;
  readonly restart: () => void;
  readonly log: Log;
}

/** Opens what is kept of updates; {@link UpdateLoop.start} begins to look. */
export async function openUpdates(parts: UpdateWiring): Promise<UpdateLoop> {
  const { config, clock, health, reporting, sounding, watches } = parts;
  const log = parts.log.child({ module: 'update' });
  const folder = join(config.stateFolder, UPDATE_FOLDER);
  const heard = (): boolean => sounding.sinkWatch.heardWithin(HEARD_MS);
  const backend =
    config.update.image === ''
      ? SlotBackend.open(process.env, log)
      : new RaucBackend({
          ...{ bus: new RaucBus(), clock, log },
          file: keptJson<ImageChoice | undefined>({
            path: join(folder, 'images.json'),
            parse: (value) => imageChoice.parse(value),
            factory: undefined,
            log,
          }),
        });
  return UpdateLoop.open({
    ...{ clock, log, tell: parts.tell, restart: parts.restart },
    machine: {
      ...{ architecture: architectureOf(process.arch), node: process.versions.node, version: VERSION },
      ...(config.update.image === '' ? {} : { image: config.update.image }),
    },
    file: keptJson<UpdateState>({
      path: join(folder, 'update.json'),
      parse: (value) => updateState.parse(value),
      factory: NO_UPDATE,
      log,
    }),
    metadata: keptJson<TrustedMetadata | undefined>({
      path: join(folder, 'metadata.json'),
      parse: (value) => trustedMetadata.parse(value),
      factory: undefined,
      log,
    }),
    backend,
    archive: new ArchiveFile(join(folder, 'archive')),
    check: config.update.url === '' ? undefined : checkBy(parts),
    access: () => accessOf(parts),
    addressOf: ({ path }) => `${config.update.url.replace(/\/+$/, '')}/${path}`,
    times: {
      checkMs: config.update.checkH * 3_600_000,
      retryMs: config.update.retryS * 1_000,
      trialMs: config.update.trialS * 1_000,
    },
    facts: (version, before) => ({
      ...factsOf(parts, version, before === 'restart'),
      slots: backend !== undefined,
    }),
    allowedBytes: (spentBytes) =>
      reporting.ledger.overBudget() ? 0 : config.update.budgetMbADay * 1_048_576 - spentBytes,
    trial: {
      stuck: () => health.health().stuck,
      linkUp: () => reporting.link.status().kind === 'up',
      safeMode: () => parts.safe,
      heard: () => sounding.programme.onAir() !== undefined && sounding.sinkWatch.tookSoundWithin(HEARD_MS),
      test: () => watches.test.run(),
    },
    emergencyHeard: () => sounding.programme.onAir()?.class === 'emergency' && heard(),
  });
}

/** What the province's command says, to be kept. */
export async function takeUpdate(loop: UpdateLoop, { authority, issuedAt, body }: Update): Promise<void> {
  const { percent, groups, hold, version, window } = body;
  await loop.policy({
    ...{ authority, issuedMs: Date.parse(issuedAt), percent, groups, hold },
    ...(version === undefined ? {} : { version }),
    ...(window === undefined ? {} : { window }),
  });
  if (body.back) await loop.back(authority);
}

function checkBy(
  parts: UpdateWiring,
): (kept: TrustedMetadata | undefined, signal: AbortSignal) => ReturnType<typeof checkRepository> {
  const { config, time } = parts;
  const { image } = config.update;
  const path = image === '' ? `loa-agent_${architectureOf(process.arch)}.tar.gz` : `loa-image_${image}.raucb`;
  return async (kept, signal) => {
    const pinnedRoot = await readFile(config.update.root, 'utf8');
    const media = accessOf(parts);
    return checkRepository(
      { url: config.update.url, pinnedRoot, media, nowMs: time.nowMs(), signal },
      kept,
      path,
    );
  };
}

function accessOf({ config, held, reporting }: UpdateWiring): Parameters<typeof checkRepository>[0]['media'] {
  const { publicAnchors } = config.update;
  return {
    anchorsPem: [...held.identity.anchorsPem, ...(publicAnchors ? rootCertificates : [])],
    plainHosts: [],
    stallMs: config.media.stallMs,
    onBytes: (purpose, received, sent, address) => reporting.ledger.charge(purpose, received, sent, address),
  };
}

function factsOf(
  parts: UpdateWiring,
  version: string,
  isRestart: boolean,
): Omit<UpdateFacts, 'allowedBytes' | 'slots'> {
  const { config, time, sounding, reporting, receiverId } = parts;
  const { programme } = sounding;
  const nowMs = time.nowMs();
  const clock = time.state();
  const { windowFrom: from, windowTo: to } = config.update;
  return {
    nowMs,
    clockOk: clock === 'trusted' || clock === 'unconfirmed',
    onAir: programme.open().length > 0,
    emergency: programme.emergenciesInForce().length > 0,
    soonOnAir: isRestart && soonOnAir(sounding, nowMs),
    safeMode: parts.safe,
    groups: parts.intake().assignment?.body.groups ?? [],
    place: placeOf(receiverId, version),
    window: { from, to },
    linkUp: reporting.link.status().kind === 'up',
  };
}

function soonOnAir(sounding: Sounding, nowMs: number): boolean {
  const desk = { programme: sounding.programme, nowMs, desired: sounding.permitted() };
  const days = new Set(
    [nowMs, nowMs + SOON_MS].map((at) => new Date(at + 7 * 3_600_000).toISOString().slice(0, 10)),
  );
  return [...days].some((day) =>
    dayView(desk, day).rows.some(
      ({ state, startMs, endMs }) =>
        state === 'now' || (state === 'coming' && startMs < nowMs + SOON_MS && endMs > nowMs),
    ),
  );
}

/** Of a receiver in the crowd, 0 to 1: another one for each version, so that it is not always the same who goes first. */
function placeOf(receiverId: string, version: string): number {
  return createHash('sha256').update(`${receiverId} ${version}`).digest().readUInt32BE() / 2 ** 32;
}

/** Debian's name of an architecture. */
function architectureOf(arch: string): string {
  return { x64: 'amd64', arm64: 'arm64', arm: 'armhf' }[arch] ?? arch;
}
