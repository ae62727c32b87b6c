import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openWitness, type Witness } from '../../../agent/compose-witness.js';
import type { FromSound } from '../../../agent/sound/messages.js';
import { boardSchema } from '../../../hardware/boards/board.js';
import { LINE_RATE_HZ } from '../../../hardware/loudspeaker-line/lock-in.js';
import type { Receipt } from '../../../protocols/messages/up.js';
import { mulberry } from '../../amplifier/mulberry.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';

const plain = {
  ...{ format: 1, name: 'fake', description: { vi: 'bo mạch thử', en: 'a board to test with' } },
};
const board = boardSchema.parse({
  ...plain,
  loudspeakerLine: { loudspeakers: 4, sensor: { kind: 'current', device: 'hw:1' }, tone: {} },
});
const SECONDS = 5;
const PLAY = '019ab3a0-5a70-7c3e-8f00-2d6d2b1f0a01';
const receipt: Receipt['body'] = {
  ...{ playId: PLAY, authority: 'xa-1', class: 'normal', title: 'Bản tin sáng' },
  source: { kind: 'file', binding: 'sha256' },
  ...{ askedAt: '2026-11-23T03:00:00Z', endedAt: '2026-11-23T03:05:00Z', outcome: 'completed' },
  ...{ framesHeard: 240_000, spans: [], rmsDbBySecond: [], underruns: 0, reconnects: 0 },
  evidence: 'consumed',
};

/** Levels of a speech, one for each 10 ms: a syllable lasts some 100 ms. */
function levelsOf(seed: number): number[] {
  const random = mulberry(seed);
  const syllables = Array.from({ length: SECONDS * 10 }, () => Math.round(200 * 40 ** random()));
  return syllables.flatMap((level) => new Array<number>(10).fill(level));
}

/** A program that gives these levels as a sensor's samples, and goes on listening. */
async function sensor(t: Teardown, levels: readonly number[], end = 'exec sleep 60'): Promise<string> {
  const path = join(await temporaryFolder(t), 'sensor');
  const perLevel = LINE_RATE_HZ / 100;
  const samples = Int16Array.from({ length: levels.length * perLevel }, (_, i) => {
    const level = levels[Math.floor(i / perLevel)] ?? 0;
    return i % 2 === 0 ? level : -level;
  });
  await writeFile(`${path}.raw`, Buffer.from(samples.buffer));
  await writeFile(path, `#!/bin/sh\ncat "$0.raw"\n${end}\n`);
  await chmod(path, 0o755);
  return path;
}

function rig(
  t: Teardown,
  program: string,
): { witness: Witness; piece: (levels: number[], playId?: string) => FromSound; log: KeptLog } {
  const [clock, log] = [new ManualClock(), new KeptLog()];
  const witness = openWitness(board, clock, log, program);
  if (witness === undefined) throw new Error('the board has a sensor');
  t.teardown(() => witness.close());
  const fromMs = clock.nowMs() - SECONDS * 1_000;
  const piece = (levels: number[], playId = PLAY): FromSound => ({
    kind: 'envelope',
    playId,
    fromMs,
    levels,
  });
  return { witness, piece, log };
}

/** The receipt once the sensor, which is a process, has brought all of its sound: the same 15 times. */
async function settled(
  { witness, piece }: ReturnType<typeof rig>,
  levels: number[],
): Promise<Receipt['body']> {
  let [before, same] = ['', 0];
  return waitUntil('all of the sound of the line', () => {
    witness.take(piece(levels));
    const body = witness.sensed(receipt);
    const now = JSON.stringify(body);
    same = now === before && body.sensedBySecond !== undefined ? same + 1 : 0;
    before = now;
    return same === 15 ? body : undefined;
  });
}

t.test('without a sensor on the board nobody listens', async (t) => {
  t.equal(openWitness(undefined, new ManualClock(), new KeptLog()), undefined);
  t.equal(openWitness(boardSchema.parse(plain), new ManualClock(), new KeptLog()), undefined);
});

t.test('what the sensor hears of a bulletin makes its receipt evidence that it was sensed', async (t) => {
  const levels = levelsOf(1);
  const bench = rig(t, await sensor(t, levels));
  bench.witness.air(true);
  const body = await settled(bench, levels);
  t.equal(body.sensedBySecond?.length, SECONDS);
  t.equal(body.evidence, 'sensed');
  for (const one of body.sensedBySecond ?? []) t.ok((one ?? 0) > 0.99, String(one));
});

t.test('a line that brings another sound is told second by second, and is no evidence', async (t) => {
  const bench = rig(t, await sensor(t, levelsOf(2)));
  bench.witness.air(true);
  const body = await settled(bench, levelsOf(3));
  t.equal(body.sensedBySecond?.length, SECONDS);
  t.equal(body.evidence, 'consumed');
});

t.test('what was not consumed, or of which no levels came, stays as the sink told it', async (t) => {
  const { witness, piece } = rig(t, await sensor(t, levelsOf(4)));
  t.equal(witness.sensed(receipt), receipt, 'no levels');
  witness.take(piece(levelsOf(4)));
  const decoded = { ...receipt, evidence: 'decoded' as const };
  t.equal(witness.sensed(decoded), decoded);
  witness.take({ kind: 'level', rmsDb: -20 });
  t.equal(witness.sensed(receipt), receipt, 'its levels are forgotten with the first receipt');
});

t.test('a sensor that ends is told once, and the receipts stay as they are without it', async (t) => {
  const { witness, piece, log } = rig(t, await sensor(t, [], 'echo no such device >&2; exit 1'));
  witness.air(true);
  await waitUntil('the warning', () => log.lines.length > 0);
  t.match(log.lines, [{ level: 'warn', fields: { code: 'E_LINE_SENSOR', error: /no such device/ } }]);
  witness.air(true);
  witness.take(piece(levelsOf(5)));
  const { evidence } = witness.sensed(receipt);
  t.equal(evidence, 'consumed');
});

t.test('the levels of at most sixteen plays are kept', async (t) => {
  const { witness, piece } = rig(t, await sensor(t, levelsOf(6)));
  for (let i = 0; i < 17; i += 1) witness.take(piece(levelsOf(6), `play ${i}`));
  const first = { ...receipt, playId: 'play 0' };
  t.equal(witness.sensed(first), first, 'the oldest is forgotten');
  t.not(witness.sensed({ ...receipt, playId: 'play 1' }).sensedBySecond, undefined);
});
