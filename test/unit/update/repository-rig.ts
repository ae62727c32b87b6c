import { createServer, type Server } from 'node:https';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import {
  checkRepository,
  type RepositoryCheck,
  type TrustedMetadata,
} from '../../../agent/update/repository.js';
import { makeKey } from '../../../build/updates/signing-key.js';
import { UpdateRepository, type RepositoryKeys } from '../../../build/updates/update-repository.js';
import { systemClock } from '../../../agent/core/clock.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';

/** Keys as `./build/update-repository keys` makes them. */
export function makeKeys(): RepositoryKeys {
  return {
    root: [makeKey(), makeKey(), makeKey()],
    targets: [makeKey()],
    snapshot: [makeKey()],
    timestamp: [makeKey()],
  };
}

/** A repository that is served over https, and the client of the receiver before it. */
export class RepositoryRig {
  readonly asked: string[] = [];
  #port = 0;
  kept: TrustedMetadata | undefined;
  /** What the server sends in place of a file. */
  readonly instead = new Map<string, string>();

  private constructor(
    readonly folder: string,
    readonly repository: UpdateRepository,
    readonly keys: RepositoryKeys,
    private readonly server: Server,
    readonly anchorsPem: readonly string[],
    readonly pinnedRoot: string,
  ) {}

  /** @param now by which the repository signs, wall time, milliseconds */
  static async open(now: () => number = Date.now): Promise<RepositoryRig> {
    const folder = await mkdtemp(join(tmpdir(), 'loa-repository-'));
    const keys = makeKeys();
    const repository = UpdateRepository.at(join(folder, 'repository'), now);
    const pinnedRoot = await readFile(await repository.begin(keys), 'utf8');
    const ca = await CertificateAuthority.create(systemClock);
    const identity = await ca.issueServer();
    const server = createServer({ key: identity.keyPem, cert: identity.certificatePem });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const rig = new RepositoryRig(folder, repository, keys, server, [ca.anchorsPem], pinnedRoot);
    server.on('request', (request, response) => {
      const path = normalize(request.url ?? '/');
      rig.asked.push(path.slice(1));
      const instead = rig.instead.get(path.slice(1));
      const content =
        instead === undefined ? readFile(join(repository.folder, path)) : Promise.resolve(instead);
      content.then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    return rig;
  }

  /** Stays the same when the server is gone. */
  get url(): string {
    const address = this.server.address() as AddressInfo | null;
    this.#port = address?.port ?? this.#port;
    return `https://localhost:${this.#port}`;
  }

  /** Publishes a program of a few bytes under a version. */
  async publish(version: string, custom: Record<string, string | number> = {}): Promise<void> {
    const archive = join(this.folder, `${version}.tar.gz`);
    await mkdir(this.folder, { recursive: true });
    await writeFile(archive, `program ${version}`);
    const told = { version, architecture: 'amd64', unpackedBytes: 100, node: '20.19.0', readableBy: 1 };
    const program = { archive, name: 'loa-agent_amd64.tar.gz', custom: { ...told, ...custom } };
    await this.repository.publish([program], this.keys);
  }

  /** Asks as the receiver does, and keeps what it would keep. */
  async check(nowMs = Date.now()): Promise<RepositoryCheck> {
    const found = await checkRepository(
      {
        url: this.url,
        pinnedRoot: this.pinnedRoot,
        media: { anchorsPem: this.anchorsPem, plainHosts: [], stallMs: 5_000 },
        nowMs,
        signal: new AbortController().signal,
      },
      this.kept,
      'loa-agent_amd64.tar.gz',
    );
    this.kept = found.trusted;
    return found;
  }

  /** A file of the metadata as it is served. */
  async metadata(name: string): Promise<string> {
    return readFile(join(this.repository.folder, 'metadata', name), 'utf8');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await rm(this.folder, { recursive: true, force: true });
  }
}
