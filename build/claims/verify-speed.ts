import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KeyRing } from '../../protocols/key-ring.js';
import { readSigned } from '../../protocols/signed-message.js';
import { Cast } from '../../test/security/cast.js';
import { makeCorpus } from '../../test/security/fuzz-corpus.js';
import { missingTool } from '../../test/support/external-tool.js';
import { signTrust } from '../../test/fixtures/trust/signers.js';
import type { Claim, Measured, ProveContext } from './claim.js';

const run = promisify(execFile);
const LEAST_A_SECOND = 500;
const MOST_START_MS = 60;
const RUN_MS = 2_000;
const STARTS = 7;

/** Whole verifications a second: from the bytes of the wire to a message, signature included, one after the other. */
async function perSecond(): Promise<number> {
  const { signed, ring } = await makeCorpus();
  const messages = signed.map((text) => Buffer.from(text));
  const once = async (): Promise<void> => {
    for (const bytes of messages) {
      const outcome = readSigned(bytes, ring);
      if (!outcome.ok) throw new Error(outcome.refusal.detail);
    }
  };
  for (let warm = 0; warm < 25; warm += 1) await once();
  const startMs = performance.now();
  let count = 0;
  while (performance.now() - startMs < RUN_MS) {
    await once();
    count += messages.length;
  }
  return count / ((performance.now() - startMs) / 1000);
}

async function speed(context: ProveContext): Promise<Measured> {
  const skip = missingTool('openssl');
  if (skip !== false) return { measured: skip, holds: null };
  const before = await perSecond();
  context.progress(`    ${before.toFixed(0)} messages a second`);
  const { stdout } = await run('openssl', ['speed', '-seconds', '2', 'ecdsap256'], { timeout: 30_000 });
  const openssl = Number(/\(nistp256\).*?([\d.]+)\s*$/m.exec(stdout)?.[1]);
  return {
    measured:
      `${before.toFixed(0)} messages a second (openssl speed: ${openssl.toFixed(0)} bare verifications ` +
      `a second, in the same run; ${(openssl / before).toFixed(1)} times as many)`,
    holds: before >= LEAST_A_SECOND,
    note: 'readSigned: form, header, known key, ES256, strict JSON, schema; four kinds of message in turn',
  };
}

/** Milliseconds that the main thread of fresh processes waits for this text to run, the least of several. */
async function leastStart(text: string, path: string): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    const program = `const startMs = performance.now(); ${text} console.log(performance.now() - startMs);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, path], {
      timeout: 20_000,
    });
    times.push(Number(stdout));
  }
  return Math.min(...times);
}

/**
 * What trust adds to a start: a process that loads the store's and the schemas' libraries alone, as the program does
 * anyway, against one that also verifies the trust document and imports its keys.
 */
async function startCost(context: ProveContext): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-start-'));
  try {
    const cast = await Cast.make();
    const trust = cast.trust();
    const path = join(folder, 'trust.json');
    await writeFile(path, await signTrust(trust, cast.roots.slice(0, 2)));
    if ((await KeyRing.of(trust)).find(cast.signers.province.kid) === undefined)
      throw new Error('no key ring');
    const url = (...parts: string[]): string =>
      JSON.stringify(`file://${join(context.root, 'dist', ...parts)}`);
    const base = `
      await import(${url('protocols', 'messages', 'catalogue.js')});
      const { readFile } = await import('node:fs/promises');
      await readFile(process.argv.at(-1), 'utf8');`;
    const whole = `${base}
      const { verifyTrust, rootFingerprint, keptTrust } = await import(${url('protocols', 'trust-document.js')});
      const { KeyRing } = await import(${url('protocols', 'key-ring.js')});
      const text = await readFile(process.argv.at(-1), 'utf8');
      const kept = keptTrust(text);
      const verified = await verifyTrust(text, { fingerprint: await rootFingerprint(kept.value.root) });
      if (!verified.ok) throw new Error(verified.refusal.detail);
      await KeyRing.of(verified.value);`;
    const without = await leastStart(base, path);
    const withTrust = await leastStart(whole, path);
    const added = withTrust - without;
    return {
      measured: `${added.toFixed(0)} ms added (${without.toFixed(0)} to ${withTrust.toFixed(0)} ms, least of ${STARTS} fresh processes each)`,
      holds: added <= MOST_START_MS,
      note: 'loading jose, verifying the trust document by two root keys, importing four keys',
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Item 6 of area trust: what verification costs. */
export const verifySpeedClaims: readonly Claim[] = [
  {
    area: 'trust',
    item: 6,
    claim: 'Signed messages are verified fast enough, beside openssl speed for the same curve',
    bound: `at least ${LEAST_A_SECOND} a second`,
    measure: speed,
  },
  {
    area: 'trust',
    item: 6,
    claim: 'Keys and trust document add little to the start',
    bound: `at most ${MOST_START_MS} ms`,
    measure: startCost,
  },
];
