import t from 'tap';
import { systemClock } from '../../agent/core/clock.js';
import { RealRauc, withoutRaucBoard } from '../faults/rauc-board.js';
import { raucContract } from '../support/rauc-contract.js';

t.setTimeout(600_000);

t.test("a board on which Debian's rauc runs", { skip: withoutRaucBoard() }, async (t) => {
  await raucContract(t, systemClock, async (t) => {
    const board = await RealRauc.open();
    t.teardown(() => board.close());
    return board;
  });
});
