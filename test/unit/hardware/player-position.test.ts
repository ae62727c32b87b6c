import t from 'tap';
import type { CardStatus } from '../../../hardware/sinks/card-status.js';
import { PlayerPosition } from '../../../hardware/sinks/player-position.js';

/** A player and its card as a test sets them. */
function rigOf(): {
  position: PlayerPosition;
  card: { status: CardStatus | undefined };
  read: { bytes: number | undefined };
} {
  const card: { status: CardStatus | undefined } = { status: undefined };
  const read: { bytes: number | undefined } = { bytes: 0 };
  const position = new PlayerPosition(
    { read: () => card.status, close: () => undefined },
    { bytes: () => read.bytes, close: () => undefined },
  );
  return { position, card, read };
}

const statusOf = (
  playedFrames: number,
  givenFrames: number,
  { running = true, begun = '1.0' } = {},
): CardStatus => ({ running, begun, playedFrames, givenFrames, atMs: 5_000 });

t.test('the frame at the loudspeaker is what the card has played, as long as it never ran dry', async (t) => {
  const { position, card, read } = rigOf();
  read.bytes = 9_600 * 2;
  card.status = statusOf(7_200, 9_600);
  t.match(position.position(9_600), { frame: 7_200, atMs: 5_000, from: 'card' });
});

t.test('after an underrun, when the card counts anew, frames go on', async (t) => {
  const { position, card, read } = rigOf();
  read.bytes = 9_600 * 2;
  card.status = statusOf(9_600, 9_600);
  position.position(9_600);
  read.bytes = 14_400 * 2;
  card.status = statusOf(2_400, 4_800, { begun: '2.0' });
  t.equal(position.position(14_400)?.frame, 12_000);
});

t.test('while the player has not read all after that, nothing is claimed', async (t) => {
  const { position, card, read } = rigOf();
  read.bytes = 9_600 * 2;
  card.status = statusOf(9_000, 9_600);
  position.position(9_600);
  read.bytes = 12_000 * 2;
  card.status = statusOf(400, 1_200, { begun: '2.0' });
  t.equal(position.position(14_400), undefined);
});

t.test('what a player reads that is not ours is not counted as taken', async (t) => {
  const { position, read } = rigOf();
  read.bytes = 832;
  t.equal(position.takenFrames(0), 0, 'a library, before there was any sound');
  read.bytes = 832 + 960;
  t.equal(position.takenFrames(960), 480, 'half of what was written');
});

t.test('a card that is not running, or whose kernel tells nothing, has no position', async (t) => {
  const { position, card } = rigOf();
  t.equal(position.position(0), undefined);
  card.status = statusOf(0, 480, { running: false });
  t.equal(position.position(480), undefined);
});

t.test(
  'a player that takes nothing though sound waits hangs; one that is idle or slow does not',
  async (t) => {
    const { position, read } = rigOf();
    read.bytes = 960;
    for (let i = 0; i < 10; i += 1) t.notOk(position.hangs(480), 'all was taken: idle');
    for (let i = 0; i < 10; i += 1) {
      read.bytes += 2;
      t.notOk(position.hangs(48_000), 'slow');
    }
    const looks = [1, 2, 3, 4, 5].map(() => position.hangs(48_000));
    t.same(looks, [false, false, false, false, true]);
  },
);

t.test('a player that sets up its card is given a second before it counts as hanging', async (t) => {
  const { position } = rigOf();
  const looks = Array.from({ length: 11 }, () => position.hangs(480));
  t.same(looks.indexOf(true), 10);
});

t.test('where nothing tells what the player has read, it never counts as hanging', async (t) => {
  const { position, read } = rigOf();
  read.bytes = undefined;
  for (let i = 0; i < 20; i += 1) t.notOk(position.hangs(48_000));
});
