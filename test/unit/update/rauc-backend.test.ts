import t from 'tap';
import type { Clock } from '../../../agent/core/clock.js';
import { keptJson } from '../../../agent/core/kept-file.js';
import { RaucBackend } from '../../../agent/update/rauc-backend.js';
import { imageChoice, type ImageChoice } from '../../../agent/update/rauc-start.js';
import { FakeRauc } from '../../fakes/fake-rauc.js';
import { KeptLog } from '../../support/kept-log.js';
import { COMPATIBLE, imageOffer, raucContract } from '../../support/rauc-contract.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Time passes when somebody waits for it. */
const HASTY: Clock = {
  nowMs: () => 0,
  monotonicMs: () => hasteMs,
  after(afterMs, run) {
    hasteMs += afterMs;
    setImmediate(run);
    return () => undefined;
  },
};
let hasteMs = 0;

const signal = new AbortController().signal;

async function rig(t: Parameters<typeof temporaryFolder>[0]) {
  const bus = new FakeRauc();
  const folder = await temporaryFolder(t);
  const log = new KeptLog();
  const path = `${folder}/images.json`;
  const parse = (value: unknown): ImageChoice => imageChoice.parse(value);
  const file = keptJson<ImageChoice | undefined>({ path, parse, factory: undefined, log });
  bus.bundles.set('good', {
    compatible: COMPATIBLE,
    version: '2.0.0',
    sha256: 'd'.repeat(64),
    isSigned: true,
  });
  return { bus, file, log, backend: new RaucBackend({ bus, file, clock: HASTY, log }) };
}

t.test('a board with RAUC, in memory', async (t) => {
  await raucContract(t, HASTY, async () => {
    const bus = new FakeRauc();
    let made = 0;
    return {
      bus,
      boot: () => bus.boot(),
      bundle: async ({ version, compatible = COMPATIBLE, isForeign = false }) => {
        made += 1;
        const path = `bundle-${made}`;
        bus.bundles.set(path, {
          compatible,
          version,
          sha256: `${made}`.padStart(64, '0'),
          isSigned: !isForeign,
        });
        return path;
      },
    };
  });
});

t.test('a RAUC that activates what it installs is put right: no trial begins by itself', async (t) => {
  const { bus, backend } = await rig(t);
  bus.activates = true;
  await backend.install('good', 'b', imageOffer('2.0.0'), signal);
  t.equal(await bus.primary(), 'rootfs.0');
});

t.test('an installation that somebody else has begun is waited for, and then it is ours', async (t) => {
  const { bus, backend } = await rig(t);
  bus.busyFor = 4;
  await bus.install('good');
  t.equal(await backend.install('good', 'b', imageOffer('2.0.0'), signal), 'd'.repeat(64));
});

t.test('an installation that does not end is given up after an hour, with a code', async (t) => {
  const { bus, backend } = await rig(t);
  bus.busyFor = Infinity;
  await t.rejects(backend.install('good', 'b', imageOffer('2.0.0'), signal), { code: 'E_UPDATE_RAUC' });
});

t.test('one that is broken off is not waited for any longer', async (t) => {
  const { bus, backend } = await rig(t);
  bus.busyFor = Infinity;
  await t.rejects(backend.install('good', 'b', imageOffer('2.0.0'), AbortSignal.abort()), {
    name: 'AbortError',
  });
});

t.test('nobody answers: each verb says so, and what runs is not guessed', async (t) => {
  const { bus, backend } = await rig(t);
  bus.gone = true;
  const code = { code: 'E_UPDATE_RAUC' };
  await t.rejects(backend.found(), code);
  await t.rejects(backend.install('good', 'b', imageOffer('2.0.0'), signal), code);
  await t.rejects(backend.try('b', 'd'.repeat(64), '2.0.0'), code);
  await t.rejects(backend.commit('b'), code);
  await t.rejects(backend.leave('a'), code);
  await t.rejects(backend.restart(), code);
  await t.resolves(backend.wentWell(), 'that it went well is no reason to fail');
});

t.test(
  'a death between any two writes of a trial leaves a state that the next start understands',
  async (t) => {
    for (const step of ['try', 'commit', 'leave'] as const) {
      for (const dies of ['mark', 'write'] as const) {
        const { bus, file, log, backend } = await rig(t);
        const seal = await backend.install('good', 'b', imageOffer('2.0.0'), signal);
        if (step !== 'try') {
          await backend.try('b', seal, '2.0.0');
          await bus.boot();
        }
        const mark = bus.mark.bind(bus);
        if (dies === 'mark') bus.mark = () => Promise.reject(new Error('died'));
        const dying = {
          ...file,
          write: (value: ImageChoice | undefined) =>
            dies === 'write' ? Promise.reject(new Error('died')) : file.write(value),
        };
        const doomed = new RaucBackend({ bus, file: dying, clock: HASTY, log });
        const dead =
          step === 'try'
            ? doomed.try('b', seal, '2.0.0')
            : step === 'commit'
              ? doomed.commit('b')
              : doomed.leave('a');
        await t.rejects(dead, { message: 'died' });
        bus.mark = mark;
        await bus.boot();
        const after = await new RaucBackend({ bus, file, clock: HASTY, log }).found();
        const name = `${step}, died at ${dies}`;
        if (step === 'try') t.match(after, { running: 'a', choice: { trial: undefined } }, name);
        if (step === 'commit') t.match(after, { running: 'b', choice: { trial: 'b', committed: 'a' } }, name);
        if (step === 'leave' && dies === 'mark')
          t.match(after, { running: 'b', choice: { trial: 'b' } }, name);
        // The boot loader goes by what RAUC was told; that it was a trial is still kept, and is left again.
        if (step === 'leave' && dies === 'write')
          t.match(after, { running: 'a', choice: { trial: 'b' } }, name);
      }
    }
  },
);
