import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { carriedConfiguration } from '../claims/carried-configuration.js';
import { runTool } from '../packages/tool.js';
import { debianRoot } from './debian-root.js';
import { allowPrograms } from './emulation.js';
import type { SimulatedArchitecture } from './image.js';
import { RECEIVER_ROOTS } from './receiver-root.js';

/** What a container is made from. */
export interface ContainerRequest {
  /** Root of the checkout. */
  readonly root: string;
  readonly architecture: SimulatedArchitecture;
  /** Our package for Debian 13 and this architecture. */
  readonly deb: string;
  readonly tell: (line: string) => void;
}

/** What was found in it. */
export interface ContainerFindings {
  /** What `loa --version` tells in it. */
  readonly version: string;
  /** Node's name of the processor. */
  readonly processor: string;
  /** Who runs the program. */
  readonly user: string;
  /** What `loa run` says without a certificate: that much of the program has run. */
  readonly withoutCertificate: string;
}

const PLATFORMS = { arm64: ['arm64', ''], armhf: ['arm', 'v7'] } as const;

/**
 * Builds `Dockerfile.arm` with buildah on a base made from a Debian root, and runs the program in it by qemu-user. Nothing is
 * pulled and nothing is kept.
 * @throws where a step fails, with the end of what it said
 */
export async function tryContainer({
  root,
  architecture,
  deb,
  tell,
}: ContainerRequest): Promise<ContainerFindings> {
  await allowPrograms(architecture);
  const base = await debianRoot(RECEIVER_ROOTS[architecture], tell);
  const work = await mkdtemp(join(tmpdir(), 'loa-container-'));
  const buildah = (...words: string[]): Promise<string> =>
    runTool('buildah', ['--root', join(work, 'store'), '--runroot', join(work, 'run'), ...words]);
  try {
    const context = join(work, 'context');
    await mkdir(join(context, 'packages-out'), { recursive: true });
    await copyFile(join(root, 'Dockerfile.arm'), join(context, 'Dockerfile.arm'));
    await copyFile(deb, join(context, 'packages-out', basename(deb)));
    const carried = await carriedConfiguration(join(work, 'carried'));
    const [processor, variant] = PLATFORMS[architecture];
    const platform = [
      '--os',
      'linux',
      '--arch',
      processor,
      ...(variant === '' ? [] : ['--variant', variant]),
    ];
    tell(`the base of Dockerfile.arm for ${architecture}`);
    const archive = join(work, 'base.tar');
    const leftOut = ['./boot/*', './usr/lib/modules/*', './dev/*', './proc/*', './sys/*'];
    await runTool('tar', ['-C', base.path, ...leftOut.map((one) => `--exclude=${one}`), '-cf', archive, '.']);
    await buildah('from', '--name', 'base', ...platform, 'scratch');
    await buildah('add', '--quiet', 'base', archive, '/');
    await rm(archive);
    await buildah('config', ...platform, 'base');
    await buildah('commit', '--quiet', '--rm', 'base', 'localhost/loa-base');
    tell(`Dockerfile.arm for ${architecture}`);
    await buildah(
      ...[
        'build',
        '--quiet',
        '--format',
        'docker',
        '--isolation',
        'chroot',
        '--network',
        'host',
        '--pull-never',
      ],
      ...[
        '--layers=false',
        ...platform,
        '--volume',
        `${carried.aptOptions}:/etc/apt/apt.conf.d/99carried:ro`,
      ],
      ...['--build-arg', 'BASE=localhost/loa-base', '--build-arg', `DEB_ARCH=${architecture}`],
      ...['--file', join(context, 'Dockerfile.arm'), '--tag', 'loa', context],
    );
    return await lookInto(buildah);
  } finally {
    await runTool('buildah', [
      '--root',
      join(work, 'store'),
      '--runroot',
      join(work, 'run'),
      'rm',
      '--all',
    ]).catch(() => '');
    await rm(work, { recursive: true, force: true });
  }
}

async function lookInto(buildah: (...words: string[]) => Promise<string>): Promise<ContainerFindings> {
  await buildah('from', '--name', 'receiver', '--pull-never', 'localhost/loa');
  const inside = (...command: string[]): Promise<string> =>
    buildah('run', '--isolation', 'chroot', '--network', 'host', 'receiver', '--', ...command);
  const version = await inside('/usr/bin/loa', '--version');
  const processor = await inside('/usr/bin/node', '-p', 'process.arch');
  const user = await inside('/usr/bin/id', '-un');
  const ran = await inside('/bin/sh', '-c', 'loa run --lang en 2>&1; true');
  return { version, processor, user, withoutCertificate: ran };
}
