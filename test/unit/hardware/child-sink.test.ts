import { spawn } from 'node:child_process';
import t from 'tap';
import { openChildSink } from '../../../hardware/sinks/child-sink.js';

/** A player that says it is ready, and then what it is told to say: a line for what it reads. */
function player(says: string) {
  const program = `
    process.stderr.write('Playing\\n');
    process.stdin.on('data', () => process.stderr.write(process.argv[1] + '\\n'));
  `;
  return spawn(process.execPath, ['-e', program, says], { stdio: ['pipe', 'ignore', 'pipe'] });
}

async function gapTold(says: string): Promise<number> {
  let told: (gapMs: number) => void = () => undefined;
  const gap = new Promise<number>((resolve) => (told = resolve));
  const sink = await openChildSink(
    player(says),
    { kind: 'alsa', device: 'none', bufferMs: 60, leadMs: 20 },
    {
      kind: 'alsa',
      isReady: (line) => line.startsWith('Playing'),
      underrunMs: (line) => (line.startsWith('gap ') ? Number(line.slice(4)) : undefined),
    },
    { onUnderrun: told, onDied: () => undefined },
  );
  sink.write(new Int16Array(480));
  const gapMs = await gap;
  await sink.close();
  return gapMs;
}

t.test('an underrun that a player tells of is passed on', async (t) => {
  t.equal(await gapTold('gap 0.25'), 0.25);
});
