import t from 'tap';
import type { Refusal } from '../../../agent/core/errors.js';
import { Chain } from '../../../agent/sound/chain.js';
import type { PlaySpec } from '../../../agent/sound/messages.js';
import type { SourceHooks } from '../../../agent/sound/sources/source.js';
import { SteadySource } from '../../fakes/steady-source.js';
import { ManualClock } from '../../support/manual-clock.js';

type Kind = PlaySpec['chain'][number]['kind'];
const gone: Refusal = { code: 'E_MEDIA_STATUS', detail: '404' };
const LINKS: Readonly<Record<string, PlaySpec['chain'][number]>> = {
  live: { kind: 'live', url: 'https://a/' },
  file: { kind: 'file', url: 'https://a/f', sha256: '', onInterrupt: 'resume' },
  stored: { kind: 'stored', name: 'chime' },
};
const STORED = { kind: 'stored', name: 'siren' } as const;
const LEVELS = [0.5, 0.4, 0.3, 0.2];

interface Rig {
  readonly chain: Chain;
  readonly clock: ManualClock;
  /** The sources opened for each link, in order. */
  readonly opened: readonly SteadySource[][];
  readonly hooks: readonly SourceHooks[];
  readonly troubles: string[];
  readonly links: number[];
  /** Reads blocks of 10 ms; for each, which link was heard at its last frame, or −1. */
  heard(blocks: number): number[];
}

/** A chain of which every source gives a level of its own: none is ready but the first. */
function rigOf(kinds: readonly Kind[], parts: Partial<PlaySpec> = {}, atOnce = true): Rig {
  const clock = new ManualClock();
  const opened: SteadySource[][] = kinds.map(() => []);
  const hooks: SourceHooks[] = [];
  const troubles: string[] = [];
  const links: number[] = [];
  const chainOf = kinds.map((kind) => ({ ...(LINKS[kind] ?? STORED) }));
  const spec = { playId: 'p', chimeFirst: false, gainDb: 0, onInterrupt: 'resume', lasts: true } as const;
  const chain = new Chain(
    { ...spec, chain: chainOf, ...parts },
    (wanted, _, given) => {
      const i = chainOf.indexOf(wanted);
      const stored = wanted.kind === 'stored';
      const source = new SteadySource({
        live: wanted.kind === 'live',
        ready: stored || (i === 0 && atOnce),
        level: LEVELS[i] ?? 1,
      });
      opened[i]?.push(source);
      hooks[i] = given;
      return source;
    },
    clock,
    {
      onTrouble: ({ code }) => troubles.push(code),
      onTitle: () => undefined,
      onLink: (link) => links.push(link),
    },
  );
  const block = new Float32Array(480);
  const heard = (blocks: number): number[] =>
    Array.from({ length: blocks }, () => {
      chain.read(block);
      clock.advance(10);
      return LEVELS.indexOf(Math.round((block[479] ?? 0) * 1_000) / 1_000);
    });
  return { chain, clock, opened, hooks, troubles, links, heard };
}

const source = (rig: Rig, link: number, time = 0): SteadySource => {
  const found = rig.opened[link]?.[time];
  if (found === undefined) throw new Error(`link ${link} was not opened ${time + 1} times`);
  return found;
};

t.test(
  'a live stream that runs dry is stood in for within 500 ms, and is heard again when it lives',
  async (t) => {
    const rig = rigOf(['live', 'stored']);
    t.same(rig.heard(3), [0, 0, 0]);
    source(rig, 0).ready = false;
    const dry = rig.heard(50);
    t.ok(dry.indexOf(1) > 0 && dry.indexOf(1) < 50, `after ${dry.indexOf(1) * 10} ms`);
    t.notOk(source(rig, 0).closed, 'it is tried again in the background');
    t.same(rig.troubles, ['E_MEDIA_FALLBACK']);
    source(rig, 0).ready = true;
    t.same(rig.heard(2), [0, 0]);
    t.same(rig.links, [0, 1, 0]);
    t.ok(source(rig, 1).closed, 'and the chime begins anew the next time');
    source(rig, 0).ready = false;
    t.ok(rig.heard(50).includes(1));
    t.equal(rig.opened[1]?.length, 2);
  },
);

t.test('dry for less than that, nothing stands in', async (t) => {
  const rig = rigOf(['live', 'stored']);
  rig.heard(1);
  source(rig, 0).ready = false;
  rig.heard(14);
  source(rig, 0).ready = true;
  rig.heard(50);
  t.same(rig.links, [0]);
});

