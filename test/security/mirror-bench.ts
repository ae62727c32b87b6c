import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import { openMirror, type MirrorAccess } from '../../agent/link/mirror-fetch.js';
import { MirrorRounds } from '../../agent/link/mirror-rounds.js';
import type { RoundOutcome } from '../../agent/link/mirror-state.js';
import { mirrorPath } from '../../protocols/mirror.js';
import { MESSAGE_LIMIT_BYTES } from '../../protocols/signed-message.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { MirrorServer, type MirrorFault } from '../source-system/mirror-server.js';
import { KeptLog } from '../support/kept-log.js';
import type { Bench } from './bench.js';

/** A real HTTPS server that answers as an attack wants, and rounds of asking it as a receiver does. */
export class MirrorBench {
  readonly server: MirrorServer;
  readonly access: MirrorAccess;
  readonly #folder: string;
  readonly #rounds: MirrorRounds;

  private constructor(bench: Bench, server: MirrorServer, access: MirrorAccess, folder: string) {
    this.server = server;
    this.access = access;
    this.#folder = folder;
    this.#rounds = new MirrorRounds({
      here: bench.mirrorHere(),
      clock: bench.clock,
      onOdd: (topic, detail) =>
        bench.events.push({ kind: 'security', code: 'E_MIRROR_ANSWER', detail, fields: { topic } }),
    });
  }

  /** @param foreign the server's certificate is of an authority that the receiver does not know */
  static async open(bench: Bench, { foreign = false } = {}): Promise<MirrorBench> {
    const ca = await CertificateAuthority.create(systemClock);
    const other = foreign ? await CertificateAuthority.create(systemClock, 'somebody else') : ca;
    const folder = await mkdtemp(join(tmpdir(), 'loa-mirror-'));
    const log = new KeptLog();
    const server = await MirrorServer.start({ identity: await other.issueServer(), folder, log });
    const access = {
      ...{ url: server.url, anchorsPem: [ca.anchorsPem] },
      ...{ limitBytes: MESSAGE_LIMIT_BYTES, timeoutMs: 5_000 },
    };
    return new MirrorBench(bench, server, access, folder);
  }

  /** Serves what is given by topic; everything else is not there, or answered by `otherwise`. */
  serve(files: Readonly<Record<string, string>>, otherwise?: MirrorFault): void {
    const byPath = new Map(Object.entries(files).map(([topic, text]) => [`/${mirrorPath(topic)}`, text]));
    this.server.fault({
      path: /./,
      answer: (request, response) => {
        const text = byPath.get(request.url ?? '');
        if (text !== undefined) response.writeHead(200, { 'content-length': text.length }).end(text);
        else if (otherwise !== undefined) otherwise(request, response);
        else response.writeHead(404, { 'content-length': 0 }).end();
      },
    });
  }

  /** One round. */
  async round(): Promise<RoundOutcome> {
    const connection = openMirror(this.access, new AbortController().signal);
    try {
      return await this.#rounds.run(connection.fetch);
    } finally {
      connection.close();
    }
  }

  /** Ends the server and removes what it wrote. */
  async close(): Promise<void> {
    await this.server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Does something with a mirror, and closes it. */
export async function withMirror<T>(
  bench: Bench,
  run: (mirror: MirrorBench) => Promise<T>,
  options?: { readonly foreign: boolean },
): Promise<T> {
  const mirror = await MirrorBench.open(bench, options);
  try {
    return await run(mirror);
  } finally {
    await mirror.close();
  }
}
