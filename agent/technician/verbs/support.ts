import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { identityFiles, identityFolder } from '../../../certs/identity-folder.js';
import { writeAtomic } from '../../core/atomic-file.js';
import { systemClock } from '../../core/clock.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { AS_RUN_FOLDER, TRUST_FILE } from '../../state-files.js';
import { VERSION } from '../../version.js';
import { tellActed } from '../acted.js';
import { archive, type ArchivedFile } from '../archive.js';
import { askReceiver } from '../client.js';
import { CHAIN } from '../diagnose/chain.js';
import { diagnose } from '../diagnose/collect.js';
import { printed } from '../diagnose/limited.js';
import { summaryText } from '../diagnose/report-text.js';
import { knownSecrets } from '../known-secrets.js';
import { isClean, redacted } from '../redaction.js';
import { withoutSecrets } from '../settings-file.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';

/** Largest archive, bytes. */
export const SUPPORT_LIMIT_BYTES = 5 << 20;
const LOG_LINES = 8_000;
const FILE_LIMIT_CHARS = 1_500_000;
const AS_RUN_DAYS = 14;

/** `loa support`: one archive for who helps from afar, without secrets, with a list of what is inside. */
export const supportVerb: Verb = {
  summary: {
    vi: 'gói tệp hỗ trợ (≤ 5 MB, đã bỏ khóa và mật khẩu, có danh sách bên trong)',
    en: 'one support archive (≤ 5 MB, secrets removed, a list of what is inside)',
  },
  usage: 'support [--output FILE]',
  async run(context) {
    const { config, language, json, print } = context;
    const path = outputOf(context.args);
    const known = await knownSecrets(config.stateFolder, config.broker.proxy);
    const raw = await collected(context);
    const files = raw.map(({ name, content }) => ({
      name,
      content: redacted(content.slice(-FILE_LIMIT_CHARS), known),
    }));
    const listed = [{ name: 'CONTENTS.txt', content: contentsOf(files) }, ...files];
    if (listed.some(({ content }) => !isClean(content, known)))
      throw new LoaError('E_INTERNAL', 'a secret is left in it: not written');
    const packed = archive(listed, systemClock.nowMs());
    if (packed.length > SUPPORT_LIMIT_BYTES)
      throw new LoaError('E_INTERNAL', `${packed.length} bytes are too many`);
    await writeAtomic(path, packed, 0o600);
    await tellActed(config.socketPath, 'support');
    const names = listed.map(({ name }) => name);
    if (json) print(JSON.stringify({ file: path, bytes: packed.length, contents: names }));
    else {
      print(`${path}  ${(packed.length / 1024).toFixed(0)} KiB`);
      print(`${language === 'vi' ? 'Bên trong' : 'Inside'}: ${names.join(' ')}`);
    }
    return EXIT.done;
  },
};

function outputOf(args: readonly string[]): string {
  try {
    const { output } = parseArgs({
      args: [...args],
      options: { output: { type: 'string' } },
      strict: true,
    }).values;
    const day = new Date(systemClock.nowMs()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
    return output ?? `loa-support-${hostname()}-${day}.tar.gz`;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

async function collected({ config, run, language }: VerbContext): Promise<ArchivedFile[]> {
  const found = await diagnose(CHAIN, { run: run ?? { config, from: 'file' } }, () => undefined);
  const answers = await Promise.all(
    ['status', 'why', 'schedule', 'trust', 'cache', 'alarms', 'health', 'link'].map(async (name) => {
      const answer = await askReceiver(config.socketPath, 'GET', `/v1/${name}`).catch((error: unknown) => ({
        error: messageOf(error),
      }));
      return { name: `answers/${name}.json`, content: JSON.stringify(answer, undefined, 1) };
    }),
  );
  const journal = await printed(
    'journalctl',
    ['-u', 'loa', '-o', 'cat', '-n', String(LOG_LINES)],
    10_000,
    FILE_LIMIT_CHARS,
  );
  const kernel = await printed('dmesg', ['--ctime'], 5_000, 500_000);
  const { certificate, anchors } = identityFiles(identityFolder(config.stateFolder));
  return [
    { name: 'diagnose.txt', content: summaryText(found, language) },
    {
      name: 'diagnose.json',
      content: JSON.stringify({ checks: found.judged, facts: found.facts }, undefined, 1),
    },
    ...answers,
    { name: 'settings.json', content: JSON.stringify(withoutSecrets(config), undefined, 1) },
    {
      name: 'versions.txt',
      content: [
        `loa ${VERSION}`,
        `node ${process.version}`,
        process.arch,
        await text('/etc/os-release'),
        await text('/proc/version'),
      ].join('\n'),
    },
    {
      name: 'machine.txt',
      content: (
        await Promise.all(
          ['/proc/meminfo', '/proc/loadavg', '/proc/mounts', '/proc/net/route', '/proc/asound/cards'].map(
            async (path) => `== ${path}\n${await text(path)}`,
          ),
        )
      ).join('\n'),
    },
    { name: 'state-files.txt', content: await stateFiles(config.stateFolder) },
    { name: 'identity/device.crt', content: await text(certificate) },
    { name: 'identity/anchors.pem', content: await text(anchors) },
    { name: 'trust.json', content: await text(join(config.stateFolder, TRUST_FILE)) },
    ...(await asRunFiles(join(config.stateFolder, AS_RUN_FOLDER))),
    { name: 'log.txt', content: journal ?? 'no journal' },
    { name: 'kernel.txt', content: kernel ?? 'no kernel log' },
  ];
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => `(${messageOf(error)})`);
}

async function asRunFiles(folder: string): Promise<ArchivedFile[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) =>
    /^\d{4}-\d\d-\d\d\.json$/.test(name),
  );
  return Promise.all(
    names
      .sort()
      .slice(-AS_RUN_DAYS)
      .map(async (name) => ({ name: `as-run/${name}`, content: await text(join(folder, name)) })),
  );
}

/** Names, sizes and modes alone: what is in them is not copied. */
async function stateFiles(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const lines = await Promise.all(
    names
      .sort()
      .slice(0, 2_000)
      .map(async (name) => {
        const found = await stat(join(folder, name)).catch(() => undefined);
        return found === undefined
          ? name
          : `${(found.mode & 0o7777).toString(8)} ${String(found.size).padStart(10)} ${name}`;
      }),
  );
  return lines.join('\n');
}

function contentsOf(files: readonly ArchivedFile[]): string {
  return [
    'Gói hỗ trợ của bộ thu Loa. Khóa, mật khẩu và mã thông báo đã được bỏ.',
    'Support archive of a Loa receiver. Keys, passwords and tokens are removed.',
    '',
    ...files.map(({ name, content }) => `${String(content.length).padStart(9)}  ${name}`),
    '',
  ].join('\n');
}