t.test(
  'file, chime, then silence that is told; each only when what comes before it has no sound',
  async (t) => {
    const chain = rigOf(['live', 'file', 'stored']);
    chain.heard(1);
    source(chain, 1).ready = true;
    source(chain, 0).ready = false;
    t.ok(chain.heard(50).includes(1), 'the file');
    source(chain, 1).ended = true;
    t.same(chain.heard(2), [2, 2], 'the chime');
    source(chain, 2).ended = true;
    t.same(new Set(chain.heard(60)), new Set([-1]), 'silence');
    t.same(chain.troubles, ['E_MEDIA_FALLBACK', 'E_MEDIA_FALLBACK', 'E_MEDIA_SILENT']);
    t.equal(chain.chain.ended, false, 'the lease lasts');
    source(chain, 0).ready = true;
    t.same(chain.heard(1), [0]);
  },
);

t.test(
  'a file that stands in is got ready as soon as the stream is heard, and goes on where it was',
  async (t) => {
    const rig = rigOf(['live', 'file'], {}, false);
    t.equal(rig.opened[1]?.length, 0);
    source(rig, 0).ready = true;
    rig.heard(1);
    t.equal(rig.opened[1]?.length, 1);
    source(rig, 1).ready = true;
    for (let outage = 0; outage < 2; outage += 1) {
      source(rig, 0).ready = false;
      t.ok(rig.heard(50).includes(1));
      source(rig, 0).ready = true;
      rig.heard(5);
    }
    t.equal(rig.opened[1]?.length, 1, 'never opened anew');
    t.notOk(source(rig, 1).closed);
  },
);

t.test(
  'a backup is connected while the stream is in trouble, and let go when it has been well for 10 s',
  async (t) => {
    const rig = rigOf(['live', 'live']);
    rig.heard(5);
    t.equal(rig.opened[1]?.length, 0);
    source(rig, 0).troubled = true;
    rig.heard(1);
    t.equal(rig.opened[1]?.length, 1, 'before the stream has run dry');
    source(rig, 1).ready = true;
    source(rig, 0).troubled = false;
    t.same(new Set(rig.heard(1_000)), new Set([0]));
    t.notOk(source(rig, 1).closed);
    rig.heard(5);
    t.ok(source(rig, 1).closed);
  },
);

t.test(
  'a stream that is refused at its start is stood in for at once; one that is slow, after 5 s',
  async (t) => {
    const refused = rigOf(['live', 'stored'], {}, false);
    refused.hooks[0]?.onTrouble(gone);
    t.same(refused.heard(2), [1, 1]);
    const slow = rigOf(['live', 'stored'], {}, false);
    const heard = slow.heard(520);
    t.equal(heard.indexOf(1), 501);
  },
);

t.test(
  'what does not last ends with the first source that is heard out, its stream still away',
  async (t) => {
    const rig = rigOf(['live', 'stored'], { lasts: false });
    rig.heard(1);
    source(rig, 0).ready = false;
    t.ok(rig.heard(50).includes(1));
    source(rig, 1).ended = true;
    t.ok(rig.chain.ended);
    t.ok(source(rig, 0).closed);
  },
);

t.test(
  'a stream that is silence is told after 8 s and left after 15 s, until it sounds for a second',
  async (t) => {
    const rig = rigOf(['live', 'stored']);
    rig.heard(1);
    source(rig, 0).level = 0.001;
    rig.heard(799);
    t.same(rig.troubles, []);
    rig.heard(2);
    t.same(rig.troubles, ['E_MEDIA_SILENT']);
    t.same(rig.links, [0]);
    rig.heard(702);
    t.same(rig.links, [0, 1]);
    source(rig, 0).level = 0.5;
    const back = rig.heard(110);
    t.equal(back.indexOf(0), 100);
  },
);

t.test('the change to another source does not click: no step is larger than that of its ramp', async (t) => {
  const rig = rigOf(['live', 'stored']);
  const block = new Float32Array(480);
  rig.chain.read(block);
  source(rig, 0).ready = false;
  rig.clock.advance(10);
  rig.chain.read(block);
  rig.clock.advance(151);
  let before = 0;
  let step = 0;
  for (let i = 0; i < 6; i += 1) {
    if (i === 3) source(rig, 0).ready = true;
    rig.chain.read(block);
    rig.clock.advance(10);
    for (const frame of block) {
      step = Math.max(step, Math.abs(frame - before));
      before = frame;
    }
  }
  t.same(rig.links, [0, 1, 0]);
  t.ok(step > 0 && step < 0.002, `${step}`);
});

t.test('unheard, live sources go on; what stands in waits, or is rejoined', async (t) => {
  const rig = rigOf(['live', 'stored']);
  rig.heard(1);
  source(rig, 0).ready = false;
  rig.heard(50);
  rig.chain.skip(480, false);
  t.equal(source(rig, 0).framesSkipped > 0, true);
  t.equal(source(rig, 1).framesSkipped, 0);
  rig.chain.skip(480, true);
  t.equal(source(rig, 1).framesSkipped, 480);
});
