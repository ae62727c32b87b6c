import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../heard/repository-root.js';
import type { Identity } from '../source-system/certificate-authority.js';
import { waitUntil } from '../support/wait-until.js';

/** A media server that can be killed: a process of its own that serves one live stream, always at the same address. */
export class MediaProcess {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #port = 0;
  #url = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it on a free port. @param live an MP3 whose frames stand alone, repeated without end */
  static async start(folder: string, identity: Identity, live: Uint8Array): Promise<MediaProcess> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'key.pem'), identity.keyPem, { mode: 0o600 });
    await writeFile(join(folder, 'cert.pem'), identity.certificatePem);
    await writeFile(join(folder, 'live.mp3'), live);
    const media = new MediaProcess(folder);
    await media.start();
    return media;
  }

  /** Address of the live stream. */
  get url(): string {
    return this.#url;
  }

  /** Starts it again where it was; its stream begins anew. */
  async start(): Promise<void> {
    const script = join(repositoryRoot(import.meta.url), 'dist', 'test', 'faults', 'media-child.js');
    const child = spawn(process.execPath, [script, this.#folder, String(this.#port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let said = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4_000);
      });
    }
    const [, port, url] = await waitUntil('the media server serves', () => {
      if (child.exitCode !== null) throw new Error(`the media server ended: ${said}`);
      return /serving (\d+) (\S+)/.exec(said) ?? undefined;
    });
    this.#port = Number(port);
    this.#url = url ?? '';
  }

  /** Ends it, with SIGKILL as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
