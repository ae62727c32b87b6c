import t from 'tap';
import { Journal } from '../../../agent/commands/journal.js';
import { memoryStore } from '../../fakes/memory-store.js';

t.test('an id is new once; then it is unanswered, then answered', async (t) => {
  const journal = new Journal(memoryStore(), 'boot 1');
  t.equal(await journal.take('a', 1_000), 'new');
  t.equal(await journal.take('a', 1_000), 'unanswered');
  await journal.answered('a');
  t.equal(await journal.take('a', 1_000), 'answered');
  t.equal(await journal.take('b', 1_000), 'new');
});

t.test(
  'over a restart an answered id stays answered; one that was never answered may be done again',
  async (t) => {
    const store = memoryStore();
    const before = new Journal(store, 'boot 1');
    await before.take('answered', 1_000);
    await before.answered('answered');
    await before.take('open', 1_000);
    const after = new Journal(store.reopened(), 'boot 2');
    t.equal(await after.take('answered', 1_000), 'answered');
    t.equal(await after.take('open', 1_000), 'new');
    t.equal(await after.take('open', 1_000), 'unanswered', 'but once');
  },
);

t.test('ids are forgotten ten minutes after their command has expired, not before', async (t) => {
  const journal = new Journal(memoryStore(), 'boot 1');
  for (let i = 0; i < 250; i += 1) await journal.take(`old ${i}`, 1_000);
  await journal.take('young', 2_000);
  await journal.prune(1_000 + 600_000);
  t.equal(await journal.take('old 7', 1_000), 'unanswered');
  await journal.prune(1_000 + 600_001);
  t.equal(await journal.take('old 7', 1_000), 'new');
  t.equal(await journal.take('old 249', 1_000), 'new', 'beyond the first page too');
  t.equal(await journal.take('young', 2_000), 'unanswered');
});

t.test('what cannot be written is not taken up', async (t) => {
  const store = memoryStore();
  const journal = new Journal(store, 'boot 1');
  store.failWrite(1);
  await t.rejects(journal.take('a', 1_000), { code: 'E_STORE_WRITE' });
  t.equal(await journal.take('a', 1_000), 'new');
});

t.test('answering what was never taken up writes nothing', async (t) => {
  const store = memoryStore();
  await new Journal(store, 'boot 1').answered('a');
  t.equal(store.writes(), 0);
});
