import t from 'tap';
import { FLAWS } from '../../programme/flaws.js';
import { playHistories } from '../../programme/many-histories.js';

const HISTORIES = 1_000;
/** Within so many a planted bug must show. */
const FLAWED = 300;

t.test(
  `nothing is heard that should not be, in ${HISTORIES} random histories`,
  { timeout: 100_000 },
  async (t) => {
    const firstSeed = Math.floor(Math.random() * 1e9);
    t.comment(`seeds from ${firstSeed}`);
    const { found, opened, heardMs } = await playHistories({ firstSeed, count: HISTORIES }, 2);
    for (const { seed, broken } of found) t.fail(`seed ${seed}: ${broken.slice(0, 3).join('; ')}`);
    t.ok(opened > HISTORIES, `${opened} plays opened`);
    t.ok(heardMs > HISTORIES * 60_000, `${Math.round(heardMs / 3_600_000)} hours heard`);
  },
);

for (const flaw of FLAWS) {
  t.test(`the judge finds a programme that ${flaw}`, async (t) => {
    const { found } = await playHistories({ firstSeed: 1, count: FLAWED, flaw, untilFound: true }, 1);
    t.equal(found.length, 1, `seed ${found[0]?.seed}: ${found[0]?.broken[0]}`);
  });
}
