import { diskFaults } from '../../test/faults/disk-faults.js';
import { powerCuts } from '../../test/faults/power-cuts.js';
import { withoutMosquitto } from '../../test/fakes/broker-mosquitto.js';
import { withoutPowerCutDisk } from '../../test/fixtures/power-cut-disk/disk.js';
import { Random } from '../../test/security/random.js';
import type { Claim, Measured } from './claim.js';

function cutClaim(cuts: number, records: number, long: boolean): Claim {
  return {
    area: 'link',
    item: 1,
    claim: `The power is cut ${cuts} times at chance moments, and the disk loses, tears or keeps by chance what was not synced: each of ${records} receipts and security events that was accepted arrives at mosquitto.`,
    bound:
      '0 lost; repeats known by (receiver, boot, sequence); order kept; the cuts took something of the disk',
    long,
    async measure(context): Promise<Measured> {
      const missing = withoutPowerCutDisk() || withoutMosquitto();
      if (missing !== false) throw new Error(missing);
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = new Random(seed);
      const found = await powerCuts({
        ...{ cuts, records, random: () => random.next() / 2 ** 32 },
        progress: (line) => context.progress(line),
      });
      const { disk } = found;
      return {
        measured:
          `${found.kills} cuts, ${found.accepted} accepted, ${found.arrived} arrived, ${found.lost} lost, ${found.repeats} repeats, ` +
          `${found.outOfOrder} out of order; of unsynced writes ${disk.lost} lost, ${disk.torn} torn, ${disk.there} there, ` +
          `${disk.namesLost} names lost; seed ${seed}`,
        holds:
          found.kills >= cuts &&
          found.accepted >= records &&
          found.lost + found.outOfOrder === 0 &&
          disk.cuts >= cuts &&
          disk.lost + disk.torn + disk.namesLost > 0,
        note: 'real store, outbox and link in a process that dies with the disk, on a FUSE disk of the rig; not QEMU, and no flash that lies about fsync',
      };
    },
  };
}

const faults: Claim = {
  area: 'link',
  item: 1,
  claim:
    'The disk becomes full, read-only or broken under a running outbox: messages are refused with a code, those that are there go out, and once the disk is well the same process goes on.',
  bound:
    'E_STORE_WRITE alone; 0 of what was accepted lost, over a power cut afterwards; the file of state keeps its last value',
  async measure() {
    const missing = withoutPowerCutDisk();
    if (missing !== false) throw new Error(missing);
    const found = await diskFaults();
    return {
      measured: found
        .map(
          (one) =>
            `${one.fault}: ${one.refused} refused with ${one.refusedWith.join(', ')}, ${one.sentMeanwhile} sent meanwhile, ` +
            `${one.acceptedAfter} accepted after, ${one.lost} lost, state ${one.stateKept ? 'kept' : 'LOST'}`,
        )
        .join('; '),
      holds: found.every(
        (one) =>
          one.refused > 0 &&
          one.refusedWith.join() === 'E_STORE_WRITE' &&
          one.acceptedAfter === 8 &&
          one.lost === 0 &&
          one.stateKept,
      ),
      note: 'ENOSPC in the middle of a write, EROFS, EIO on write and fsync, by the FUSE disk of the rig',
    };
  },
};

/** What of issue 6 is shown on a disk that fails or loses its power. */
export const diskClaims: readonly Claim[] = [cutClaim(10, 200, false), cutClaim(100, 2_000, true), faults];
