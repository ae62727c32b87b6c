import t from 'tap';
import { fuzzMessages } from '../security/message-fuzz.js';

t.setTimeout(1_800_000);

t.test('of 200,000 mutated and wrongly signed inputs none is taken, and memory is bounded', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}: node dist/test/security/fuzz-messages.js --seed ${seed} --rounds 200000`);
  const result = await fuzzMessages({ seed, rounds: 200_000 }, (line) => t.comment(line));
  for (const [name, count] of Object.entries(result.histogram)) t.comment(`${count} ${name}`);
  t.same(result.accepted, []);
  t.same(result.crashes, []);
  t.ok(result.rssMb.late - result.rssMb.early < 64, `RSS ${result.rssMb.early} to ${result.rssMb.late} MiB`);
});
