import t from 'tap';
import { fuzzParsers } from '../security/parser-fuzz.js';

t.setTimeout(1_800_000);
const seed = Math.floor(Math.random() * 2 ** 31);
t.comment(`seed ${seed}: node dist/test/security/fuzz-parsers.js --seed ${seed} --rounds 50000`);
const { parsers, growthMb } = await fuzzParsers({ seed, rounds: 50_000, processes: true });

for (const { name, faults } of parsers) {
  t.test(`${name}: 50,000 mutated inputs give named errors only`, async (t) => t.same(faults, []));
}

t.test('memory is bounded', async (t) => t.ok(growthMb < 200, `${growthMb} MiB`));
