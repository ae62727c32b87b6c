import { join } from 'node:path';
import { z } from 'zod';
import { debianRoot } from '../../build/images/debian-root.js';
import { openRoot, type OpenRoot } from '../../build/images/inside.js';
import { repositoryRoot } from '../heard/repository-root.js';
import type { RepositoryRig } from '../unit/update/repository-rig.js';
import type { TufAnswer, TufClient } from './tuf-attacks.js';

const answer = z.union([
  z.object({ sha256: z.string(), custom: z.object({ version: z.string() }), client: z.string() }),
  z.object({ none: z.literal(true) }),
  z.object({ refused: z.string(), detail: z.string() }),
]);

/**
 * The framework's own client, python-tuf, in a Debian 13 root beside ours: Debian 12 has none. It reaches the rig's server over the loopback,
 * which the root shares. It judges expiry by the machine's clock.
 */
export class TufJudge implements TufClient {
  /** Version of python-tuf, once it has answered. */
  version = '';
  #states = new Map<RepositoryRig, string>();
  private constructor(private readonly opened: OpenRoot) {}

  /** @throws without the rights of root, mmdebstrap or a mirror of Debian 13 */
  static async open(tell: (line: string) => void): Promise<TufJudge> {
    const root = repositoryRoot(import.meta.url);
    const packages = ['python3-requests', 'python3-tuf'];
    const base = await debianRoot({ architecture: 'amd64', debian: 13, packages }, tell);
    const script = join(root, 'test/faults/tuf-judge.py');
    return new TufJudge(await openRoot({ root, base: base.path, given: [script] }));
  }

  async check(rig: RepositoryRig): Promise<TufAnswer> {
    const state = this.#states.get(rig) ?? `/root/state-${this.#states.size}`;
    const begin = this.#states.has(rig)
      ? ''
      : `mkdir -p ${state}; ${written(rig.pinnedRoot, `${state}/root.json`)}; ${written(rig.anchorsPem.join('\n'), `${state}/anchors.pem`)}; `;
    this.#states.set(rig, state);
    const settings = `NO_PROXY=localhost no_proxy=localhost REQUESTS_CA_BUNDLE=${state}/anchors.pem`;
    const words = `${rig.url} ${state} loa-agent_amd64.tar.gz`;
    const { code, output } = await this.opened.run(
      `${begin}${settings} python3 /mnt/given/tuf-judge.py ${words}`,
    );
    const last = output.trim().split('\n').at(-1) ?? '';
    if (code !== 0) throw new Error(`python3-tuf ended with ${code}: ${output.slice(-600)}`);
    const found = answer.parse(JSON.parse(last));
    if ('refused' in found) return { code: found.refused };
    if ('none' in found) return {};
    this.version = found.client;
    return { offered: found.custom.version, sha256: found.sha256 };
  }

  async close(): Promise<void> {
    await this.opened.close();
  }
}

/** Words of a shell that put a text into a file. */
function written(text: string, path: string): string {
  return `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${path}`;
}
