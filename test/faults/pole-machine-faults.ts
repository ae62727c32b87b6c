import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { countryDay } from '../../agent/programme/as-run.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { systemClock } from '../../agent/core/clock.js';
import { POLE_RECEIVER, type PoleBench } from './pole-bench.js';
import type { PoleFault } from './pole-fault.js';

const run = promisify(execFile);

const stateOf = ({ receiver }: PoleBench): string => join(receiver.folder, 'state');
const identityOf = (bench: PoleBench): string => join(stateOf(bench), 'identity');

/** Keeps a file aside while a fault stands in its place. */
function spoilt(
  of: (bench: PoleBench) => string,
  spoil: (path: string) => Promise<unknown>,
): Pick<PoleFault, 'seed' | 'mend'> {
  return {
    async seed(bench) {
      await copyFile(of(bench), `${of(bench)}.well`);
      await spoil(of(bench));
      return undefined;
    },
    async mend(bench) {
      const text = await readFile(`${of(bench)}.well`);
      await writeFile(of(bench), text, { mode: 0o600 });
      await chmod(of(bench), 0o600);
      await rm(`${of(bench)}.well`);
    },
  };
}

async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (;;) await file.write(Buffer.alloc(65_536, 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}

/** A process whose wall clock stands so far from the machine's. */
function clockOff(offsetMs: number): NodeJS.ProcessEnv {
  const code = `const now=Date.now;Date.now=()=>now()+(${offsetMs});`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

/** Faults of disk, clock, settings, identity, program, decoder and cache, each by the part itself. */
export const MACHINE_FAULTS: readonly PoleFault[] = [
  {
    ...{ name: 'clock in 1970', part: 'real', code: 'E_CLOCK_WRONG', remedy: /date -s/ },
    seed: async () => ({ env: clockOff(-Date.now() + 60_000) }),
  },
  {
    ...{ name: 'disk full', part: 'real', code: 'E_DISK_FULL', remedy: /df -h/ },
    seed: async (bench) => {
      await fill(join(stateOf(bench), 'filler'));
      return undefined;
    },
    mend: (bench) => rm(join(stateOf(bench), 'filler'), { force: true }),
  },
  {
    ...{ name: 'disk read-only', part: 'real', code: 'E_DISK_READ_ONLY', remedy: /dmesg/ },
    seed: async (bench) => {
      await bench.receiver.stop();
      await run('mount', ['-o', 'remount,ro', stateOf(bench)]);
      return undefined;
    },
    mend: async (bench) => {
      await run('mount', ['-o', 'remount,rw', stateOf(bench)]);
      await bench.restart();
    },
  },
  {
    ...{ name: 'settings spoilt', part: 'real', code: 'E_CONFIG_KEY', remedy: /key named/ },
    seed: async (bench) => ({
      configPath: await bench.otherConfig('spoilt', (settings) => {
        settings['broker'] = { ...settings['broker'], prot: 8883 };
      }),
    }),
  },
  {
    ...{
      name: 'device certificate expired',
      part: 'real',
      code: 'E_IDENTITY_EXPIRED',
      remedy: /new certificate|clock/,
    },
    async seed(bench) {
      const path = join(identityOf(bench), 'device.crt');
      await copyFile(path, `${path}.well`);
      const csr = await readFile(join(identityOf(bench), 'device.csr'), 'utf8');
      const day = 86_400_000;
      const validity = { notBefore: new Date(Date.now() - 10 * day), notAfter: new Date(Date.now() - day) };
      await writeFile(path, await (await bench.authority()).signRequest(csr, POLE_RECEIVER, validity));
      return undefined;
    },
    mend: (bench) =>
      copyFile(join(identityOf(bench), 'device.crt.well'), join(identityOf(bench), 'device.crt')),
  },
  {
    ...{
      name: 'device certificate of a foreign CA',
      part: 'real',
      code: 'E_IDENTITY_FOREIGN',
      remedy: /right anchors/,
    },
    ...spoilt(
      (bench) => join(identityOf(bench), 'anchors.pem'),
      async (path) =>
        writeFile(
          path,
          (await CertificateAuthority.create(systemClock, 'Stranger CA')).identity.certificatePem,
        ),
    ),
  },
  {
    ...{ name: 'private key open to others', part: 'real', code: 'E_IDENTITY_KEY', remedy: /0600/ },
    seed: async (bench) => {
      await chmod(join(identityOf(bench), 'device.key'), 0o644);
      return undefined;
    },
    mend: (bench) => chmod(join(identityOf(bench), 'device.key'), 0o600),
  },
  {
    ...{ name: 'agent stopped', part: 'real', code: 'E_PROGRAM_STOPPED', remedy: /systemctl start loa/ },
    seed: async ({ receiver }) => {
      await receiver.stop();
      return undefined;
    },
    mend: (bench) => bench.restart(),
  },
  {
    ...{ name: 'agent hung', part: 'real', code: 'E_PROGRAM_HUNG', remedy: /systemctl restart loa/ },
    seed: async ({ receiver }) => {
      process.kill(receiver.pid ?? 0, 'SIGSTOP');
      return undefined;
    },
    async mend(bench) {
      process.kill(bench.receiver.pid ?? 0, 'SIGCONT');
      await bench.connected();
    },
  },
  {
    ...{ name: 'agent looping', part: 'real', code: 'E_PROGRAM_LOOPS', remedy: /journalctl/ },
    async seed({ receiver }) {
      for (let i = 0; i < 3; i += 1) {
        await receiver.stop('SIGKILL');
        await receiver.start();
      }
      await receiver.stop('SIGKILL');
      return undefined;
    },
    mend: (bench) => bench.restart(),
  },
  {
    ...{ name: 'decoder missing', part: 'real', code: 'E_DECODER_MISSING', remedy: /ffmpeg/ },
    seed: async ({ receiver }) => ({ env: { PATH: receiver.folder } }),
  },
  {
    ...{
      name: 'trust document damaged',
      part: 'real',
      code: 'E_TRUST_DOCUMENT',
      remedy: /loa certificate trust/,
    },
    ...spoilt(
      (bench) => join(stateOf(bench), 'trust.json'),
      (path) => writeFile(path, '{"torn":'),
    ),
  },
  {
    ...{ name: 'kept file corrupt', part: 'real', code: 'E_CACHE_CORRUPT', remedy: /fetched again/ },
    async seed(bench) {
      const bytes = randomBytes(20_000);
      const media = join(stateOf(bench), 'media');
      await mkdir(media, { recursive: true });
      const name = createHash('sha256').update(bytes).digest('hex');
      bytes.writeUInt8((bytes[7] ?? 0) ^ 1, 7);
      await writeFile(join(media, name), bytes);
      return undefined;
    },
    mend: async (bench) => {
      await rm(join(stateOf(bench), 'media'), { recursive: true });
      await bench.restart();
    },
  },
  {
    ...{ name: 'live play ended without its lease', part: 'real', code: 'E_LEASE_ENDED', remedy: /studio/ },
    async seed({ rig, receiver }) {
      const source = { kind: 'text', text: 'Một hai ba. '.repeat(60), lang: 'vi' } as const;
      await rig.send(
        await rig.province.playStart('tan-hoa', {
          target: { area: 'tan-hoa' },
          source,
          title: 'Trực tiếp',
          forMs: 1_500,
        }),
      );
      const log = join(receiver.folder, 'state', 'as-run', `${countryDay(Date.now())}.json`);
      for (let i = 0; i < 60; i += 1) {
        if ((await readFile(log, 'utf8').catch(() => '')).includes('lease-ended')) return undefined;
        await sleep(250);
      }
      throw new Error('no lease has ended');
    },
    mend: async (bench) => {
      await bench.receiver.stop();
      await rm(join(stateOf(bench), 'as-run'), { recursive: true, force: true });
      await bench.restart();
    },
  },
];
