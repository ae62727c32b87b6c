import { spawn } from 'node:child_process';

/**
 * The witness of the machine: `node witness-child.js BUFFER_MS LEAD_MS`. A player on a card of its own, fed with a quiet
 * tone in blocks of 10 ms by a timer and nothing else. What goes wrong here is the machine's doing. It writes one line
 * (`stall MONOTONIC_MS LATE_MS`) for each timer that came later than 20 ms.
 */
const [bufferMs = 60, leadMs = 20] = process.argv.slice(2).map(Number);
const BLOCK_FRAMES = 480;
const LATE_MS = 20;
const BLOCKS_AT_ONCE = 100;

const player = spawn(
  'aplay',
  [
    ...['-q', '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', '48000', '-D', 'card'],
    ...[`--buffer-time=${bufferMs * 1000}`, `--period-time=${Math.min(10_000, bufferMs * 250)}`, '-'],
  ],
  { stdio: ['pipe', 'ignore', 'ignore'] },
);
player.stdin.on('error', () => process.exit(1));
player.on('exit', () => process.exit(1));

const startedMs = performance.now();
let frame = 0;
let dueMs = startedMs;

function tick(): void {
  const nowMs = performance.now();
  if (nowMs - dueMs > LATE_MS) {
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    process.stdout.write(`stall ${atMs.toFixed(1)} ${(nowMs - dueMs).toFixed(1)}\n`);
  }
  const due = Math.floor((nowMs - startedMs + bufferMs + leadMs) * 48);
  for (let blocks = 0; frame + BLOCK_FRAMES <= due && blocks < BLOCKS_AT_ONCE; blocks += 1) {
    const block = Buffer.alloc(BLOCK_FRAMES * 2);
    for (let n = 0; n < BLOCK_FRAMES; n += 1) {
      block.writeInt16LE(Math.round(800 * Math.sin((2 * Math.PI * 440 * (frame + n)) / 48_000)), n * 2);
    }
    player.stdin.write(block);
    frame += BLOCK_FRAMES;
  }
  dueMs = performance.now() + 10;
  setTimeout(tick, 10);
}
tick();
