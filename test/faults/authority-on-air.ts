import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RATE_HZ } from '../../agent/core/units.js';
import { readIdentity } from '../../certs/load-identity.js';
import { inProcessSigner } from '../source-system/est-signer.js';
import type { MediaServer } from '../source-system/media-server.js';
import { compareSegment, type Comparison } from '../heard/compare.js';
import { decodeReference } from '../heard/decode.js';
import { readWav } from '../heard/wav.js';
import { waitUntil } from '../support/wait-until.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { openAuthorityBench, RECEIVER, type AuthorityBench } from './authority-bench.js';
import { longestSilenceMs } from './silences.js';
import { unbrokenBulletin } from './unbroken-bulletin.js';

/** The first 100 ms fade in, and the last block may be cut. */
const RAMP_FRAMES = RATE_HZ / 5;
/** Times that the bulletin is repeated in the file on air. */
const REPEATS = 6;

/** One thing that the province did, and what was seen of it. */
export interface AuthorityStep {
  readonly what: string;
  readonly took: boolean;
  readonly seen: string;
}

/** What was seen while the authority of a running receiver changed with a bulletin on air. */
export interface AuthorityOnAir {
  readonly steps: readonly AuthorityStep[];
  readonly comparison: Comparison;
  readonly longestSilenceMs: number;
  readonly secondsHeard: number;
  readonly underruns: number;
  /** Records that the province did not believe. */
  readonly disbelieved: number;
}

/** What happens to the receiver, in this order, under one bulletin that never falls silent. */
const STEPS: readonly (readonly [string, (bench: AuthorityBench) => Promise<string>])[] = [
  ['a renewed pair that the broker refuses three times gives way to the old one, with an alarm', rollBack],
  ['the new authority is trusted beside the old one', addAnchor],
  ['the certificate is renewed by the new authority', renewByNext],
  ['the broker has a certificate of the new authority', brokerOfNext],
  ['the old authority is trusted no more', dropAnchor],
  ["the broker's certificate is revoked: its connection ends, and the good one is taken", revokeBroker],
  ['the own certificate is revoked at the broker: refused with an alarm, then renewed', revokeOwn],
];

/** Rotates the anchors, revokes the broker and the receiver, and refuses a renewal, under one bulletin. */
export async function changeAuthorityOnAir(
  t: Teardown,
  tell: (line: string) => void = () => undefined,
): Promise<AuthorityOnAir> {
  const folder = await temporaryFolder(t);
  const bench = await openAuthorityBench(t, folder);
  const bulletinPath = join(folder, 'bulletin.mp3');
  await writeFile(bulletinPath, Buffer.concat(Array(REPEATS).fill(await unbrokenBulletin()) as Buffer[]));
  const playId = await putOnAir(bench, bench.media, bulletinPath);
  const steps: AuthorityStep[] = [];
  for (const [what, work] of STEPS) {
    const step = await work(bench).then(
      (seen) => ({ what, took: true, seen }),
      (error: unknown) => ({ what, took: false, seen: String(error).slice(0, 300) }),
    );
    tell(`${step.took ? 'took' : 'NOT'}: ${what}: ${step.seen}`);
    steps.push(step);
    if (!step.took) break;
  }
  const { province, receiver } = bench;
  const stop = await province.province.playStop('province', { target: { receiver: RECEIVER }, playId });
  await province.send(stop);
  const { message: receipt } = await province.ears.waitFor(
    'receipt',
    ({ message }) => message.body.playId === playId,
    20_000,
  );
  const media = await mediaFollows(bench, bulletinPath).then(
    (seen) => ({ took: true, seen }),
    (error: unknown) => ({ took: false, seen: String(error).slice(0, 300) }),
  );
  steps.push({ what: 'media come from a server of the new authority, and from no other', ...media });
  await receiver.stop();
  const { samples } = await readWav(bench.heardPath);
  const span = receipt.body.spans.at(-1);
  if (span === undefined) throw new Error('nothing was heard');
  const toFrame = Math.min(span.toFrame, samples.length);
  return {
    steps,
    comparison: compareSegment({
      ...{ heard: samples, reference: await decodeReference(bulletinPath), rateHz: RATE_HZ },
      ...{ fromFrame: span.fromFrame, toFrame, rampFrames: RAMP_FRAMES },
      ...{ expectedLagFrames: span.fromFrame, searchFrames: RATE_HZ },
    }),
    longestSilenceMs: longestSilenceMs(
      { samples, rateHz: RATE_HZ },
      span.fromFrame + RAMP_FRAMES,
      toFrame - RAMP_FRAMES,
    ),
    secondsHeard: (toFrame - span.fromFrame) / RATE_HZ,
    underruns: receipt.body.underruns,
    disbelieved: province.ears.disbelieved.length,
  };
}

