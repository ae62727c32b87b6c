import t from 'tap';
import { playHistory } from '../../programme/histories.js';

const HISTORIES = 400;

t.test(`nothing is heard that should not be, in ${HISTORIES} random histories`, async (t) => {
  const first = Math.floor(Math.random() * 1e9);
  t.comment(`seeds from ${first}`);
  let opened = 0;
  let heardMs = 0;
  for (let seed = first; seed < first + HISTORIES; seed += 1) {
    const outcome = playHistory(seed);
    opened += outcome.opened;
    heardMs += outcome.heardMs;
    if (outcome.broken.length > 0) t.fail(`seed ${seed}: ${outcome.broken.slice(0, 3).join('; ')}`);
  }
  t.ok(opened > HISTORIES, `${opened} plays opened`);
  t.ok(heardMs > HISTORIES * 60_000, `${Math.round(heardMs / 3_600_000)} hours heard`);
});
