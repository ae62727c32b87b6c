import { join } from 'node:path';
import type { Test } from 'tap';
import { keptJson } from '../../agent/core/kept-file.js';
import type { Clock } from '../../agent/core/clock.js';
import type { Offer } from '../../agent/update/offer.js';
import { RaucBackend, type RaucParts } from '../../agent/update/rauc-backend.js';
import { imageChoice, type ImageChoice } from '../../agent/update/rauc-start.js';
import { KeptLog } from './kept-log.js';
import { temporaryFolder } from './temporary-folder.js';

/** What bundles of the contract are for. */
export const COMPATIBLE = 'loa-test';

/** A board with RAUC, simulated or real. */
export interface RaucBoard {
  readonly bus: RaucParts['bus'];
  /** Power off and on: the boot loader chooses. */
  boot(): Promise<void>;
  /** Makes a bundle. @returns its path */
  bundle(of: {
    readonly version: string;
    readonly compatible?: string;
    readonly isForeign?: boolean;
  }): Promise<string>;
}

/** An offer of an image. */
export function imageOffer(version: string): Offer {
  return {
    ...{ version, architecture: 'amd64', image: COMPATIBLE, unpackedBytes: 1, node: '0.0.0', readableBy: 1 },
    ...{ path: 'targets/x.raucb', bytes: 1, sha256: 'c'.repeat(64) },
  };
}

/**
 * What the backend of whole images promises, on any board: the fake keeps it in memory, and Debian's rauc on a bus of its own.
 * @param open a board whose first slot runs and whose second is empty
 */
export async function raucContract(
  t: Test,
  clock: Clock,
  open: (t: Test) => Promise<RaucBoard>,
): Promise<void> {
  const signal = new AbortController().signal;
  const opened = async (t: Test) => {
    const board = await open(t);
    const folder = await temporaryFolder(t);
    const log = new KeptLog();
    const backend = (): RaucBackend =>
      new RaucBackend({
        ...{ bus: board.bus, clock, log },
        file: keptJson<ImageChoice | undefined>({
          path: join(folder, 'images.json'),
          parse: (value) => imageChoice.parse(value),
          factory: undefined,
          log,
        }),
      });
    const install = async (version: string): Promise<string> =>
      backend().install(await board.bundle({ version }), 'b', imageOffer(version), signal);
    /** From a new image to its first start. */
    const onTrial = async (version: string): Promise<void> => {
      await backend().try('b', await install(version), version);
      await board.boot();
    };
    return { board, backend, install, onTrial };
  };

  await t.test('an image that is installed does not start before it is tried', async (t) => {
    const { board, backend, install } = await opened(t);
    t.match(await install('2.0.0'), /^[0-9a-f]{64}$/, 'it is known by the digest of its image');
    await board.boot();
    t.match(await backend().found(), { running: 'a', choice: { committed: 'a', trial: undefined } });
  });

  await t.test('an image on trial that is kept starts from then on', async (t) => {
    const { board, backend, onTrial } = await opened(t);
    await onTrial('2.0.0');
    t.match(await backend().found(), { running: 'b', choice: { committed: 'a', trial: 'b' } });
    await backend().commit('b');
    for (let boots = 0; boots < 5; boots += 1) {
      await board.boot();
      t.match(await backend().found(), {
        running: 'b',
        choice: { committed: 'b', previous: 'a', trial: undefined },
      });
      await backend().wentWell();
    }
  });

  await t.test(
    'an image that is never kept is left by the boot loader after its attempts, and that is known',
    async (t) => {
      const { board, backend, onTrial } = await opened(t);
      await onTrial('2.0.0');
      await backend().wentWell();
      let boots = 1;
      for (; boots < 10 && (await backend().found()).running === 'b'; boots += 1) await board.boot();
      t.equal(boots, 4, 'three attempts: that it ends in order is none the more');
      const found = await backend().found();
      t.match(found, { running: 'a', choice: { committed: 'a', trial: 'b' } });
      t.match(found.gaveUp, /boot loader/);
      await backend().leave('a');
      await board.boot();
      t.match(await backend().found(), { running: 'a', choice: { trial: undefined } });
      t.equal((await backend().found()).gaveUp, undefined);
    },
  );

  await t.test('an image that is left on its trial does not start again', async (t) => {
    const { board, backend, onTrial } = await opened(t);
    await onTrial('2.0.0');
    await backend().leave('a');
    for (let boots = 0; boots < 2; boots += 1) {
      await board.boot();
      t.match(await backend().found(), { running: 'a', choice: { committed: 'a', trial: undefined } });
    }
  });

  await t.test(
    'a trial that was chosen without a start of the machine is taken back, and may be chosen again',
    async (t) => {
      const { board, backend, install } = await opened(t);
      const seal = await install('2.0.0');
      await backend().try('b', seal, '2.0.0');
      t.match(await backend().found(), { running: 'a', choice: { trial: undefined } });
      await board.boot();
      t.match(await backend().found(), { running: 'a' });
      await backend().try('b', seal, '2.0.0');
      await board.boot();
      t.match(await backend().found(), { running: 'b', choice: { trial: 'b' } });
    },
  );

  await t.test('back to the image before, from one that was kept', async (t) => {
    const { board, backend, onTrial } = await opened(t);
    await onTrial('2.0.0');
    await backend().commit('b');
    await backend().leave('a');
    await board.boot();
    t.match(await backend().found(), { running: 'a', choice: { committed: 'a', trial: undefined } });
  });

  await t.test('a bundle of a stranger, for another board, or of another version is refused', async (t) => {
    const { board, backend } = await opened(t);
    for (const of of [
      { version: '2.0.0', isForeign: true },
      { version: '2.0.0', compatible: 'another-board' },
      { version: '1.9.0' },
    ])
      await t.rejects(
        backend().install(await board.bundle(of), 'b', imageOffer('2.0.0'), signal),
        { code: 'E_UPDATE_BUNDLE' },
        JSON.stringify(of),
      );
    t.match(await backend().found(), { running: 'a', choice: { trial: undefined } });
  });
}
