import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { CardStatusFile, parseStatus } from '../../../hardware/sinks/card-status.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const textOf = (owner: number, played: number, given: number, state = 'RUNNING'): string =>
  `state: ${state}
owner_pid   : ${owner}
trigger_time: 1234.500000000
tstamp      : 1240.250000000
delay       : ${given - played}
avail       : 4000
avail_max   : 4320
-----
hw_ptr      : ${played}
appl_ptr    : ${given}
`;

t.test('a playing card tells what it has played and was given, and when', async (t) => {
  t.same(parseStatus(textOf(77, 264_960, 267_264), 1_240_251), {
    ...{ owner: 77, running: true, begun: '1234.500000000' },
    ...{ playedFrames: 264_960, givenFrames: 267_264, atMs: 1_240_250 },
  });
  t.equal(parseStatus(textOf(77, 0, 480, 'PREPARED'), 0)?.running, false);
});

t.test('a stamp of another clock is not believed: then it is now', async (t) => {
  t.equal(parseStatus(textOf(77, 0, 480), 99_000)?.atMs, 99_000);
});

t.test('a closed card, or another text, tells nothing', async (t) => {
  for (const text of ['closed\n', '', 'state: RUNNING\n', textOf(1, 2, 3).replace('hw_ptr', 'hw')]) {
    t.equal(parseStatus(text, 0), undefined);
  }
});

t.test('the card of the very player is found among several, and lost when it is closed', async (t) => {
  const folder = await temporaryFolder(t);
  const pathOf = async (card: string): Promise<string> => {
    const sub = join(folder, card, 'pcm0p', 'sub0');
    await mkdir(sub, { recursive: true });
    return join(sub, 'status');
  };
  await writeFile(await pathOf('card0'), textOf(11, 1, 2));
  const path = await pathOf('card1');
  await writeFile(path, textOf(22, 960, 1_920));
  const file = new CardStatusFile(folder, 22);
  t.match(file.read(), { playedFrames: 960, givenFrames: 1_920 });
  await writeFile(path, textOf(22, 1_440, 2_400));
  t.match(file.read(), { playedFrames: 1_440 }, 'read anew each time');
  await writeFile(path, 'closed\n');
  t.equal(file.read(), undefined);
  t.equal(file.read(), undefined);
  file.close();
});

t.test('without such a folder nothing is told', async (t) => {
  const folder = await temporaryFolder(t);
  await rm(folder, { recursive: true });
  t.equal(new CardStatusFile(folder, 1).read(), undefined);
});
