import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { billedBytes, charged, NO_BYTES } from '../../../agent/link/byte-ledger.js';
import { Ledger, type LedgerOptions } from '../../../agent/link/ledger.js';
import type { EventBody } from '../../../protocols/messages/up.js';
import { handClock, keptLog, type HandClock } from './support.js';

async function rig(
  t: { teardown(run: () => Promise<void>): void },
  changes: Partial<LedgerOptions> = {},
): Promise<{ open: () => Promise<Ledger>; clock: HandClock; events: EventBody[]; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-ledger-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = handClock();
  const events: EventBody[] = [];
  const path = join(folder, 'ledger.json');
  const options: LedgerOptions = {
    ...{ path, clock, log: keptLog(), metered: ['wwan*', 'usb0'], budgetMb: 0 },
    tell: (body) => void events.push(body),
    networkOf: (address) => ({ '10.1.1.1': 'wwan0', '10.1.1.2': 'usb0', '192.168.1.2': 'eth0' })[address],
    ...changes,
  };
  return { open: () => Ledger.open(options), clock, events, path };
}

t.test('bytes are counted by interface and purpose, and kept across a restart', async (t) => {
  const { open } = await rig(t);
  const first = await open();
  first.charge('handshake', 3000, 1500, '10.1.1.1');
  first.charge('keepalive', 24, 0, '10.1.1.1');
  first.charge('keepalive', 0, 24, '10.1.1.1');
  first.charge('media', 1_000_000, 0, '192.168.1.2');
  first.charge('telemetry', 1, 0, undefined);
  await first.close();
  const second = await open();
  second.charge('keepalive', 24, 0, '10.1.1.1');
  const { today, total } = second.read();
  t.match(today['wwan0'], {
    handshake: { received: 3000, sent: 1500 },
    keepalive: { received: 48, sent: 24, billed: 306 },
  });
  t.match(today['eth0'], { media: { received: 1_000_000 } });
  t.match(today['unknown'], { telemetry: { received: 1 } });
  t.same(total, today);
  await second.close();
});

t.test('a new day of the country begins at nothing, the total goes on', async (t) => {
  const { open, clock } = await rig(t);
  const ledger = await open();
  ledger.charge('stream', 100, 0, '10.1.1.1');
  // From 10:00 to 24:00 in UTC+7.
  clock.advance(14 * 3_600_000);
  t.equal(ledger.billedTodayMb(), 0);
  ledger.charge('stream', 50, 0, '10.1.1.1');
  t.match(ledger.read(), {
    day: '2026-11-24',
    today: { wwan0: { stream: { received: 50 } } },
    total: { wwan0: { stream: { received: 150 } } },
  });
  await ledger.close();
});

t.test('the SIM budget counts the interfaces that cost money, and is over until the next day', async (t) => {
  const { open, clock, events } = await rig(t, { budgetMb: 2 });
  const ledger = await open();
  ledger.charge('media', 9_000_000, 0, '192.168.1.2');
  t.equal(ledger.overBudget(), false, 'the wired network is free');
  ledger.charge('media', 1_000_000, 0, '10.1.1.1');
  t.equal(ledger.overBudget(), false);
  ledger.charge('media', 1_000_000, 0, '10.1.1.2');
  t.equal(ledger.overBudget(), true, 'two MB with their headers');
  ledger.charge('media', 1_000_000, 0, '10.1.1.2');
  t.match(events, [{ kind: 'alarm', code: 'E_SIM_BUDGET' }], 'told once');
  await ledger.close();
  const after = await open();
  t.equal(after.overBudget(), true, 'a restart does not give it anew');
  clock.advance(14 * 3_600_000 + 900_000);
  t.equal(after.overBudget(), false);
  await after.close();
});

t.test(
  'what was counted is written down every quarter of an hour, and a damaged account begins anew',
  async (t) => {
    const { open, clock, path } = await rig(t);
    const ledger = await open();
    ledger.charge('stream', 100, 0, '10.1.1.1');
    clock.advance(900_000);
    await ledger.close();
    const again = await open();
    t.match(again.read().today, { wwan0: { stream: { received: 100 } } });
    await again.close();
    await writeFile(path, '{"day":1}');
    const anew = await open();
    t.same(anew.read(), NO_BYTES);
    await anew.close();
  },
);

t.test('an endless row of interfaces does not fill the account', async (t) => {
  let account = NO_BYTES;
  for (let n = 0; n < 100; n += 1) {
    const piece = {
      purpose: 'stream',
      network: `veth${n}`,
      day: '2026-11-23',
      received: 1,
      sent: 0,
    } as const;
    account = charged(account, piece);
  }
  t.equal(Object.keys(account.total).length, 9);
  t.equal(account.total['other']?.stream?.received, 92);
});

t.test('what is billed has headers: a ping 102 bytes each way, a long piece 6 percent', async (t) => {
  t.equal(billedBytes(24), 102);
  t.equal(billedBytes(0), 0);
  t.ok(billedBytes(1_348_000) / 1_348_000 < 1.06);
});
