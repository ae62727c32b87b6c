import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { withoutPowerCutDisk } from '../../test/fixtures/power-cut-disk/disk.js';
import { fetchesWhatWasSigned, followsRotation, tufAttacks } from '../../test/faults/tuf-attacks.js';
import { TufJudge } from '../../test/faults/tuf-judge.js';
import { withoutRaucBoard } from '../../test/faults/rauc-board.js';
import { raucUpdates } from '../../test/faults/rauc-update.js';
import { interruptedUpdate } from '../../test/faults/update-interrupted.js';
import { CELLS, updateTable } from '../../test/faults/update-table.js';
import type { Claim, ProveContext } from './claim.js';
import { keep } from './sound-run.js';

async function place(context: ProveContext, name: string): Promise<string> {
  const missing = withoutMosquitto();
  if (missing !== false) throw new Error(missing);
  const folder = join(context.out, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

const table: Claim = {
  area: 'update',
  item: 1,
  claim:
    'Whatever interrupts an update, and whatever is wrong with it, a receiver that plays and reports is there afterwards, on the right version.',
  bound: `${CELLS} cells, each with the real program: it plays (self-test at zero gain) and its link is up, on the new version after an interruption, on the old one after a fault of the program or its metadata, with the code that says why`,
  long: true,
  async measure(context) {
    const missing = withoutPowerCutDisk();
    if (missing !== false) throw new Error(missing);
    const seed = Math.floor(Math.random() * 2 ** 31);
    const cells = await updateTable(await place(context, 'update-table'), seed, (line) =>
      context.progress(line),
    );
    await keep(context, 'update-table', cells);
    const bad = cells.filter(({ holds }) => !holds);
    return {
      measured:
        `${cells.length} cells, ${cells.length - bad.length} hold` +
        `${bad.map(({ stage, fault, found }) => `; ${stage} × ${fault}: ${found}`).join('')}; seed ${seed}`,
      holds: bad.length === 0 && cells.length === CELLS,
      note: 'bundled program, launcher and slots in processes, on the FUSE disk of the rig; a trial of 8 s; a script stands for systemd, the sink without a card for the card',
    };
  },
};

const IMAGES = 7;

const images: Claim = {
  area: 'update',
  item: 1,
  claim:
    'A board whose whole image is A/B is updated by RAUC: a good image is kept, also where the mains go in the middle, and one that is no good, a stranger’s or another board’s is left or refused.',
  bound: `${IMAGES} images: the receiver plays and reports afterwards, from the slot and on the version that are right, with the code that says why`,
  long: true,
  async measure(context) {
    const missing = withoutRaucBoard();
    if (missing !== false) throw new Error(missing);
    const cells = await raucUpdates(await place(context, 'rauc-updates'), (line) => context.progress(line));
    await keep(context, 'rauc-updates', cells);
    const bad = cells.filter(({ holds }) => !holds);
    return {
      measured: `${cells.length} images, ${cells.length - bad.length} hold${bad.map(({ image, found }) => `; ${image}: ${found}`).join('')}`,
      holds: bad.length === 0 && cells.length === IMAGES,
      note: "Debian's rauc as a service on a bus of its own, real bundles (format plain) verified, mounted and written; slots are files with a squashfs, a script stands for the boot loader, processes for the machine: no ARM, no U-Boot",
    };
  },
};

const interrupted: Claim = {
  area: 'update',
  item: 3,
  claim:
    'An update whose download is interrupted ten times costs little more than its size, and nothing is fetched twice after success.',
  bound: 'at most 1.2 × the archive, lost connections included; no archive asked for afterwards',
  async measure(context) {
    const found = await interruptedUpdate(await place(context, 'update-interrupted'));
    const { interruptions, archiveBytes, sentBytes, askedAfterwards } = found;
    return {
      measured: `${interruptions} interruptions, ${sentBytes} bytes sent of ${archiveBytes}: ${(sentBytes / archiveBytes).toFixed(3)} ×; ${askedAfterwards} questions for it afterwards`,
      holds: interruptions === 10 && sentBytes <= 1.2 * archiveBytes && askedAfterwards === 0,
      note: 'payload that the server gave to the network; the real program to its commit',
    };
  },
};

const attacks: Claim = {
  area: 'update',
  item: 4,
  claim: "Attacks on the repository's metadata are refused by the receiver's client.",
  bound: 'of at least 10 attacks none leads to an offer, each has its code',
  async measure() {
    const found = await tufAttacks();
    const through = found.filter(({ offered, code }) => offered !== undefined || code === undefined);
    return {
      measured:
        `${found.length} attacks, ${through.length} through` +
        `${through.map(({ attack }) => `: ${attack}`).join('')}; ` +
        [...new Set(found.map(({ code }) => code ?? '-'))].join(', '),
      holds: found.length >= 10 && through.length === 0,
      note: "tuf-js with the receiver's fetching, against a repository that build/updates made",
    };
  },
};

const rotation: Claim = {
  area: 'update',
  item: 4,
  claim: 'Keys of the repository that were rotated twice are followed by a receiver that was away.',
  bound: 'the program that the newest keys have signed is offered',
  async measure() {
    const version = await followsRotation();
    return { measured: `offered: ${version ?? 'nothing'}`, holds: version === '0.2.0' };
  },
};

const independent: Claim = {
  area: 'update',
  item: 4,
  claim:
    'A client that is not ours (python-tuf) takes from the same repository what it was given, follows two rotations of its keys, and refuses the same attacks.',
  bound:
    'the archive byte for byte; the program that the newest keys have signed; of at least 10 attacks and an altered archive none is taken',
  long: true,
  async measure(context) {
    const judge = await TufJudge.open((line) => context.progress(line));
    try {
      const { whole, altered } = await fetchesWhatWasSigned(judge);
      const rotated = await followsRotation(judge);
      const found = await tufAttacks(judge);
      const through = found.filter(({ offered, code }) => offered !== undefined || code === undefined);
      const isAlteredTaken = altered.offered !== undefined || altered.code === undefined;
      return {
        measured:
          `python-tuf ${judge.version}: archive ${whole ? 'as published' : 'NOT as published'}; after two rotations ` +
          `${rotated ?? 'nothing'}; altered archive ${altered.code ?? 'taken'}; ${found.length} attacks, ${through.length} through` +
          `${through.map(({ attack }) => `: ${attack}`).join('')} (${[...new Set(found.map(({ code }) => code ?? '-'))].join(', ')})`,
        holds: whole && rotated === '0.2.0' && !isAlteredTaken && found.length >= 10 && through.length === 0,
        note: "Debian 13's python3-tuf in a root of its own, over the loopback; Debian 12 has no such client",
      };
    } finally {
      await judge.close();
    }
  },
};

/** The must-show list of the issue on updates, as far as it is here. */
export const updateClaims: readonly Claim[] = [table, images, interrupted, attacks, rotation, independent];
