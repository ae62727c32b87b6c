import t from 'tap';
import { fuzzMessages } from '../../security/message-fuzz.js';

t.test('of 2,000 mutated and wrongly signed inputs none is taken and none crashes the judge', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}: node dist/test/security/fuzz-messages.js --seed ${seed} --rounds 2000`);
  const result = await fuzzMessages({ seed, rounds: 2_000 });
  t.same(result.accepted, []);
  t.same(result.crashes, []);
  t.equal(result.resigned, 1_000);
  t.ok(Object.keys(result.histogram).length >= 12, 'it met many kinds of refusal');
});

t.test('the same seed makes the same choices', async (t) => {
  const { Random } = await import('../../security/random.js');
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  t.same(draw(7), draw(7));
  t.notSame(draw(7), draw(8));
});
