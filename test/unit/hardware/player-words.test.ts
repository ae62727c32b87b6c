import t from 'tap';
import { lookAtCard, playerLine, soundHead, takeBackFrom } from '../../../hardware/sinks/player-words.js';

t.test('each line of the player is understood, and nothing else', async (t) => {
  t.same(playerLine('ready 30720 rewind'), { kind: 'ready', bufferFrames: 30_720, rewinds: true });
  t.match(playerLine('ready 4096 forward'), { rewinds: false });
  t.same(playerLine('at 4802 733521126554'), { kind: 'at', frame: 4_802, atMs: 733_521.126554 });
  t.same(playerLine('back 9600'), { kind: 'back', frame: 9_600 });
  t.same(playerLine('idle 0'), { kind: 'idle', frame: 0 });
  t.same(playerLine('dry 14400'), { kind: 'dry', frame: 14_400 });
  t.same(playerLine('gone 77 No such device'), { kind: 'gone', frame: 77, text: 'No such device' });
  for (const other of ['', 'at', 'at x 5', 'underrun!!!', 'ready'])
    t.equal(playerLine(other), undefined, other);
});

t.test('messages are a word of kind and length, and their body', async (t) => {
  t.same([...soundHead(480)], [0xe0, 1, 0, 1]);
  t.same([...takeBackFrom(0x1_0000_0002)], [8, 0, 0, 2, 2, 0, 0, 0, 1, 0, 0, 0]);
  t.same([...lookAtCard()], [0, 0, 0, 3]);
});
