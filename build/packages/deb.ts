import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleProgram, PLAYER } from './bundle.js';
import { nodeComponent, npmComponents } from './component.js';
import { controlOf, packageFileOf, packageVersionOf } from './control.js';
import { fetchNode } from './node-runtime.js';
import type { Release } from './release.js';
import { shellFiles } from './shell-files.js';
import { copyrightOf, sbomOf } from './sbom.js';
import type { Target } from './target.js';
import { runTool } from './tool.js';

/** A file of the package whose content is in `build/packages/files`. */
const PLAIN_FILES: Readonly<Record<string, string>> = {
  'loa.service': 'usr/lib/systemd/system/loa.service',
  'loa-clock.service': 'usr/lib/systemd/system/loa-clock.service',
  'loa-enrolled.path': 'usr/lib/systemd/system/loa-enrolled.path',
  'sysusers.conf': 'usr/lib/sysusers.d/loa.conf',
  'tmpfiles.conf': 'usr/lib/tmpfiles.d/loa.conf',
  'udev.rules': 'usr/lib/udev/rules.d/60-loa.rules',
  'journald.conf': 'usr/lib/systemd/journald.conf.d/50-loa.conf',
  'loa.json': 'etc/loa/loa.json',
};
const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const DOCUMENTS: Readonly<Record<string, string>> = {
  'agent/SETTINGS.md': 'SETTINGS.md',
  'agent/core/ERRORS.md': 'ERRORS.md',
  'build/packages/README.md': 'README.md',
};
const DOC = 'usr/share/doc/loa-agent';
const PROGRAM = 'usr/lib/loa';
/** So long after it was made a package may still set a clock forward, seconds: ten years. */
const MAY_SET_CLOCK_S = 10 * 366 * 86_400;
const BOARDS = 'hardware/boards';
const CARRIED = `${PROGRAM}/bin/node`;

/** What a package is made from, and where it goes. */
export interface DebRequest {
  /** Root of the checkout. */
  readonly root: string;
  /** Folder of the finished package; it exists. */
  readonly out: string;
  readonly release: Release;
  readonly target: Target;
}

/**
 * Makes a Debian package with dpkg-deb. Owners are root's, no date is newer than the commit's, names are sorted: the same
 * commit gives the same bytes.
 * @returns path of the package
 */
export async function makeDeb({ root, out, release, target }: DebRequest): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), 'loa-deb-'));
  try {
    await chmod(stage, 0o755);
    await layOut(stage, { root, out, release, target });
    const path = join(out, packageFileOf(release.version, target));
    // Made beside and renamed: another process may read the one that is there.
    const unfinished = `${path}.unfinished-${process.pid}`;
    await runTool(
      'dpkg-deb',
      ['--build', '--root-owner-group', '-Zxz', '--threads-max=1', stage, unfinished],
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: String(release.epochS), LC_ALL: 'C.UTF-8' },
      },
    );
    await rename(unfinished, path);
    return path;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function layOut(stage: string, { root, release, target }: DebRequest): Promise<void> {
  const files = join(root, 'build/packages/files');
  const put = async (path: string, content: string | Uint8Array, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(stage, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(stage, path), content);
    await chmod(join(stage, path), mode);
  };
  const { version } = release;
  const bundle = await bundleProgram({
    ...{ root, out: join(stage, PROGRAM), architecture: target.architecture, version },
  });
  for (const file of bundle.files) await chmod(join(stage, PROGRAM, file), file === PLAYER ? 0o755 : 0o644);
  for (const board of (await readdir(join(root, BOARDS))).filter((name) => name.endsWith('.json')).sort())
    await put(`${PROGRAM}/boards/${board}`, await readFile(join(root, BOARDS, board)));
  for (const [from, to] of Object.entries(PLAIN_FILES)) await put(to, await readFile(join(files, from)));
  const wrapper = await readFile(join(files, 'loa.sh'), 'utf8');
  await put(
    'usr/bin/loa',
    wrapper.replaceAll('@NODE@', target.carriesNode ? `/${CARRIED}` : '/usr/bin/node'),
    0o755,
  );
  const launch = await readFile(join(files, 'launch.sh'), 'utf8');
  await put(
    `${PROGRAM}/launch`,
    launch.replaceAll('@NODE@', target.carriesNode ? `/${CARRIED}` : '/usr/bin/node'),
    0o755,
  );
  const setClock = await readFile(join(files, 'set-clock.sh'), 'utf8');
  const latestS = String(release.epochS + MAY_SET_CLOCK_S);
  await put(`${PROGRAM}/set-clock`, setClock.replaceAll('@LATEST_S@', latestS), 0o755);
  const components = await npmComponents(root, bundle.packages);
  if (target.carriesNode) {
    const node = await fetchNode(target.architecture);
    await mkdir(dirname(join(stage, CARRIED)), { recursive: true });
    await copyFile(node.program, join(stage, CARRIED));
    await chmod(join(stage, CARRIED), 0o755);
    components.push(await nodeComponent(node));
  }
  for (const [from, to] of Object.entries(DOCUMENTS))
    await put(`${DOC}/${to}`, await readFile(join(root, from)));
  await put(`${DOC}/copyright`, copyrightOf(components));
  await put(`${DOC}/changelog.gz`, gzipSync(await readFile(join(root, 'CHANGELOG.md')), { level: 9 }));
  for (const [path, content] of await shellFiles(version)) await put(path, content);
  const { architecture } = target;
  const packageVersion = packageVersionOf(version, target);
  await put(`${DOC}/sbom.cdx.json`, sbomOf({ release, packageVersion, architecture, components }));
  const { sums, bytes } = await measured(stage);
  await put('DEBIAN/md5sums', sums);
  await put('DEBIAN/conffiles', '/etc/loa/loa.json\n');
  for (const script of SCRIPTS) await put(`DEBIAN/${script}`, await readFile(join(files, script)), 0o755);
  await put('DEBIAN/control', controlOf(version, target, Math.ceil(bytes / 1024)));
  await openFolders(stage);
}

/** Whatever the umask of who builds: everybody may look into the folders. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name));
  }
}

/** The `md5sums` file (deb-md5sums(5)) and the size of all files. */
async function measured(stage: string): Promise<{ sums: string; bytes: number }> {
  const entries = await readdir(stage, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(stage, join(entry.parentPath, entry.name)))
    .sort();
  let sums = '';
  let bytes = 0;
  for (const path of paths) {
    sums += `${createHash('md5')
      .update(await readFile(join(stage, path)))
      .digest('hex')}  ${path}\n`;
    bytes += (await stat(join(stage, path))).size;
  }
  return { sums, bytes };
}
