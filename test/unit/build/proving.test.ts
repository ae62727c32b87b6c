import t from 'tap';
import { AREAS, type Area, type Claim, type Measured } from '../../../build/claims/claim.js';
import { contextOf, exitCodeOf, prove, select, type Selection } from '../../../build/claims/proving.js';

function claimOf(area: Area, item: number, measured: Measured, long = false): Claim {
  return { area, item, claim: 'It holds.', bound: '1 s', long, measure: async () => measured };
}

const HOLDS: Measured = { measured: '0.5 s', holds: true };
const NONE = Object.fromEntries(AREAS.map((area) => [area, []])) as unknown as Record<Area, Claim[]>;
const ALL = { ...NONE, main: [claimOf('main', 1, HOLDS, true), claimOf('main', 2, HOLDS)] };

t.test('long claims are left out unless they are asked for', async (t) => {
  const short = select(ALL, { area: 'main', long: false });
  t.same([short.claims.map((one) => one.item), short.leftOut.map((one) => one.item)], [[2], [1]]);
  t.equal(select(ALL, { area: 'main', long: true }).claims.length, 2);
});

t.test('an item chooses the claims of that number', async (t) => {
  t.same(
    select(ALL, { area: 'main', item: 2, long: true }).claims.map((one) => one.item),
    [2],
  );
});

t.test('a claim that throws was not measured, and says which error', async (t) => {
  const claim = { ...claimOf('main', 2, HOLDS), measure: () => Promise.reject(new Error('no sound card')) };
  const proved = await prove(
    claim,
    contextOf('.', '.', () => undefined),
  );
  t.match(proved, { holds: null, measured: 'not measured: no sound card' });
});

t.test('a procedure that claims share runs once, and fails for each of them', async (t) => {
  const context = contextOf('.', '.', () => undefined);
  let runs = 0;
  const shared = (): Promise<number> => context.once('shared', async () => ++runs);
  t.same([await shared(), await shared()], [1, 1]);
  const broken = (): Promise<never> =>
    context.once('broken', () => {
      runs += 1;
      throw new Error('broken');
    });
  await t.rejects(broken(), { message: 'broken' });
  await t.rejects(broken(), { message: 'broken' });
  t.equal(runs, 2);
});

const asked: Selection = { claims: [], leftOut: [], empty: [] };
const END: readonly (readonly [string, readonly (boolean | null)[], Selection, number])[] = [
  ['every claim holds: 0', [true, true], asked, 0],
  ['one falls short: 1', [true, false], asked, 1],
  ['one could not be measured: 2', [true, null], asked, 2],
  ['one falls short and one could not be measured: 1', [null, false], asked, 1],
  ['nothing was measured: 2', [], asked, 2],
  ['an area has no claims yet: 2', [true], { ...asked, empty: ['trust'] }, 2],
];

for (const [name, holds, selection, code] of END) {
  t.test(`exit code when ${name}`, async (t) => {
    const proved = holds.map((one) => ({
      area: 'main' as const,
      item: 1,
      claim: '',
      bound: '',
      measured: '',
      holds: one,
    }));
    t.equal(exitCodeOf(proved, selection), code);
  });
}
