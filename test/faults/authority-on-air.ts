import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RATE_HZ } from '../../agent/core/units.js';
import type { Identity } from '../../certs/identity.js';
import { readIdentity } from '../../certs/load-identity.js';
import type { Receipt } from '../../protocols/messages/up.js';
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
const REPEATS = 5;

/** One thing that the province did, and what was seen of it. */
export interface AuthorityStep {
  readonly about: 'rollback' | 'rotation' | 'revocation';
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
const STEPS: readonly (readonly [
  AuthorityStep['about'],
  string,
  (bench: AuthorityBench) => Promise<string>,
])[] = [
  [
    'rollback',
    'a renewed pair that the broker refuses three times gives way to the old one, with an alarm',
    rollBack,
  ],
  ['rotation', 'the new authority is trusted beside the old one', addAnchor],
  ['rotation', 'the certificate is renewed by the new authority', renewByNext],
  ['rotation', 'the broker has a certificate of the new authority', brokerOfNext],
  ['rotation', 'the old authority is trusted no more', dropAnchor],
  [
    'revocation',
    "the broker's certificate is revoked: its connection ends, and the good one is taken",
    revokeBroker,
  ],
  [
    'revocation',
    'the own certificate is revoked at the broker: refused with an alarm, then renewed',
    revokeOwn,
  ],
];

/** Rotates the anchors, revokes the broker and the receiver, and refuses a renewal, under one bulletin. */
export async function changeAuthorityOnAir(
  t: Teardown,
  tell: (line: string) => void = () => undefined,
): Promise<AuthorityOnAir> {
  const folder = await temporaryFolder(t);
  const bench = await openAuthorityBench(t, folder);
  const bulletinPath = join(folder, 'bulletin.mp3');
  await writeFile(bulletinPath, await unbrokenBulletin(REPEATS));
  const playId = await play(bench, bench.media, bulletinPath, 240_000);
  await bench.receiver.waitFor('on air', ({ onAir }) => onAir !== undefined);
  const steps: AuthorityStep[] = [];
  for (const [about, what, work] of STEPS) {
    const step = await work(bench).then(
      (seen) => ({ about, what, took: true, seen }),
      (error: unknown) => ({ about, what, took: false, seen: String(error).slice(0, 300) }),
    );
    tell(`${step.took ? 'took' : 'NOT'}: ${what}: ${step.seen}`);
    steps.push(step);
    if (!step.took) break;
  }
  const { province, receiver } = bench;
  const stop = await province.province.playStop('province', { target: { receiver: RECEIVER }, playId });
  await province.send(stop);
  const receipt = await receiptOf(bench, playId);
  const media = await mediaFollows(bench, bulletinPath).then(
    (seen) => ({ took: true, seen }),
    (error: unknown) => ({ took: false, seen: String(error).slice(0, 300) }),
  );
  steps.push({
    about: 'rotation',
    what: 'media come from a server of the new authority, and from no other',
    ...media,
  });
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

async function play(bench: AuthorityBench, media: MediaServer, path: string, forMs: number): Promise<string> {
  const { province } = bench;
  // Another name is another file: one that was fetched before would come from the disk.
  const content = Buffer.concat([await readFile(path), Buffer.from(String(forMs))]);
  const served = media.addFile(`${forMs}.mp3`, content);
  const publication = await province.province.playStart('province', {
    target: { receiver: RECEIVER },
    title: 'Bản tin sáng',
    source: { kind: 'file', url: served.url, sha256: served.sha256, onInterrupt: 'resume' },
    forMs,
  });
  await province.send(publication);
  return publication.message.body.playId;
}

async function receiptOf({ province }: AuthorityBench, playId: string): Promise<Receipt> {
  const { message } = await province.ears.waitFor(
    'receipt',
    (one) => one.message.body.playId === playId,
    20_000,
  );
  return message;
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
    async () =>
      // Read while the pair is being taken back, it may be half gone.
      readIdentity(bench.identities).then(
        ({ fingerprint }) => fingerprint === before.fingerprint || undefined,
        () => undefined,
      ),
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
  const { since } = (await bench.receiver.status()).link;
  await bench.newBrokerCertificate(bench.next);
  return connectedSince(bench, since);
}

async function dropAnchor(bench: AuthorityBench): Promise<string> {
  const { next, est } = bench;
  const own = [next.anchorsPem];
  est.rotate({ identity: await next.issueServer(), caCertificatesPem: own, clientAnchorsPem: own });
  await lookAtAnchors(bench);
  await untilAnchors(bench, next.anchorsPem);
  const { since } = (await bench.receiver.status()).link;
  await bench.trustClientsOf(next);
  return `the new one alone, on both sides; ${await connectedSince(bench, since)}`;
}

async function revokeBroker(bench: AuthorityBench): Promise<string> {
  const { receiver, next } = bench;
  const { since } = (await receiver.status()).link;
  const bad = await bench.newBrokerCertificate(next);
  await connectedSince(bench, since);
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

/** A bulletin of each media server: the old authority's is refused by TLS, the new one's is on air. */
async function mediaFollows(bench: AuthorityBench, path: string): Promise<string> {
  const { receiver, media, nextMedia } = bench;
  await receiver.waitFor('off air', ({ onAir }) => onAir === undefined);
  const foreign = await play(bench, media, path, 3_000);
  const { code, spans } = (await receiptOf(bench, foreign)).body;
  if (code !== 'E_MEDIA_CONNECT' || spans.length > 0)
    throw new Error('a server of the old authority was not refused');
  await play(bench, nextMedia, path, 60_000);
  await receiver.waitFor('on air from the new server', ({ onAir }) => onAir !== undefined);
  return `old: ${code}; new: on air`;
}

async function renew(
  bench: AuthorityBench,
  told: 'told at once' | 'told later' = 'told at once',
): Promise<Identity> {
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

async function connectedSince(bench: AuthorityBench, since: string): Promise<string> {
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
