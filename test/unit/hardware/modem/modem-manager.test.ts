import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { modemManager } from '../../../../hardware/modem/modem-manager.js';
import { telemetry } from '../../../../protocols/messages/up.js';
import { FakeModem } from '../../../health/fake-modem.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../../support/temporary-folder.js';

const MODEM = 'org.freedesktop.ModemManager1.Modem';
const PATH = '/org/freedesktop/ModemManager1/Modem/0';

function objects(modem: object): string {
  const signal = {
    Rate: { type: 'u', data: 300 },
    Lte: {
      type: 'a{sv}',
      data: {
        rsrp: { type: 'd', data: -97.5 },
        rsrq: { type: 'd', data: -11 },
        snr: { type: 'd', data: 8.25 },
      },
    },
  };
  const interfaces = {
    [MODEM]: {
      State: { type: 'i', data: 11 },
      AccessTechnologies: { type: 'u', data: 1 << 14 },
      SignalQuality: { type: '(ub)', data: [64, true] },
      EquipmentIdentifier: { type: 's', data: '350000000000001' },
      CurrentBands: { type: 'au', data: [33] },
      UnlockRequired: { type: 'u', data: 1 },
      StateFailedReason: { type: 'u', data: 0 },
      Ports: {
        type: 'a(su)',
        data: [
          ['cdc-wdm0', 6],
          ['wwan0', 2],
        ],
      },
      ...modem,
    },
    [`${MODEM}.Modem3gpp`]: { OperatorName: { type: 's', data: 'Viettel' } },
    [`${MODEM}.Signal`]: signal,
  };
  return JSON.stringify({ type: 'a{oa{sa{sv}}}', data: [{ [PATH]: interfaces }] });
}

/** A `busctl` that answers what it is given, and writes down what it was asked. */
async function rig(t: Teardown, answer: string, exit = 0) {
  const folder = await temporaryFolder(t);
  const [busctl, asked] = [join(folder, 'busctl'), join(folder, 'asked')];
  await writeFile(join(folder, 'answer'), answer);
  await writeFile(busctl, `#!/bin/sh\necho "$*" >> ${asked}\ncat ${join(folder, 'answer')}\nexit ${exit}\n`);
  await chmod(busctl, 0o755);
  const parts = { roots: { sys: folder, proc: folder }, clock: new ManualClock(), powerOffMs: 1, busctl };
  const modem = (imei = false) => modemManager({ ...parts, imei, power: undefined });
  return { modem, asked: async () => (await readFile(asked, 'utf8')).trim().split('\n') };
}

t.test(
  'operator, technology, band, signal and SIM are read; the IMEI only where it is asked for',
  async (t) => {
    const { modem } = await rig(t, objects({}));
    const reading = await modem().read();
    t.same(reading, {
      ...{ state: 'connected', sim: 'ready', operator: 'Viettel', technology: 'lte', signalPercent: 64 },
      ...{ rsrpDbm: -97.5, rsrqDb: -11, sinrDb: 8.3, band: 'b3' },
    });
    t.ok(telemetry.shape.body.shape.modem.safeParse(reading).success);
    t.match(await modem(true).read(), { imei: '350000000000001' });
  },
);

t.test('a SIM that is missing or locked is told', async (t) => {
  const missing = { State: { data: -1 }, StateFailedReason: { data: 2 } };
  t.match(await (await rig(t, objects(missing))).modem().read(), { state: 'failed', sim: 'missing' });
  t.match(await (await rig(t, objects({ UnlockRequired: { data: 2 } }))).modem().read(), { sim: 'locked' });
});

t.test('the access point of its bearer is told; a bearer that is gone is none', async (t) => {
  const folder = await temporaryFolder(t);
  const fake = await FakeModem.make(folder);
  const parts = {
    roots: { sys: folder, proc: folder },
    clock: new ManualClock(),
    powerOffMs: 1,
    imei: false,
  };
  const modem = modemManager({ ...parts, power: undefined, busctl: join(folder, 'busctl') });
  await fake.show({ state: 8, apn: 'm-wap' });
  t.match(await modem.read(), { state: 'registered', apn: 'm-wap' });
  await writeFile(join(folder, 'bearer'), '');
  t.notOk((await modem.read())?.apn);
  await fake.show({ state: 7 });
  t.match(await modem.read(), { state: 'searching', apn: undefined });
});

t.test('no modem is none, and a ModemManager that does not answer is an error', async (t) => {
  t.equal(await (await rig(t, '{"data":[{}]}')).modem().read(), undefined);
  await t.rejects((await rig(t, '', 1)).modem().read(), { code: 'E_MODEM_GONE' });
  await t.rejects((await rig(t, '{"data":"?"}')).modem().read(), { code: 'E_MODEM_GONE' });
});

t.test('steps of recovery go to the modem that was found; one that cannot be taken is told', async (t) => {
  const { modem, asked } = await rig(t, objects({}));
  const one = modem();
  await one.recover('reconnect');
  await one.recover('reset');
  const calls = await asked();
  t.match(calls[1], new RegExp(`${PATH} ${MODEM} Enable b false$`));
  t.match(calls[2], /Enable b true$/);
  t.match(calls[3], /Reset$/);
  await t.rejects(one.recover('power'), { code: 'E_MODEM_STEP' });
});
