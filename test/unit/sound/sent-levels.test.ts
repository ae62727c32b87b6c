import t from 'tap';
import type { FromSound } from '../../../agent/sound/messages.js';
import { SentLevels } from '../../../agent/sound/sent-levels.js';

type Told = Extract<FromSound, { kind: 'envelope' }>;

function rig(): { told: Told[]; levels: SentLevels } {
  const told: Told[] = [];
  const levels = new SentLevels((message) => {
    if (message.kind === 'envelope') told.push(message);
  });
  return { told, levels };
}

/** Samples of one level. */
const at = (level: number, frames: number): Int16Array =>
  Int16Array.from({ length: frames }, (_, i) => (i % 2 === 0 ? level : -level));

t.test('a level is told for each 10 ms, a hundred at once, whatever the size of the blocks', async (t) => {
  const { told, levels } = rig();
  let nowMs = 5_000;
  for (let frames = 0; frames < 48_000 * 2; frames += 960 / 3) {
    levels.take('one', at(1_000, 320), nowMs);
    nowMs += 320 / 48;
  }
  t.same(
    told.map(({ playId, fromMs, levels: { length } }) => [playId, fromMs, length]),
    [
      ['one', 5_000, 100],
      ['one', 6_000, 100],
    ],
  );
  t.ok(told.every((one) => one.levels.every((level) => level === 1_000)));
});

t.test(
  'another play, and a clock that jumps, begin a piece of their own; what is left is told',
  async (t) => {
    const { told, levels } = rig();
    levels.take('one', at(100, 4_800), 0);
    levels.take('two', at(200, 4_800), 100);
    levels.take('two', at(300, 4_800), 206);
    levels.flush();
    t.same(told, [
      { kind: 'envelope', playId: 'one', fromMs: 0, levels: new Array(10).fill(100) },
      { kind: 'envelope', playId: 'two', fromMs: 100, levels: new Array(10).fill(200) },
      { kind: 'envelope', playId: 'two', fromMs: 206, levels: new Array(10).fill(300) },
    ]);
    levels.flush();
    t.equal(told.length, 3, 'nothing is told twice');
  },
);

t.test(
  'a clock that is unsteady by less than 5 ms is the same piece, and half a step belongs to no other play',
  async (t) => {
    const { told, levels } = rig();
    levels.take('one', at(100, 480), 0);
    levels.take('one', at(100, 480), 14);
    levels.take('one', at(100, 240), 24);
    levels.take('two', at(500, 480), 100);
    levels.flush();
    t.same(
      told.map((one) => [one.playId, one.levels]),
      [
        ['one', [100, 100]],
        ['two', [500]],
      ],
    );
  },
);
