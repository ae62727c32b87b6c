import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { debianRoot } from '../images/debian-root.js';
import { openRoot, type OpenRoot } from '../images/inside.js';
import { makeDeb } from '../packages/deb.js';
import { releaseOf } from '../packages/release.js';
import { nameOf, type Target } from '../packages/target.js';
import { runTool } from '../packages/tool.js';

/** What came of a package in a clean Debian. */
export interface Installed {
  readonly target: string;
  /** Size of the package, and what it takes when it is installed, MB. */
  readonly packageMb: number;
  readonly installedMb: number;
  /** What `loa status` ended with, and whether it said so in words: nothing runs in a root. */
  readonly status: { readonly code: number; readonly sane: boolean };
  /** A setting that the administrator changed was kept over an installation anew. */
  readonly keepsSettings: boolean;
  /** Files and users that were not there before and were there after `apt purge`. */
  readonly left: readonly string[];
}

/** Everything that a package could leave behind: what is not the package manager's own book-keeping. */
const LISTING =
  'find /etc /usr /var /run /opt /srv -xdev ! -path "/var/lib/dpkg/*" ! -path "/var/lib/apt/*" ! -path "/var/cache/*" ' +
  '! -path "/var/log/*" ! -path "/run/carried*" | sort; getent passwd | cut -d: -f1 | sed s/^/user:/; getent group | cut -d: -f1 | sed s/^/group:/';

/**
 * Installs the package of a target with apt in a clean root of its Debian, asks, upgrades, purges, and looks what is left.
 * What the package needs from Debian is installed before, so that what is left is ours.
 * @throws where a step fails, with the end of what it said
 */
export async function installInCleanRoot(
  root: string,
  target: Target,
  tell: (line: string) => void,
): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-install-'));
  try {
    const release = await releaseOf(root);
    const deb = await makeDeb({ root, out: folder, release, target });
    const { architecture, debian } = target;
    const base = await debianRoot({ architecture, debian, packages: [] }, tell);
    const opened = await openRoot({ root, base: base.path, given: [deb] });
    try {
      return await tryOut(opened, deb, target);
    } finally {
      await opened.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryOut(opened: OpenRoot, deb: string, target: Target): Promise<Installed> {
  const must = async (command: string): Promise<string> => {
    const { code, output } = await opened.run(command);
    if (code !== 0)
      throw new Error(`${nameOf(target)}: ${command} ended with ${code}: ${output.slice(-1_500)}`);
    return output;
  };
  const file = `/mnt/given/${basename(deb)}`;
  const apt = 'DEBIAN_FRONTEND=noninteractive apt-get -y -qq --no-install-recommends';
  await must('apt-get -qq update');
  // Its dependencies stay when it goes: they are installed by themselves, so that the listing before has them.
  const needed = (await runTool('dpkg-deb', ['-f', deb, 'Depends']))
    .split(',')
    .map((one) => one.trim().split(/[ (|]/)[0] ?? '')
    .filter((name) => !/^lib/.test(name));
  await must(`${apt} install ${[...new Set(needed)].join(' ')}`);
  const before = new Set((await must(LISTING)).split('\n'));
  await must(`${apt} install ${file}`);
  const asked = await opened.run('loa status --lang en');
  await must('loa --version');
  await must(`sed -i 's/"vi"/"en"/' /etc/loa/loa.json && ${apt} --reinstall install ${file}`);
  const kept = await opened.run('grep -q \'"en"\' /etc/loa/loa.json');
  const installedKib = Number(await runTool('dpkg-deb', ['-f', deb, 'Installed-Size']));
  await must(
    'loa certificate request --id cum-01 && test "$(stat -c %U /var/lib/loa/identity/device.key)" = loa',
  );
  await must(`${apt} purge loa-agent`);
  const after = (await must(LISTING)).split('\n');
  return {
    target: nameOf(target),
    packageMb: (await readFile(deb)).length / 1e6,
    installedMb: (installedKib * 1024) / 1e6,
    status: { code: asked.code, sane: asked.code === 3 && asked.output.includes('Remedy') },
    keepsSettings: kept.code === 0,
    left: after.filter((line) => !before.has(line)),
  };
}