async function putOnAir(bench: AuthorityBench, media: MediaServer, path: string): Promise<string> {
  const { province, receiver } = bench;
  const served = media.addFile(`${Date.now()}.mp3`, await readFile(path));
  const publication = await province.province.playStart('province', {
    target: { receiver: RECEIVER },
    title: 'Bản tin sáng',
    source: { kind: 'file', url: served.url, sha256: served.sha256, onInterrupt: 'resume' },
    forMs: 240_000,
  });
  await province.send(publication);
  await receiver.waitFor('on air', ({ onAir }) => onAir !== undefined);
  return publication.message.body.playId;
}

async function rollBack(bench: AuthorityBench): Promise<string> {
  const { receiver } = bench;
  const before = await readIdentity(bench.identities);
  const renewed = await renew(bench);
  await bench.revokeClients([renewed.certificatePem]);
  const asked = Date.now();
  bench.cutLink();
  await waitUntil(
    'the old pair is in force again',
    async () => (await readIdentity(bench.identities)).fingerprint === before.fingerprint || undefined,
    { deadlineMs: 30_000 },
  );
  await receiver.waitFor('connected with the old pair', ({ link }) => link.kind === 'up');
  const alarm = await eventOf(bench, 'alarm', 'E_LINK_TLS', asked);
  return `refused (${alarm}), the old pair is back and connected`;
}

async function addAnchor(bench: AuthorityBench): Promise<string> {
  const { old, next, est } = bench;
  est.rotate({
    caCertificatesPem: [old.anchorsPem, next.anchorsPem, await old.vouchFor(next)],
    clientAnchorsPem: [old.anchorsPem, next.anchorsPem],
  });
  await lookAtAnchors(bench);
  await untilAnchors(bench, old.anchorsPem + next.anchorsPem);
  return 'both in force';
}

async function renewByNext(bench: AuthorityBench): Promise<string> {
  bench.est.rotate({ signer: inProcessSigner(bench.next) });
  const renewed = await renew(bench);
  await renewed.withAnchors(bench.next.anchorsPem);
  return 'issued by the new authority';
}

async function brokerOfNext(bench: AuthorityBench): Promise<string> {
  await bench.newBrokerCertificate(bench.next);
  return reconnected(bench);
}

async function dropAnchor(bench: AuthorityBench): Promise<string> {
  const { next, est } = bench;
  const own = [next.anchorsPem];
  est.rotate({ identity: await next.issueServer(), caCertificatesPem: own, clientAnchorsPem: own });
  // The first look still finds the server by the old set; what it brings is the new authority alone.
  await lookAtAnchors(bench);
  await untilAnchors(bench, next.anchorsPem);
  await bench.trustClientsOf(next);
  return `the new one alone; ${await reconnected(bench)}`;
}

async function revokeBroker(bench: AuthorityBench): Promise<string> {
  const { receiver, next } = bench;
  const bad = await bench.newBrokerCertificate(next);
  await reconnected(bench);
  await listMayBeNewer();
  await bench.publishRevoked([bad]);
  await lookAtAnchors(bench);
  const { link } = await receiver.waitFor(
    'the revoked broker is left',
    (status) => status.link.kind !== 'up' && /revoked/.test(status.link.lastError?.detail ?? ''),
  );
  const heardOn = (await receiver.status()).onAir !== undefined;
  await bench.newBrokerCertificate(next);
  await receiver.waitFor('connected to the good one', (status) => status.link.kind === 'up');
  if (!heardOn) throw new Error('off air meanwhile');
  return `left (${link.lastError?.code ?? ''}), refused until it had another certificate`;
}

