import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../agent/core/clock.js';
import { enrolOverNetwork } from '../../certs/est/enrol.js';
import type { Identity } from '../../certs/identity.js';
import { loadIdentity } from '../../certs/load-identity.js';
import { tryHandshake } from '../../certs/renewal-handshake.js';
import { askForNext } from '../../certs/renewal-steps.js';
import { promote, readPairs, readStaged, recoverIdentity } from '../../certs/staged-identity.js';
import { Broker } from '../source-system/broker.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { estProvince, type EstProvince } from '../support/est-province.js';
import { KeptLog } from '../support/kept-log.js';
import type { Teardown } from '../support/temporary-folder.js';
import type { Death } from './disk-effects.js';
import type { KillOrder } from './identity-kill-child.js';
import { rotateAnchors, takeTrust, trustToCome } from './identity-steps.js';

const ID = 'loa-0001';
const CHILD = fileURLToPath(new URL('./identity-kill-child.js', import.meta.url));
const MOST_EFFECTS = 200;
const nowMs = (): number => Date.now();

/** What was found for one step. */
export interface KillReport {
  readonly step: KillOrder['step'];
  /** Effects on the disk of the whole step: how many n there are. */
  readonly effects: number;
  /** Deaths that were caused. */
  readonly deaths: number;
  /** What did not work afterwards, one line each. */
  readonly faults: readonly string[];
}

/** The steps that are killed. */
export const KILL_STEPS = ['enrol', 'renew', 'anchors', 'trust'] as const;

interface Scene {
  readonly province: EstProvince;
  readonly broker: { readonly host: string; readonly port: number };
  /** A broker whose certificate the next authority made. */
  readonly nextBroker: { readonly host: string; readonly port: number };
  /** File with version 2 of the trust document of `enrolled`. */
  readonly trustPath: string;
  /** An enrolled identity folder with version 1 of a trust document, to start from. */
  readonly enrolled: string;
  readonly folder: string;
}

/**
 * Kills enrolment, renewal, rotation of the anchors and trust update before each of their changes of the disk, for every n and each kind of death, and starts
 * again: the identity must load and be taken by a broker, and the step must come to its end.
 * @param options.stride 1 for every n
 * @param t takes down what was started
 */
export async function killEverywhere(
  t: Teardown,
  deaths: readonly Death[],
  options: { readonly stride?: number; readonly tell?: (line: string) => void } = {},
): Promise<KillReport[]> {
  const { stride = 1, tell = () => undefined } = options;
  const scene = await setScene(t);
  const reports: KillReport[] = [];
  for (const step of KILL_STEPS) {
    const faults: string[] = [];
    const whole = await runChild(scene, step, 0, 'kill');
    if (whole.effects === undefined) throw new Error(`${step} fails by itself: ${whole.said}`);
    let count = 0;
    for (const death of deaths) {
      for (let at = 1; at <= Math.min(MOST_EFFECTS, whole.effects); at += stride) {
        const run = await runChild(scene, step, at, death);
        if (!run.killed) faults.push(`${step} ${death} ${at}: did not die: ${run.said}`);
        count += 1;
        const fault = await afterwards(scene, step, run);
        if (fault !== undefined) faults.push(`${step} ${death} ${at}: ${fault}`);
      }
    }
    tell(`${step}: ${whole.effects} effects, ${count} deaths, ${faults.length} faults`);
    reports.push({ step, effects: whole.effects, deaths: count, faults });
  }
  return reports;
}

async function setScene(t: Teardown): Promise<Scene> {
  const province = await estProvince(t);
  const { ca } = province;
  const next = await CertificateAuthority.create(systemClock, 'The authority after it');
  const brokerOf = async (by: CertificateAuthority): Promise<Broker> => {
    const identity = await by.issueServer();
    const broker = await Broker.start({ identity, anchorsPem: ca.anchorsPem, log: new KeptLog() });
    t.teardown(() => broker.close());
    return broker;
  };
  const [broker, nextBroker] = [await brokerOf(ca), await brokerOf(next)];
  const own = [ca.anchorsPem, next.anchorsPem, await ca.vouchFor(next)];
  province.server.rotate({ caCertificatesPem: own });
  const folder = await mkdtemp(join(tmpdir(), 'loa-kill-'));
  const enrolled = join(folder, 'enrolled');
  await enrolAt(province, enrolled, province.admissions.newToken(ID));
  const trustPath = join(folder, 'trust-2.json');
  await writeFile(trustPath, await trustToCome(enrolled));
  const at = ({ port }: Broker): Scene['broker'] => ({ host: 'localhost', port });
  return { province, broker: at(broker), nextBroker: at(nextBroker), trustPath, enrolled, folder };
}

