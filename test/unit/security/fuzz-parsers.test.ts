import t from 'tap';
import { fuzzParsers } from '../../security/parser-fuzz.js';

const seed = Math.floor(Math.random() * 2 ** 31);
const { parsers } = await fuzzParsers({ seed, rounds: 400, processes: false, slowMs: Infinity });
t.comment(`seed ${seed}: node dist/test/security/fuzz-parsers.js --seed ${seed} --rounds 400`);

for (const { name, faults, outcomes, rounds } of parsers) {
  t.test(`${name}: mutated input gives named errors only`, async (t) => {
    t.same(faults, []);
    const seen = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    t.equal(seen, rounds);
    // The socket gets 20 connections: all of them may well be refused alike.
    if (rounds >= 100) t.ok(Object.keys(outcomes).length > 1, 'more than one outcome was met');
  });
}
