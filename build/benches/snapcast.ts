import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingTool, runTool } from '../../test/support/external-tool.js';
import { freePort } from '../../test/support/free-port.js';

/** A Snapcast server with one stream, for a client to be measured; the server's cost is not the client's. */
export interface Snapcast {
  /** How a client of it is started. */
  readonly clientCommand: readonly string[];
  close(): Promise<void>;
}

/** `missing tool: NAME` where there can be none. */
export function withoutSnapcast(): string | false {
  return missingTool('snapserver') || missingTool('snapclient');
}

/** Starts a server that sends what ffmpeg decodes from an address. */
export async function startSnapcast(parent: string, url: string): Promise<Snapcast> {
  const folder = join(parent, 'snapcast');
  await mkdir(folder, { recursive: true });
  const pipe = join(folder, 'sound');
  await runTool('mkfifo', [pipe]);
  const port = await freePort();
  const config = join(folder, 'snapserver.conf');
  await writeFile(
    config,
    [
      ...['[server]', `datadir = ${folder}`, '[http]', 'enabled = false', '[tcp]', 'enabled = false'],
      ...['[stream]', 'bind_to_address = 127.0.0.1', `port = ${port}`],
      `source = pipe://${pipe}?name=bench&sampleformat=48000:16:2&mode=read`,
      '',
    ].join('\n'),
  );
  const children: ChildProcess[] = [spawn('snapserver', ['-c', config], { stdio: 'ignore' })];
  await sleep(500);
  const words = ['-nostdin', '-v', 'error', '-y', '-i', url, '-ac', '2', '-ar', '48000', '-f', 's16le', pipe];
  children.push(spawn('ffmpeg', words, { stdio: 'ignore' }));
  return {
    clientCommand: ['snapclient', '-h', '127.0.0.1', '-p', String(port), '-s', 'card', '--logsink', 'stderr'],
    async close() {
      for (const child of children) {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}
