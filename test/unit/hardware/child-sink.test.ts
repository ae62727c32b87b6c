import { spawn } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import type { Sink, SinkListener } from '../../../hardware/types.js';
import { openChildSink, type PlayerDialect, type PlayerProcess } from '../../../hardware/sinks/child-sink.js';
import { waitUntil } from '../../support/wait-until.js';
import type { Teardown } from '../../support/temporary-folder.js';

const dialect: PlayerDialect = {
  kind: 'alsa',
  isReady: (line) => line === 'ready',
  underrunMs: (line) => (line.startsWith('gap ') ? Number(line.slice(4)) : undefined),
};
const settings = { kind: 'alsa', device: 'x', bufferMs: 60, leadMs: 20 } as const;

/** A player that is a piece of JavaScript. */
function player(t: Teardown, script: string): PlayerProcess {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

function open(child: PlayerProcess): { sink: Promise<Sink>; gaps: number[]; deaths: string[] } {
  const gaps: number[] = [];
  const deaths: string[] = [];
  const listener: SinkListener = {
    onUnderrun: (gapMs) => gaps.push(gapMs),
    onDied: (code, detail) => deaths.push(`${code} ${detail}`),
  };
  return { sink: openChildSink(child, settings, dialect, listener), gaps, deaths };
}

const READY = `process.stderr.write('noise\\nrea'); process.stderr.write('dy\\n'); process.stdin.resume();`;

t.test('it is open when the player says so, and closing it ends the player', async (t) => {
  const child = player(t, READY);
  const { sink, deaths } = open(child);
  const opened = await sink;
  t.equal(opened.aheadFrames, 80 * 48);
  opened.write(new Int16Array(480));
  await opened.close();
  t.ok(child.signalCode !== null || child.exitCode !== null);
  t.same(deaths, [], 'and that is no death');
});

t.test('a player that ends before it is ready is E_SINK_OPEN, with its last words', async (t) => {
  const { sink, deaths } = open(player(t, `process.stderr.write('no such card\\n'); process.exit(1)`));
  await t.rejects(sink, { code: 'E_SINK_OPEN', message: /no such card/ });
  t.same(deaths, []);
});

t.test('a player that cannot be started is E_SINK_OPEN', async (t) => {
  const child = spawn('/nowhere/aplay', [], { stdio: ['pipe', 'ignore', 'pipe'] });
  await t.rejects(open(child).sink, { code: 'E_SINK_OPEN' });
});

t.test('a player that says nothing for 3 s is E_SINK_OPEN, and is ended', async (t) => {
  const child = player(t, `process.stdin.resume()`);
  const begun = performance.now();
  await t.rejects(open(child).sink, { code: 'E_SINK_OPEN', message: /3000 ms/ });
  t.ok(performance.now() - begun >= 2_900);
  await waitUntil('its end', () => child.signalCode === 'SIGKILL');
});

t.test('a player that dies is one death with its last words', async (t) => {
  const child = player(
    t,
    `${READY} process.stdin.once('data', () => { process.stderr.write('broken pipe\\n'); process.exit(1); });`,
  );
  const { sink, deaths } = open(child);
  const opened = await sink;
  opened.write(new Int16Array(480));
  await waitUntil('its death', () => deaths.length > 0);
  t.match(deaths, [/^E_SINK_DIED .*broken pipe/]);
  for (let i = 0; i < 5; i += 1) opened.write(new Int16Array(480));
  await opened.close();
  t.equal(deaths.length, 1);
});

t.test('a player that takes no more sound is ended after half a second of it', async (t) => {
  const child = player(t, `process.stderr.write('ready\\n'); setInterval(() => {}, 1000);`);
  const { sink, deaths } = open(child);
  const opened = await sink;
  let blocks = 0;
  while (deaths.length === 0 && blocks < 1_000) {
    opened.write(new Int16Array(480));
    blocks += 1;
    // The blocks of one turn go to the player together: each of these is a turn of its own.
    await nextTurn();
  }
  t.match(deaths, [/takes no more sound/]);
  t.ok(blocks < 400, `after ${blocks} blocks of 10 ms: the pipe holds 64 kB, then half a second`);
  await waitUntil('its end', () => child.signalCode === 'SIGKILL');
});

t.test('underruns are told as they come, also many in one piece', async (t) => {
  const { sink, gaps } = open(
    player(t, `${READY} process.stdin.once('data', () => process.stderr.write('gap 12.5\\nx\\ngap 3\\n'));`),
  );
  (await sink).write(new Int16Array(480));
  await waitUntil('both', () => gaps.length === 2);
  t.same(gaps, [12.5, 3]);
  await (await sink).close();
});
