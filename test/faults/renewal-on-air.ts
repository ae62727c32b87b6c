import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { coresForbidden } from '../../agent/no-core.js';
import { RATE_HZ } from '../../agent/core/units.js';
import { identityFolder } from '../../certs/identity-folder.js';
import { readIdentity } from '../../certs/load-identity.js';
import { readPairs } from '../../certs/staged-identity.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { compareSegment, type Comparison } from '../heard/compare.js';
import { decodeReference } from '../heard/decode.js';
import { readWav } from '../heard/wav.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const ID = 'loa-0001';
/** The first 100 ms fade in, and the last block may be cut. */
const RAMP_FRAMES = RATE_HZ / 5;

/** What was seen while a running receiver renewed its certificate with a bulletin on air. */
export interface RenewalOnAir {
  readonly comparison: Comparison;
  readonly secondsHeard: number;
  readonly underruns: number;
  /** Of the certificate before, after, and of the connection that was made afterwards. */
  readonly fingerprints: { readonly before: string; readonly after: string; readonly connected: string };
  readonly previousKept: boolean;
  /** Records that the province did not believe. */
  readonly disbelieved: number;
  /** Places in which a part of either private key was found. */
  readonly leaks: readonly string[];
  /** Places that were searched, with how many characters. */
  readonly searched: readonly string[];
  readonly coresForbidden: boolean;
}

/** Renews on the running program, as a process of its own, with a bulletin of some seconds on air. */
export async function renewOnAir(t: Teardown): Promise<RenewalOnAir> {
  const folder = await temporaryFolder(t);
  const log = new KeptLog();
  const source = await startSourceSystem({ folder: join(folder, 'province'), log });
  t.teardown(() => source.close());
  const heardPath = join(folder, 'heard.wav');
  const receiver = await ReceiverProcess.enrol({
    id: ID,
    folder: join(folder, ID),
    broker: { host: 'localhost', port: source.broker.port },
    settings: {
      sound: { sink: 'file', device: heardPath },
      media: { publicAnchors: false },
      enrolment: { url: source.est.url },
    },
    admit: (csrPem) => source.enrol({ id: ID, csrPem, home: 'ap-1' }),
  });
  t.teardown(() => receiver.stop());
  await receiver.start();
  await receiver.waitFor(
    'up and assigned',
    ({ link, assignment }) => link.kind === 'up' && assignment !== undefined,
  );
  const identities = identityFolder(join(folder, ID, 'state'));
  const before = await readIdentity(identities);

  const playId = await putOnAir(source, receiver);
  const asked = await receiver.loa(['certificate', 'renew']);
  if (asked.code !== 0) throw new Error(`not renewed: ${asked.stderr}`);
  await source.ears.waitFor('event', ({ message }) => message.body.code === 'N_IDENTITY_RENEWED', 20_000);
  const after = await readIdentity(identities);
  source.broker.dropClient(ID);
  const connected = await waitUntil(
    'connected again',
    () => {
      const found = source.broker.fingerprintOf(ID);
      return found === before.fingerprint ? undefined : found;
    },
    { deadlineMs: 15_000 },
  );
  await sleep(2_000);
  const processList = await processListOf(receiver.pid ?? 0);
  const status = JSON.stringify(await receiver.status());
  const forbidden = await coresForbidden(receiver.pid ?? 0);
  await source.send(await source.province.playStop('province', { target: { receiver: ID }, playId }));
  const { message: receipt } = await source.ears.waitFor('receipt', () => true, 15_000);
  await receiver.stop();

  const { samples } = await readWav(heardPath);
  const span = receipt.body.spans.at(-1);
  if (span === undefined) throw new Error('nothing was heard');
  const places = {
    'log and errors of the receiver': receiver.written,
    'process list and environment': processList,
    'answers on the socket': `${status}${asked.stdout}${asked.stderr}`,
    'what the province was sent': reported(source),
    "the simulator's log": JSON.stringify(log.lines),
  };
  return {
    comparison: compareSegment({
      ...{ heard: samples, reference: await decodeReference(speechPath('bulletin.mp3')), rateHz: RATE_HZ },
      ...{ fromFrame: span.fromFrame, toFrame: Math.min(span.toFrame, samples.length) },
      ...{ rampFrames: RAMP_FRAMES, expectedLagFrames: span.fromFrame, searchFrames: RATE_HZ },
    }),
    secondsHeard: (span.toFrame - span.fromFrame) / RATE_HZ,
    underruns: receipt.body.underruns,
    fingerprints: { before: before.fingerprint, after: after.fingerprint, connected },
    previousKept: (await readPairs(identities)).previous !== undefined,
    disbelieved: source.ears.disbelieved.length,
    leaks: leaksIn(places, [before.privateKeyPem(), after.privateKeyPem()]),
    searched: Object.entries(places).map(([name, text]) => `${name} (${text.length})`),
    coresForbidden: forbidden,
  };
}

async function putOnAir(source: SourceSystem, receiver: ReceiverProcess): Promise<string> {
  const served = source.media.addFile('bulletin.mp3', await readFile(speechPath('bulletin.mp3')));
  const publication = await source.province.playStart('province', {
    target: { receiver: ID },
    title: 'Bản tin sáng',
    source: { kind: 'file', url: served.url, sha256: served.sha256, onInterrupt: 'resume' },
    forMs: 120_000,
  });
  await source.send(publication);
  await receiver.waitFor('on air', ({ onAir }) => onAir !== undefined);
  return publication.message.body.playId;
}

function reported({ ears }: SourceSystem): string {
  return JSON.stringify([ears.states, ears.replies, ears.receipts, ears.events, ears.telemetry]);
}

/** Command line and environment of the receiver and of every process below it. */
async function processListOf(pid: number): Promise<string> {
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      if (Number(name) !== pid && parent !== pid) continue;
      for (const part of ['cmdline', 'environ'])
        found.push(await readFile(`/proc/${name}/${part}`, 'latin1'));
    } catch (error) {
      // It has ended meanwhile.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return found.join('\n');
}

/** Looks for the private numbers of keys: in hexadecimal, base64 and base64url, and for the lines of their PEM. */
export function leaksIn(places: Readonly<Record<string, string>>, keysPem: readonly string[]): string[] {
  const needles = keysPem.flatMap((pem) => {
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const secret = Buffer.from(d, 'base64url');
    // The first line of a P-256 key in PKCS#8 is mostly the same in all: the second holds the secret.
    const lines = pem.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
    return [d, secret.toString('hex'), secret.toString('base64'), ...lines.slice(0, 2)];
  });
  return Object.entries(places).flatMap(([name, text]) =>
    needles.some((needle) => text.includes(needle)) ? [name] : [],
  );
}