async function revokeOwn(bench: AuthorityBench): Promise<string> {
  const { receiver } = bench;
  const own = await readIdentity(bench.identities);
  await bench.revokeClients([own.certificatePem]);
  const asked = Date.now();
  bench.cutLink();
  const { link, onAir } = await receiver.waitFor(
    'refused by the broker',
    (status) => status.link.kind !== 'up' && status.link.lastError?.code === 'E_LINK_TLS',
  );
  if (onAir === undefined) throw new Error('off air meanwhile');
  await renew(bench, 'told later');
  await receiver.waitFor('connected with the renewed one', (status) => status.link.kind === 'up');
  await eventOf(bench, 'alarm', 'E_LINK_TLS', asked);
  return `refused (${(link.lastError?.detail ?? '').slice(0, 80)}), on air, alarm told, connected after a renewal`;
}

/** A short bulletin of each media server: the new authority's is heard, the old one's is refused. */
async function mediaFollows(bench: AuthorityBench, path: string): Promise<string> {
  const { province, receiver, media, nextMedia } = bench;
  await receiver.waitFor('off air', ({ onAir }) => onAir === undefined);
  await putOnAir(bench, nextMedia, path);
  const short = await unbrokenBulletin();
  const served = media.addFile('other.mp3', short.subarray(0, short.length / 2));
  const publication = await province.province.playStart('tan-hoa', {
    target: { receiver: RECEIVER },
    title: 'Bản tin xã',
    source: { kind: 'file', url: served.url, sha256: served.sha256, onInterrupt: 'resume' },
    forMs: 8_000,
  });
  await province.send(publication);
  const { message } = await province.ears.waitFor(
    'receipt',
    (one) => one.message.body.playId === publication.message.body.playId,
    30_000,
  );
  const heard = message.body.spans.length;
  if (heard > 0) throw new Error('a server of the old authority was heard');
  return `new: on air; old: ${message.body.outcome}, nothing heard`;
}

async function renew(bench: AuthorityBench, told: 'told at once' | 'told later' = 'told at once') {
  const before = await readIdentity(bench.identities);
  const asked = await bench.receiver.loa(['certificate', 'renew']);
  if (asked.code !== 0) throw new Error(`not renewed: ${asked.stderr}`);
  const after = await waitUntil(
    'a renewed pair is in force',
    async () => {
      const now = await readIdentity(bench.identities);
      return now.fingerprint === before.fingerprint ? undefined : now;
    },
    { deadlineMs: 25_000 },
  );
  if (told === 'told at once') await eventOf(bench, 'notice', 'N_IDENTITY_RENEWED', Date.now() - 25_000);
  return after;
}

async function lookAtAnchors({ receiver }: AuthorityBench): Promise<void> {
  const asked = await receiver.loa(['certificate', 'anchors']);
  if (asked.code !== 0) throw new Error(asked.stderr);
}

async function untilAnchors(bench: AuthorityBench, anchorsPem: string): Promise<void> {
  await waitUntil(
    'the anchors wanted are in force',
    async () => (await readIdentity(bench.identities)).anchorsPem.join('') === anchorsPem || undefined,
    { deadlineMs: 25_000 },
  );
}

async function reconnected(bench: AuthorityBench): Promise<string> {
  const { since } = (await bench.receiver.status()).link;
  bench.cutLink();
  await bench.receiver.waitFor('connected again', ({ link }) => link.kind === 'up' && link.since !== since);
  return 'connected again';
}

async function eventOf(bench: AuthorityBench, kind: string, code: string, sinceMs: number): Promise<string> {
  const { message } = await bench.province.ears.waitFor(
    'event',
    (event) =>
      event.message.body.kind === kind &&
      event.message.body.code === code &&
      Date.parse(event.message.at) >= sinceMs - 1_000,
    20_000,
  );
  return message.body.detail ?? '';
}

/** A list tells its age in whole seconds. */
async function listMayBeNewer(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  await waitUntil('another second', () => Math.floor(Date.now() / 1000) > second + 1 || undefined);
}
