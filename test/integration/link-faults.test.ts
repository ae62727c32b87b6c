import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { blackHole } from '../faults/black-hole.js';
import { herd } from '../faults/herd.js';
import { HOSTILE_BROKERS } from '../faults/hostile-brokers.js';
import { hostileBrokers } from '../faults/hostile-bench.js';
import { outboxKills } from '../faults/outbox-kills.js';
import { sixHours } from '../faults/six-hours.js';
import { withoutMosquitto } from '../fakes/broker-mosquitto.js';
import { withoutOpenssl } from '../fakes/broker-tls.js';
import { Random } from '../security/random.js';
import { missingTool } from '../support/external-tool.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const skip = withoutMosquitto() || withoutOpenssl();
t.setTimeout(600_000);

t.test('killed at chance moments, a receiver loses nothing that it had accepted', { skip }, async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const storeFolder = join(await temporaryFolder(t), 'store');
  const found = await outboxKills({
    ...{ storeFolder, kills: 8, records: 160 },
    random: () => random.next() / 2 ** 32,
  });
  t.comment(JSON.stringify(found));
  t.match(found, { kills: 8, lost: 0, outOfOrder: 0 });
  t.ok(found.accepted >= 160);
});

t.test('hostile brokers do not end a receiver, and it comes back from each', { skip }, async (t) => {
  // The floods and the refusals that are most unlike each other; the claim takes all of them.
  const chosen = [
    'a captive portal in HTTP',
    'a CONNACK of 256 MB',
    'messages of 900 kB without end, QoS 1',
    'small messages without end, QoS 1, and reads nothing',
    'answers pings that were never sent',
    'takes the session over',
  ];
  const brokers = HOSTILE_BROKERS.filter(({ name }) => chosen.includes(name));
  t.equal(brokers.length, chosen.length);
  t.ok(HOSTILE_BROKERS.length >= 20);
  const folder = await mkdtemp(join(tmpdir(), 'loa-hostile-'));
  for (const report of await hostileBrokers(folder, (line) => t.comment(line), brokers)) {
    t.ok(report.survived, report.name);
    t.ok(report.visits > 0, `${report.name}: visited`);
  }
});

t.test('six hours without a broker lose no record and break no order', async (t) => {
  const found = await sixHours(6_000);
  t.match(found, { lostRecords: 0, outOfOrder: 0, dropped: { receipt: 0, security: 0 } });
  t.ok(found.mostBytes <= found.limitBytes);
  const dropped = Object.values(found.dropped).reduce((sum, count) => sum + count, 0);
  t.equal(found.delivered + dropped, found.produced);
});

t.test('a fleet comes back after its broker has been restarted', { skip }, async (t) => {
  const found = await herd({ receivers: 60, retry: 'jitter', slow: false, limitMs: 120_000 });
  t.comment(JSON.stringify(found));
  t.equal(found.back, 60);
});

t.test(
  'a black hole in mid-play is noticed, reported, and not heard',
  { skip: skip || missingTool('ffmpeg') },
  async (t) => {
    const found = await blackHole(await temporaryFolder(t), 4);
    t.comment(JSON.stringify(found));
    t.match(found, { stillOnAir: true, code: 'E_LINK_LOST', alarm: 'E_LINK_LOST', cleared: 'E_LINK_LOST' });
    t.ok(found.noticedMs < 10_000);
  },
);
