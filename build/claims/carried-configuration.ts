import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * How this machine reaches its package registries, found by asking apt and npm, to be used inside a root: a machine may
 * have only mirrors or a proxy. Nothing of it stays in a root that is kept.
 */
export interface Carried {
  /** Holds `apt.conf`, and where there are any `user.npmrc`, `global.npmrc` and `ca.pem`. */
  readonly folder: string;
  /** The file of apt options in it. */
  readonly aptOptions: string;
  /** Environment for commands inside: proxies and certificates. */
  readonly environment: Readonly<Record<string, string>>;
  /** `deb` lines for a Debian suite, from the mirrors in use here. */
  sources(suite: string): string[];
}

const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'];
const MAIN_MIRROR = 'http://deb.debian.org/debian';
const SECURITY_MIRROR = 'http://deb.debian.org/debian-security';

/** Gathers the configuration into `folder`. */
export async function carriedConfiguration(folder: string): Promise<Carried> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aptOptions = join(folder, 'apt.conf');
  await writeFile(aptOptions, await acquireOptions());
  const environment: Record<string, string> = {};
  for (const name of PROXIES.flatMap((proxy) => [proxy, proxy.toUpperCase()])) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const which of ['user', 'global']) {
    const path = await npmSetting(`${which}config`);
    if (path !== undefined && (await isThere(path))) await copyFile(path, join(folder, `${which}.npmrc`));
  }
  const authority =
    process.env['NODE_EXTRA_CA_CERTS'] ?? (await npmSetting('cafile')) ?? process.env['SSL_CERT_FILE'];
  if (authority !== undefined && (await isThere(authority)))
    await copyFile(authority, join(folder, 'ca.pem'));
  const mirrors = await debianMirrors();
  return {
    folder,
    aptOptions,
    environment,
    sources: (suite) => [
      `deb ${mirrors.main} ${suite} main`,
      `deb ${mirrors.main} ${suite}-updates main`,
      `deb ${mirrors.security} ${suite}-security main`,
    ],
  };
}

/** The machine's own apt options about fetching (proxy, dates, retries), without apt's tables of what to fetch. */
async function acquireOptions(): Promise<string> {
  const { stdout } = await run('apt-config', ['dump']);
  const lines = stdout
    .split('\n')
    .filter((line) => /^Acquire::/.test(line) && !/ "";$/.test(line))
    .filter((line) => !/^Acquire::(IndexTargets|Changelogs|Languages|CompressionTypes|cdrom)\b/.test(line));
  return `${lines.join('\n')}\n`;
}

/** The Debian mirrors that apt uses here, as apt itself reads its sources; Debian's own where it uses none. */
async function debianMirrors(): Promise<{ main: string; security: string }> {
  const format = '$(ORIGIN)|$(RELEASE)|$(REPO_URI)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const used = stdout
    .split('\n')
    .map((line) => line.split('|'))
    .filter(([origin]) => origin === 'Debian');
  const security = used.find(([, release]) => release?.endsWith('-security'))?.[2];
  const main = used.find(([, release]) => release !== undefined && !release.includes('-'))?.[2];
  return { main: main ?? MAIN_MIRROR, security: security ?? SECURITY_MIRROR };
}

async function npmSetting(key: string): Promise<string | undefined> {
  const { stdout } = await run('npm', ['config', 'get', key]);
  const value = stdout.trim();
  return value === '' || value === 'null' || value === 'undefined' ? undefined : value;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
