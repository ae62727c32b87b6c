import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { goAlong } from '../../../agent/core/precedence.js';

const PRECEDENCE = new URL('../../../agent/core/precedence.js', import.meta.url).href;
const skip =
  process.getuid?.() !== 0 || process.platform !== 'linux'
    ? 'needs Linux and the right to lower a nice value'
    : false;

/** Nice value of a process or thread, as the kernel tells it: proc_pid_stat(5), field 19. */
async function niceOf(id: number | string): Promise<number> {
  const text = await readFile(`/proc/${id}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
}

t.test(
  'a thread that goes first takes its programs with it, but not the rest of the process',
  { skip },
  async (t) => {
    const before = getPriority(process.pid);
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
     const { readlinkSync } = require('node:fs');
     import(${JSON.stringify(PRECEDENCE)}).then(({ goFirst, goAlong }) => {
       goFirst();
       const { spawn } = require('node:child_process');
       const player = spawn('sleep', ['60']);
       const decoder = spawn('sleep', ['60']);
       goAlong(decoder.pid);
       parentPort.postMessage({ thread: readlinkSync('/proc/thread-self'), player: player.pid, decoder: decoder.pid });
       parentPort.once('message', () => { player.kill(); decoder.kill(); });
     });`,
      { eval: true },
    );
    const [{ thread, player, decoder }] = (await once(worker, 'message')) as [
      { thread: string; player: number; decoder: number },
    ];
    t.equal(await niceOf(thread), Math.min(before, -11));
    t.equal(await niceOf(player), Math.min(before, -11));
    t.equal(await niceOf(decoder), before);
    t.equal(await niceOf(process.pid), before);
    worker.postMessage('end');
    await once(worker, 'exit');
  },
);

t.test('a program that has ended already is no trouble', async (t) => {
  const child = spawn('true');
  await once(child, 'exit');
  t.doesNotThrow(() => goAlong(child.pid));
  t.doesNotThrow(() => goAlong(undefined));
});
