import t from 'tap';
import { withoutPowerCutDisk } from '../fixtures/power-cut-disk/disk.js';
import { diskFaults } from '../faults/disk-faults.js';
import { powerCuts } from '../faults/power-cuts.js';
import { withoutMosquitto } from '../fakes/broker-mosquitto.js';
import { withoutOpenssl } from '../fakes/broker-tls.js';
import { Random } from '../security/random.js';

const skip = withoutPowerCutDisk();
t.setTimeout(300_000);

t.test(
  'a disk that is full, read-only or broken is told of, and costs nothing that was accepted',
  { skip },
  async (t) => {
    for (const found of await diskFaults()) {
      t.comment(JSON.stringify(found));
      t.match(found, { refusedWith: ['E_STORE_WRITE'], acceptedAfter: 8, lost: 0, stateKept: true });
      t.ok(found.refused > 0, `${found.fault}: some were refused`);
      t.ok(found.sentMeanwhile >= 8, `${found.fault}: what was there could be read and sent`);
    }
  },
);

t.test(
  'a power cut that loses what was not synced loses nothing that was accepted',
  { skip: skip || withoutMosquitto() || withoutOpenssl() },
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    t.comment(`seed ${seed}`);
    const random = new Random(seed);
    const found = await powerCuts({ cuts: 8, records: 160, random: () => random.next() / 2 ** 32 });
    t.comment(JSON.stringify(found));
    t.match(found, { kills: 8, lost: 0, outOfOrder: 0, disk: { cuts: 8 } });
    t.ok(found.accepted >= 160);
    t.ok(found.disk.lost + found.disk.torn + found.disk.namesLost > 0, 'the cuts took something');
  },
);
