import t from 'tap';
import type { Refusal } from '../../../agent/core/errors.js';
import { Play } from '../../../agent/sound/play.js';
import type { PlaySpec } from '../../../agent/sound/messages.js';
import { storedSound } from '../../../agent/sound/chime.js';
import { SteadySource } from '../../fakes/steady-source.js';
import { ManualClock } from '../../support/manual-clock.js';

const gone: Refusal = { code: 'E_MEDIA_STATUS', detail: '404' };
const CHIME_BLOCKS = storedSound('chime').length / 480;

interface Rig {
  readonly play: Play;
  readonly clock: ManualClock;
  readonly sources: readonly SteadySource[];
  readonly troubles: string[];
  readonly lasts: boolean[];
  /** Reads so many blocks; the parts that were heard, chime or main, where there was sound. */
  heard(blocks: number): string[];
}

function rigOf(sources: SteadySource[], parts: Partial<PlaySpec> = {}): Rig {
  const clock = new ManualClock();
  const troubles: string[] = [];
  const lasts: boolean[] = [];
  let opened = 0;
  const spec: PlaySpec = {
    playId: 'p',
    chimeFirst: false,
    chain: sources.map(() => ({ kind: 'stored', name: 'siren' })),
    gainDb: 0,
    onInterrupt: 'resume',
    ...parts,
  };
  const play = new Play(
    spec,
    (_, last) => {
      lasts.push(last);
      return sources[opened++] ?? new SteadySource();
    },
    clock,
    ({ code }) => troubles.push(code),
    () => undefined,
  );
  const block = new Float32Array(480);
  return {
    play,
    clock,
    sources,
    troubles,
    lasts,
    heard: (blocks) =>
      Array.from({ length: blocks }, () => {
        const part = play.part;
        play.read(block);
        return block.some((x) => x !== 0) ? part : 'silence';
      }),
  };
}

t.test(
  'a source that fails makes way for the next, and the play counts as mended when that is heard out',
  async (t) => {
    const [first, second] = [new SteadySource({ ready: false }), new SteadySource()];
    const rig = rigOf([first, second]);
    first.failure = gone;
    t.same(rig.heard(2), ['main', 'main']);
    t.same(rig.troubles, ['E_MEDIA_STATUS']);
    t.ok(first.closed);
    second.ended = true;
    t.ok(rig.play.ended);
    t.equal(rig.play.failure, undefined);
  },
);

t.test('a play of which every source fails has ended, with the first failure', async (t) => {
  const sources = [new SteadySource({ ready: false }), new SteadySource({ ready: false })];
  const rig = rigOf(sources);
  for (const source of sources) source.failure = gone;
  t.equal(rig.play.ready, false);
  t.ok(rig.play.ended);
  t.same(rig.play.failure, gone);
  t.same(rig.troubles, ['E_MEDIA_STATUS', 'E_MEDIA_STATUS']);
  t.same(rig.lasts, [false, true], 'the last knows that none comes after it');
});

t.test('an empty chain has ended', async (t) => {
  t.ok(rigOf([]).play.ended);
});

t.test('the chime sounds at once and again until the source is ready, then never again', async (t) => {
  const source = new SteadySource({ ready: false });
  const rig = rigOf([source], { chimeFirst: true });
  t.ok(rig.play.ready, 'before anything has come');
  const first = rig.heard(CHIME_BLOCKS);
  t.ok(first.filter((part) => part === 'chime').length > CHIME_BLOCKS * 0.9);
  const again = rig.heard(CHIME_BLOCKS);
  t.ok(again.filter((part) => part === 'chime').length > CHIME_BLOCKS * 0.9, 'the same once more');
  source.ready = true;
  const after = rig.heard(CHIME_BLOCKS + 4);
  t.equal(after.lastIndexOf('chime') < after.indexOf('main'), true);
  t.equal(after.at(-1), 'main');
  source.ready = false;
  t.notOk(rig.heard(5).includes('chime'), 'a stall is silence, not a chime');
});

t.test(
  'a chime that sounds again follows without a block between that would count as the bulletin',
  async (t) => {
    const rig = rigOf([new SteadySource({ ready: false })], { chimeFirst: true });
    const parts = Array.from({ length: Math.round(2.5 * CHIME_BLOCKS) }, () => {
      const { part } = rig.play;
      rig.heard(1);
      return part;
    });
    t.same([...new Set(parts)], ['chime']);
  },
);

t.test('an emergency of which everything fails still gives its one chime', async (t) => {
  const source = new SteadySource({ ready: false });
  source.failure = gone;
  const rig = rigOf([source], { chimeFirst: true });
  t.equal(rig.play.ended, false);
  t.ok(rig.heard(CHIME_BLOCKS).includes('chime'));
  t.ok(rig.play.ended);
});

t.test('a live stream goes on under the chime; a file waits for its end', async (t) => {
  for (const live of [true, false]) {
    const source = new SteadySource({ live });
    rigOf([source], { chimeFirst: true }).heard(3);
    t.equal(source.framesSkipped, live ? 3 * 480 : 0);
  }
});

t.test('a live stream that gives nothing for 5 s makes way, but not when it is the last', async (t) => {
  const [stream, file] = [new SteadySource({ live: true, ready: false }), new SteadySource()];
  const rig = rigOf([stream, file]);
  rig.clock.advance(5_000);
  t.equal(rig.play.ready, false);
  rig.clock.advance(1);
  rig.play.pass(480);
  t.equal(rig.play.ready, true);
  t.notOk(stream.closed, 'it is tried again meanwhile');

  const last = rigOf([new SteadySource({ live: true, ready: false })]);
  last.clock.advance(3_600_000);
  t.equal(last.play.ended, false);
});

t.test(
  'silent for longer than it may hold the air, it gives it, and takes it again with its sound',
  async (t) => {
    const source = new SteadySource({ live: true });
    const rig = rigOf([source], { lasts: true });
    rig.heard(1);
    source.ready = false;
    rig.heard(1);
    rig.clock.advance(5_000);
    t.equal(rig.play.ready, true);
    rig.clock.advance(1);
    t.equal(rig.play.ready, false);
    t.equal(rig.play.ended, false);
    source.ready = true;
    t.equal(rig.play.ready, true);
  },
);

t.test('reconnects of all sources of a chain are counted together', async (t) => {
  const [first, second] = [new SteadySource(), new SteadySource()];
  const rig = rigOf([first, second]);
  first.reconnects = 3;
  first.failure = gone;
  rig.play.pass(480);
  second.reconnects = 2;
  t.equal(rig.play.reconnects, 5);
});

t.test('closing a play closes its source', async (t) => {
  const source = new SteadySource();
  rigOf([source]).play.close();
  t.ok(source.closed);
});
