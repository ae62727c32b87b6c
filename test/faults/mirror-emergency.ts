import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RATE_HZ } from '../../agent/core/units.js';
import { instant } from '../../agent/core/clock.js';
import { speechPath } from '../fixtures/speech/speech.js';
import { compareSegment, type Comparison } from '../heard/compare.js';
import { decodeReference } from '../heard/decode.js';
import { levelDb } from '../heard/level.js';
import { readWav } from '../heard/wav.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { freePort } from '../support/free-port.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const ID = 'loa-0001';
/** Short enough to wait for, long enough for installing with it. */
const CERTIFICATE_LIFE_MS = 12_000;
const HEARD_FOR_MS = 6_000;
const LOUD_DB = -45;
/** Times of the mirror for a test, seconds: five minutes and one in the field. */
export const QUICK_MIRROR = { afterS: 2, everyS: 1 } as const;

/** What was seen of a receiver that has nothing but the mirror. */
export interface MirrorEmergency {
  /** Days until the device certificate expires, negative here, when the receiver was started. */
  readonly certificateDaysLeft: number;
  /** Connections to a broker that were ever up. */
  readonly everUp: boolean;
  /** From the signing of the emergency, before it stood on the mirror, to the emergency on air, milliseconds. */
  readonly heardAfterMs: number;
  /** From the signing of its end to silence, milliseconds. */
  readonly endedAfterMs: number;
  /** Versions of the trust document before and after: both steps came from the mirror. */
  readonly trustVersions: readonly [number, number];
  /** The emergencies in force after its end. */
  readonly left: number;
  /** What came out against the file that the emergency names. */
  readonly comparison: Comparison;
  readonly secondsHeard: number;
  /** `loa status` while it was on air. */
  readonly statusText: string;
  /** Requests of a round in which nothing had changed, and their answers. */
  readonly quietRound: { readonly requests: number; readonly unchanged: number };
}

/** Broker never reachable, device certificate expired: an emergency, its end and two trust documents by the mirror alone. */
export async function emergencyByMirror(t: Teardown): Promise<MirrorEmergency> {
  const folder = await temporaryFolder(t);
  const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
  t.teardown(() => source.close());
  const heardPath = join(folder, 'heard.wav');
  const { receiver, expiresMs } = await enrolShortly(source, join(folder, ID), {
    broker: { host: 'localhost', port: await freePort() },
    settings: {
      sound: { sink: 'file', device: heardPath },
      media: { publicAnchors: false },
      mirror: { url: source.mirror.url, publicAnchors: false, ...QUICK_MIRROR },
    },
  });
  t.teardown(() => receiver.stop());
  await sleep(Math.max(0, expiresMs - Date.now()) + 100);
  await receiver.start();
  const { certificate, trustVersion } = await receiver.status();
  await receiver.waitFor('assigned by the mirror', ({ assignment }) => assignment !== undefined);
  await source.province.revoke('an-phu');
  await source.province.changeTrust((document) => document);
  await source.folder.writeMirror();
  const later = await receiver.waitFor('trust by the mirror', (status) => status.trustVersion === 3);

  const publishedMs = await publish(source);
  await receiver.waitFor('on air', ({ onAir }) => onAir?.class === 'emergency');
  const heardAfterMs = Date.now() - publishedMs;
  const quietRound = await aQuietRound(source);
  await sleep(HEARD_FOR_MS);
  const statusText = (await receiver.loa(['status', '--lang', 'en'])).stdout;
  const endedMs = Date.now();
  await source.province.emergencyCancel('province', { area: 'ap-1' });
  await source.folder.writeMirror();
  const after = await receiver.waitFor('silence', ({ onAir }) => onAir === undefined);
  const endedAfterMs = Date.now() - endedMs;
  await receiver.stop();
  return {
    certificateDaysLeft: certificate.daysLeft,
    everUp: /"msg":"link up"/.test(receiver.written),
    ...{ heardAfterMs, endedAfterMs, statusText, quietRound },
    trustVersions: [trustVersion, later.trustVersion],
    left: after.emergencies.length,
    ...(await heardOf(heardPath)),
  };
}

