import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { FromSound, PlaySpec, PlayTally, SoundSettings } from '../../../agent/sound/messages.js';
import { SoundThread } from '../../../agent/sound/sound-engine.js';
import { systemClock } from '../../../agent/core/clock.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';
import { OPEN_GATE } from '../../support/open-gate.js';

const settings = (folder: string): SoundSettings => ({
  sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
  media: { anchorsPem: [], plainHosts: [], stallMs: 1_000, folder, quotaBytes: 1_000_000 },
  livePrerollMs: 250,
  gate: OPEN_GATE,
});

const specOf = (playId: string, parts: Partial<PlaySpec> = {}): PlaySpec => ({
  playId,
  chimeFirst: false,
  chain: [{ kind: 'tone', frequencyHz: 1_000, durationMs: 200, level: 0.1 }],
  gainDb: 0,
  onInterrupt: 'resume',
  ...parts,
});

const talliesOf = (messages: readonly FromSound[]): PlayTally[] =>
  messages.flatMap((message) => (message.kind === 'ended' ? [message.tally] : []));

/** An engine whose worker only echoes what it is told, and dies when told to close `die`. */
async function echoRig(t: Teardown): Promise<{
  engine: SoundThread;
  clock: ManualClock;
  messages: FromSound[];
  /** What the worker of now was told. */
  told: () => Record<string, unknown>[];
}> {
  const program = join(await temporaryFolder(t), 'echo.mjs');
  await writeFile(
    program,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', (message) => {
       if (message === 'end') parentPort.close();
       else if (message.playId === 'die') process.exit(3);
       else if (message.playId === 'hang') for (;;);
       else parentPort.postMessage({ kind: 'echo', message });
     });
     parentPort.postMessage({ kind: 'started' });`,
  );
  const clock = new ManualClock();
  const messages: FromSound[] = [];
  const engine = new SoundThread(pathToFileURL(program), settings('/nowhere'), {
    clock,
    log: new KeptLog(),
    onMessage: (message) => messages.push(message),
  });
  t.teardown(() => engine.end());
  await waitUntil('it runs', () => startsOf(messages) === 1);
  const all = messages as unknown as { kind: string; message: Record<string, unknown> }[];
  return {
    engine,
    clock,
    messages,
    told: () =>
      all
        .slice(all.findLastIndex(({ kind }) => kind === 'started'))
        .flatMap(({ kind, message }) => (kind === 'echo' ? [message] : [])),
  };
}

const deathsOf = (messages: readonly FromSound[]): number =>
  messages.filter((message) => message.kind === 'sink' && !message.ok).length;
const startsOf = (messages: readonly FromSound[]): number =>
  messages.filter(({ kind }) => (kind as string) === 'started').length;

/** Kills the worker and waits for the next one. */
async function die({ engine, clock, messages }: Awaited<ReturnType<typeof echoRig>>): Promise<void> {
  const [deaths, starts] = [deathsOf(messages), startsOf(messages)];
  engine.close('die', 'stopped');
  await waitUntil('the death', () => deathsOf(messages) > deaths);
  clock.advance(10_000);
  await waitUntil('the next worker', () => startsOf(messages) > starts);
}

t.test('the real worker plays a tone into the null sink and accounts for every frame', async (t) => {
  const messages: FromSound[] = [];
  const program = new URL('../../../agent/compose-sound.js', import.meta.url);
  const engine = new SoundThread(program, settings(await temporaryFolder(t)), {
    clock: systemClock,
    log: new KeptLog(),
    onMessage: (message) => messages.push(message),
  });
  engine.open(specOf('a'));
  engine.order(['a']);
  await waitUntil('its account', () => talliesOf(messages).length > 0);
  t.match(talliesOf(messages), [
    { playId: 'a', outcome: 'completed', framesHeard: 9_600, evidence: 'consumed' },
  ]);
  t.match(talliesOf(messages)[0]?.pcmSha256, /^[0-9a-f]{64}$/);
  const kinds = messages.map(({ kind }) => kind).filter((kind) => kind !== 'level' && kind !== 'tally');
  t.same(kinds, ['sink', 'link', 'began', 'air', 'air', 'ended']);
  await engine.end();
  await engine.end();
});

t.test('a worker that dies is started again, and told again what is open and in which order', async (t) => {
  const rig = await echoRig(t);
  rig.engine.open(specOf('a'));
  rig.engine.open(specOf('a', { gainDb: -3 }));
  rig.engine.order(['a']);
  await waitUntil('told', () => rig.told().length === 2);
  await die(rig);
  await waitUntil('told again', () => rig.told().length === 2);
  t.match(rig.told(), [
    { kind: 'open', spec: { playId: 'a', gainDb: 0 } },
    { kind: 'order', playIds: ['a'] },
  ]);
  const death = rig.messages.findIndex(({ kind }) => kind === 'sink');
  t.match(rig.messages[death], { ok: false, code: 'E_SOUND_ENGINE' });
  t.same(rig.messages[death + 1], { kind: 'air', playId: undefined }, 'nobody has the air meanwhile');
});

t.test('a worker that hangs is ended and started again, with an alarm and all that was open', async (t) => {
  const rig = await echoRig(t);
  rig.engine.open(specOf('a'));
  rig.engine.order(['a']);
  await waitUntil('told', () => rig.told().length === 2);
  rig.engine.close('hang', 'stopped');
  await waitUntil('the end of it', () => {
    rig.clock.advance(500);
    return deathsOf(rig.messages) === 1;
  });
  t.match(
    rig.messages.find(({ kind }) => kind === 'sink'),
    { ok: false, code: 'E_SOUND_ENGINE', detail: /no sign of life/ },
  );
  rig.clock.advance(10_000);
  await waitUntil('the next worker', () => startsOf(rig.messages) === 2 && rig.told().length === 2);
  t.match(rig.told(), [
    { kind: 'open', spec: { playId: 'a' } },
    { kind: 'order', playIds: ['a'] },
  ]);
});

t.test('what was stopped does not come back with the next worker', async (t) => {
  const rig = await echoRig(t);
  rig.engine.open(specOf('a'));
  rig.engine.order(['a']);
  const deaths = deathsOf(rig.messages);
  rig.engine.close('die', 'stopped');
  await waitUntil('the death', () => deathsOf(rig.messages) > deaths);
  rig.engine.close('a', 'stopped');
  rig.clock.advance(10_000);
  await waitUntil('told again', () => rig.told().length === 3);
  t.match(rig.told(), [
    { kind: 'open' },
    { kind: 'close', playId: 'a', outcome: 'stopped' },
    { kind: 'order' },
  ]);
});

t.test('a play that was there at three deaths is given up, with a receipt that says why', async (t) => {
  const rig = await echoRig(t);
  rig.engine.open(specOf('poison'));
  for (let i = 0; i < 3; i += 1) await die(rig);
  t.match(talliesOf(rig.messages), [
    { playId: 'poison', outcome: 'failed', failure: { code: 'E_SOUND_ENGINE' }, framesHeard: 0 },
  ]);
  t.same(rig.told(), [], 'and the next worker hears nothing of it');
});

t.test('deaths that lie far apart are not counted together', async (t) => {
  const rig = await echoRig(t);
  rig.engine.open(specOf('a'));
  for (let i = 0; i < 4; i += 1) {
    rig.clock.advance(61_000);
    await die(rig);
  }
  t.same(talliesOf(rig.messages), []);
});

t.test('ended while it waits to start again, it starts nothing more', async (t) => {
  const rig = await echoRig(t);
  rig.engine.close('die', 'stopped');
  await waitUntil('the death', () => deathsOf(rig.messages) === 1);
  await rig.engine.end();
  rig.clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(startsOf(rig.messages), 1);
});