async function enrolAt(province: EstProvince, folder: string, token: string): Promise<Identity> {
  return enrolOverNetwork({
    ...{ folder, receiverId: ID, url: province.server.url, fingerprint: province.fingerprint },
    ...{ credentials: { kind: 'token', receiverId: ID, token }, replace: false, nowMs },
    wait: () => Promise.resolve(false),
  });
}

interface ChildRun {
  readonly folder: string;
  readonly token: string;
  readonly killed: boolean;
  readonly effects: number | undefined;
  readonly said: string;
}

async function runChild(scene: Scene, step: KillOrder['step'], at: number, death: Death): Promise<ChildRun> {
  const { province } = scene;
  const place = await mkdtemp(join(scene.folder, `${step}-${at}-`));
  const folder = join(place, 'identity');
  if (step !== 'enrol') await cp(scene.enrolled, folder, { recursive: true, verbatimSymlinks: true });
  else await mkdir(place, { recursive: true });
  const token = province.admissions.newToken(ID);
  const tokenPath = join(place, 'token');
  await writeFile(tokenPath, token, { mode: 0o600 });
  const { url } = province.server;
  const order: KillOrder = {
    ...{ step, at, death, folder, receiverId: ID, url, fingerprint: province.fingerprint, tokenPath },
    trustPath: scene.trustPath,
  };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  const effects = /^effects (\d+)$/m.exec(said)?.[1];
  return {
    ...{ folder, token, said: said.slice(0, 500), killed: signal === 'SIGKILL' },
    effects: effects === undefined ? undefined : Number(effects),
  };
}

/** Starts again after a death; what did not work. */
async function afterwards(scene: Scene, step: KillOrder['step'], run: ChildRun): Promise<string | undefined> {
  const { folder } = run;
  try {
    if (step !== 'enrol') {
      const fellBack = await recoverIdentity(folder);
      if (fellBack !== undefined) return `had to fall back: ${fellBack.message}`;
      const fault = await works(scene, folder);
      if (fault !== undefined) return `after the death: ${fault}`;
      await finish(scene, step, folder);
    } else await enrolAfter(scene, run);
    const left = (await readdir(folder)).filter((name) => name === 'current.new');
    return (await works(scene, folder)) ?? (left.length > 0 ? 'a link was left over' : undefined);
  } catch (error) {
    return String(error);
  }
}

/** The technician runs the same command again; where it had ended, there is nothing to do. */
async function enrolAfter({ province }: Scene, { folder, token }: ChildRun): Promise<void> {
  await recoverIdentity(folder);
  const there = await loadIdentity(folder, Date.now()).catch(() => undefined);
  if (there === undefined) await enrolAt(province, folder, token);
}

/** What the running receiver does next. */
async function finish(scene: Scene, step: 'renew' | 'anchors' | 'trust', folder: string): Promise<void> {
  switch (step) {
    case 'renew':
      return finishRenewal(scene, folder);
    case 'anchors': {
      await rotateAnchors(folder, scene.province.server.url);
      const fault = await works({ broker: scene.nextBroker }, folder);
      if (fault !== undefined) throw new Error(`by the next authority: ${fault}`);
      return;
    }
    case 'trust': {
      const version = await takeTrust(folder, await readFile(scene.trustPath, 'utf8'));
      if (version !== 2) throw new Error(`trust document ${version} is in force, not 2`);
      return;
    }
  }
}

/** What the agent's loop does at its start. */
async function finishRenewal({ province, enrolled }: Scene, folder: string): Promise<void> {
  const before = await loadIdentity(enrolled, Date.now());
  const identity = await loadIdentity(folder, Date.now());
  if (identity.fingerprint !== before.fingerprint) return;
  if ((await readStaged(folder).catch(() => undefined)) === undefined) {
    const asked = await askForNext({ folder, identity, url: province.server.url, nowMs });
    if (asked.kind !== 'issued') throw new Error(`not issued again: ${JSON.stringify(asked)}`);
  }
  await promote(folder);
  const { previous } = await readPairs(folder);
  if (previous === undefined) throw new Error('the old pair is not kept');
}

async function works({ broker }: Pick<Scene, 'broker'>, folder: string): Promise<string | undefined> {
  const identity = await loadIdentity(folder, systemClock.nowMs());
  const outcome = await tryHandshake(identity, broker, { times: { holdMs: 30, limitMs: 5_000 } });
  return outcome.kind === 'tested' ? undefined : `${outcome.kind}: ${outcome.why.message}`;
}