/** Enrolled with a certificate that has a few seconds to live; its assignment is on the mirror alone. */
async function enrolShortly(
  source: SourceSystem,
  folder: string,
  parts: { readonly broker: { host: string; port: number }; readonly settings: Record<string, unknown> },
): Promise<{ receiver: ReceiverProcess; expiresMs: number }> {
  let expiresMs = 0;
  const receiver = await ReceiverProcess.enrol({
    ...{ id: ID, folder, ...parts },
    admit: async (csrPem) => {
      const admission = await source.enrol({ id: ID, csrPem, home: 'ap-1' });
      // A certificate counts whole seconds.
      expiresMs = Math.floor((Date.now() + CERTIFICATE_LIFE_MS) / 1000) * 1000;
      const notAfter = new Date(expiresMs);
      return { ...admission, certificatePem: await source.ca.signRequest(csrPem, ID, { notAfter }) };
    },
  });
  return { receiver, expiresMs };
}

/** Signs an emergency of a file, and puts it on the mirror alone. Returns when that was begun. */
async function publish({ province, media, folder }: SourceSystem): Promise<number> {
  const { url, sha256 } = media.addFile('bulletin.mp3', await readFile(speechPath('bulletin.mp3')));
  const signedMs = Date.now();
  await province.emergencySet('province', { area: 'ap-1' }, [
    {
      title: 'Lũ quét: di chuyển lên cao ngay',
      severity: 'extreme',
      content: [
        { kind: 'file', url, sha256, onInterrupt: 'resume' },
        { kind: 'stored', name: 'siren' },
      ],
      endsAt: instant(Date.now() + 600_000),
      repeatEveryMs: 300_000,
    },
  ]);
  await folder.writeMirror();
  return signedMs;
}

/** Waits for a round in which nothing had changed, and counts it: a round begins with the next trust document. */
async function aQuietRound({ mirror }: SourceSystem): Promise<MirrorEmergency['quietRound']> {
  const rounds = (): (typeof mirror.requests)[number][][] => {
    const found: (typeof mirror.requests)[number][][] = [];
    for (const request of mirror.requests) {
      if (request.path.startsWith('/loa/v1/trust/')) found.push([]);
      found.at(-1)?.push(request);
    }
    // The last may still be under way.
    return found.slice(0, -1);
  };
  return waitUntil('a round without news', () => {
    const quiet = rounds().find(
      (round) => round.length > 1 && round.every(({ status }) => status === 304 || status === 404),
    );
    if (quiet === undefined) return undefined;
    return { requests: quiet.length, unchanged: quiet.filter(({ status }) => status === 304).length };
  });
}

/** Finds the bulletin in the recording, from its end, and compares all of it. */
async function heardOf(path: string): Promise<Pick<MirrorEmergency, 'comparison' | 'secondsHeard'>> {
  const { samples } = await readWav(path);
  const reference = await decodeReference(speechPath('bulletin.mp3'));
  const block = RATE_HZ / 20;
  let end = samples.length;
  while (end > 0 && levelDb(samples, end - block, end) < LOUD_DB) end -= block;
  const question = { heard: samples, reference, rateHz: RATE_HZ, toFrame: end - RATE_HZ / 2 };
  const last = compareSegment({
    ...question,
    fromFrame: end - 3 * RATE_HZ,
    ...{ rampFrames: RATE_HZ / 5, expectedLagFrames: end - 8 * RATE_HZ, searchFrames: 8 * RATE_HZ },
  });
  const fromFrame = Math.max(0, last.lagFrames);
  return {
    secondsHeard: (question.toFrame - fromFrame) / RATE_HZ,
    comparison: compareSegment({
      ...{ ...question, fromFrame, rampFrames: RATE_HZ / 5 },
      ...{ expectedLagFrames: last.lagFrames, searchFrames: RATE_HZ / 10 },
    }),
  };
}
