import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { askReceiver } from '../../agent/technician/client.js';
import { checkSound } from '../../agent/technician/local-sound.js';
import { TechnicianServer } from '../../agent/technician/server.js';
import type { Status } from '../../agent/technician/status.js';
import type { TrustView } from '../../agent/technician/trust-view.js';
import { EXIT } from '../../agent/technician/verb.js';
import { accepted, refused } from '../../agent/core/errors.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { KeptLog } from '../support/kept-log.js';
import { mutated } from './mutation.js';
import type { Target } from './parser-targets.js';
import type { Random } from './random.js';
import { NO_UPDATES } from '../fakes/update-desk.js';

const ANSWER_LIMIT_MS = 8_000;
/** A desk that has a status to give: what it says is not what is tried here. */
const STATUS = { receiver: 'loa-0001' } as unknown as Status;

/** The technician's server on a socket of its own, with raw bytes in place of requests. */
export async function technicianTarget(folder: string): Promise<Target & { close(): Promise<void> }> {
  const path = join(folder, 'fuzz.sock');
  const unasked = (): never => {
    throw new Error('not asked for here');
  };
  const desk = {
    alarms: () => [],
    health: () => ({}),
    status: () => STATUS,
    trust: () => ({}) as unknown as TrustView,
    day: unasked,
    why: unasked,
    cache: unasked,
    test: () => Promise.resolve({ ok: true, atMs: 0, tookMs: 0, verified: 1, framesConsumed: 48_000 }),
    leaveSafe: () => accepted(undefined),
    board: () => ({ inputs: {} }),
    line: () => Promise.resolve(refused('E_LINE_SENSOR', 'none')),
    renew: () => accepted(undefined),
    anchors: () => undefined,
    accept: unasked,
    history: unasked,
    update: NO_UPDATES,
    play: unasked,
    permit: unasked,
    stop: unasked,
    done: () => undefined,
    tone: (asked: unknown) => {
      const checked = checkSound(asked);
      return checked.ok ? accepted('play') : checked;
    },
  };
  const server = await TechnicianServer.listen(path, desk, new KeptLog());
  const body = '{"frequencyHz":440,"durationMs":500,"levelDb":-30}';
  const request = Buffer.from(
    `POST /v1/tone HTTP/1.1\r\nHost: loa\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  const bodyAt = request.length - body.length;
  let asked = 0;
  return {
    name: 'technician HTTP',
    async feed(random) {
      const inBody = random.below(2) === 0;
      const bytes = inBody
        ? Buffer.concat([
            request.subarray(0, bodyAt),
            mutated(Buffer.from(body), random).subarray(0, body.length),
          ])
        : mutated(request, random);
      const status = await answerTo(path, bytes);
      asked += 1;
      if (status === '500') throw new Error('answered 500');
      if (asked % 100 === 0) await askReceiver(path, 'GET', '/v1/status');
      return status;
    },
    close: () => server.close(),
  };
}

/** The status of the answer, or `no answer` where the server hangs up. @throws Error where it does neither in time */
async function answerTo(path: string, bytes: Uint8Array): Promise<string> {
  const socket = connect(path);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  // A server that hangs up while it is written to has answered all the same.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  socket.end(bytes);
  await closed;
  return /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'no answer';
}

const WORDS = ['status', 'tone', 'certificate', 'request', 'install', '--id', '--config', '--lang', '--json'];
const VALUES = [
  'vi',
  'xx',
  '',
  '--',
  '-',
  '\u202e',
  '=',
  'a'.repeat(5_000),
  '../../x',
  '1e999',
  '-1',
  '440',
  "'; x",
];

/** `loa` in a process of its own with words in any order; never `run`. */
export async function commandLineTarget(folder: string): Promise<Target> {
  const root = repositoryRoot(import.meta.url);
  const config = join(folder, 'fuzz.json');
  const settings = { stateFolder: join(folder, 'state'), socketPath: join(folder, 'none.sock') };
  await writeFile(config, JSON.stringify(settings));
  const codes: readonly (number | null)[] = Object.values(EXIT);
  return {
    name: 'command line',
    async feed(random: Random) {
      const words = Array.from({ length: random.below(6) }, () =>
        random.of(random.below(2) === 0 ? WORDS : VALUES),
      );
      const child = spawn(process.execPath, [join(root, 'dist', 'agent', 'main.js'), ...words], {
        env: { PATH: process.env['PATH'], LOA_CONFIG: config },
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
      const [code] = (await once(child, 'close')) as [number | null];
      if (!codes.includes(code))
        throw new Error(`exit code ${code ?? 'none'} for ${JSON.stringify(words).slice(0, 200)}`);
      if (/^\s+at .*:\d+:\d+/m.test(errors))
        throw new Error(`a stack trace for ${JSON.stringify(words).slice(0, 200)}`);
      if (/E_INTERNAL/.test(errors)) throw new Error(`E_INTERNAL for ${JSON.stringify(words).slice(0, 200)}`);
      return `exit code ${code ?? 'none'}`;
    },
  };
}
