import { join } from 'node:path';
import { identityFolder } from '../../../certs/identity-folder.js';
import { readIdentity } from '../../../certs/load-identity.js';
import type { Identity } from '../../../certs/identity.js';
import { systemClock } from '../../core/clock.js';
import type { RunConfig } from '../../run-config.js';
import { AS_RUN_FOLDER, MEDIA_FOLDER } from '../../state-files.js';
import { judgeNext, type Check, type Judged } from './check.js';
import type { BrokerFacts, FactName, Facts, ProgramFacts } from './facts.js';
import { fetchAddress, fetchFacts } from './fetch-probe.js';
import { limited } from './limited.js';
import { loginFacts } from './login-probe.js';
import { certificateFacts, diskFacts, machineFacts, powerFacts, trustKept } from './machine-probes.js';
import { brokerFacts, networkFacts } from './network-probes.js';
import { hardwareFacts, programFacts } from './program-probes.js';
import { cardFacts, decoderFacts, keptFacts, lastPlay } from './sound-probes.js';

/** No clock of a working board was ever before this: the year in which the program was made. */
export const BUILT_MS = Date.parse('2026-01-01T00:00:00Z');
/** What any one probe may take; the slowest, name to login one after the other, has limits of its own below it. */
const PROBE_LIMIT_MS = 40_000;

/** What the probes need. */
export interface CollectOptions {
  readonly run: RunConfig;
  /** Asks a person whether the tone was heard; left out where nobody is asked. */
  readonly tone?: (program: ProgramFacts) => Promise<Facts['tone']>;
  /** Facts that are known otherwise: their probes are not started. */
  readonly given?: Partial<Facts>;
}

type Probes = { readonly [Name in FactName]: () => Promise<Facts[Name]> };

/** Each fact with what brings it; a probe is started at most once, and waits for those that it needs. */
function probesOf({ run, tone }: CollectOptions, nowMs: number): Probes {
  const { config, trouble } = run;
  const { stateFolder, socketPath, sound } = config;
  const { sysFolder, procFolder } = config.sensors;
  const { normalDb, priorityDb } = config.volume;
  let identity: Promise<Identity | undefined> | undefined;
  const ownIdentity = (): Promise<Identity | undefined> =>
    (identity ??= limited(readIdentity(identityFolder(stateFolder)), 3_000));
  const program = once(() => programFacts({ socketPath, stateFolder }));
  return {
    program,
    power: () => powerFacts(sysFolder),
    machine: () => machineFacts(sysFolder, procFolder),
    disk: () => diskFacts(stateFolder),
    config: async () =>
      trouble === undefined ? { kind: 'ok', detail: run.from } : { kind: 'failed', ...trouble },
    certificate: () => certificateFacts(stateFolder, nowMs),
    network: () => networkFacts(config.broker.host),
    hardware: () => hardwareFacts(socketPath, sysFolder),
    broker: async (): Promise<BrokerFacts> => {
      const own = await ownIdentity();
      const found = await brokerFacts({ config, identity: own, nowMs });
      const open = found.tcp?.kind === 'ok' && found.tls?.kind !== 'failed';
      return open && own !== undefined ? { ...found, ...(await loginFacts(config, own)) } : found;
    },
    fetch: async () => {
      const url = fetchAddress(config, await program());
      return url === undefined ? undefined : fetchFacts(url, config, await ownIdentity());
    },
    decoder: () => decoderFacts(),
    card: () => cardFacts(sound.sink, sound.positionFolder),
    volume: async () => ({ normalDb, priorityDb }),
    tone: async () => tone?.(await program()),
    trustKept: () => trustKept(stateFolder),
    kept: () => keptFacts(join(stateFolder, MEDIA_FOLDER), () => systemClock.monotonicMs()),
    lastPlay: () => lastPlay(join(stateFolder, AS_RUN_FOLDER), nowMs),
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= work());
}

/** What the chain found, and by which facts. */
export interface Diagnosis {
  readonly facts: Facts;
  readonly judged: readonly Judged[];
  readonly tookMs: number;
}

/**
 * Collects and judges, link by link: all probes but the tone run side by side, the verdicts come in the chain's order.
 * @param onJudged told of each verdict as it is known
 */
export async function diagnose(
  chain: readonly Check[],
  options: CollectOptions,
  onJudged: (judged: Judged, of: { readonly at: number; readonly all: number }) => void,
): Promise<Diagnosis> {
  const fromMs = systemClock.monotonicMs();
  const nowMs = systemClock.nowMs();
  const given: Partial<Facts> = options.given ?? {};
  const running = new Map<FactName, Promise<unknown>>();
  const probes = probesOf(options, nowMs);
  for (const name of Object.keys(probes) as FactName[]) {
    // The tone plays when the chain comes to it: a person is asked then, and not before.
    if (name !== 'tone' && !(name in given))
      running.set(name, limited<unknown>(probes[name](), PROBE_LIMIT_MS));
  }
  let facts: Facts = { nowMs, builtMs: BUILT_MS, ...given };
  const judged: Judged[] = [];
  for (const check of chain) {
    for (const name of check.facts) {
      if (name in given || Object.hasOwn(facts, name)) continue;
      const value = await (running.get(name) ?? probes[name]());
      if (value !== undefined) facts = { ...facts, [name]: value };
    }
    const found = judgeNext(check, judged, facts);
    judged.push(found);
    onJudged(found, { at: judged.length, all: chain.length });
  }
  return { facts, judged, tookMs: Math.round(systemClock.monotonicMs() - fromMs) };
}
