import t from 'tap';
import { AskedLoudness, type LoudnessQuestion } from '../../../agent/sound/sources/asked-loudness.js';

function asker(): { loudness: AskedLoudness; asked: LoudnessQuestion[] } {
  const asked: LoudnessQuestion[] = [];
  return { loudness: new AskedLoudness((question) => asked.push(question)), asked };
}

const never = new AbortController().signal;

t.test('each question gets its own answer, in whatever order they come', async (t) => {
  const { loudness, asked } = asker();
  const [one, other] = [loudness.measure('/one', never), loudness.measure('/other', never)];
  t.same(
    asked.map(({ path }) => path),
    ['/one', '/other'],
  );
  loudness.take({ kind: 'measured', question: asked[1]?.question ?? 0, lufs: -20 });
  loudness.take({ kind: 'measured', question: asked[0]?.question ?? 0 });
  t.equal(await other, -20);
  t.equal(await one, undefined, 'nothing above the gate');
});

t.test('a file that cannot be measured rejects with the reason', async (t) => {
  const { loudness, asked } = asker();
  const measured = loudness.measure('/one', never);
  const refusal = { code: 'E_MEDIA_DECODE', detail: 'ffmpeg ended with 1' } as const;
  loudness.take({ kind: 'measured', question: asked[0]?.question ?? 0, refusal });
  await t.rejects(measured, { code: 'E_MEDIA_DECODE' });
});

t.test('who gives up waiting is told so, and a late answer is dropped', async (t) => {
  const { loudness, asked } = asker();
  const abort = new AbortController();
  const measured = loudness.measure('/one', abort.signal);
  abort.abort();
  await t.rejects(measured, { code: 'E_MEDIA_DECODE' });
  loudness.take({ kind: 'measured', question: asked[0]?.question ?? 0, lufs: -20 });
});
