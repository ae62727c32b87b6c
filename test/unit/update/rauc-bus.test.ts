import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { RaucBus } from '../../../agent/update/rauc-bus.js';
import { imagePlaces } from '../../../agent/update/rauc-start.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

/** As RAUC 1.8 of Debian 12 answered GetSlotStatus through busctl 252, after an installation and an activation. */
const STATUS =
  '{"type":"a(sa{sv})","data":[[["rootfs.1",{"activated.count":{"type":"u","data":1},"activated.timestamp":{"type":"s","data":"2026-12-01T14:06:24Z"},"boot-status":{"type":"s","data":"good"},"bundle.compatible":{"type":"s","data":"loa-test"},"sha256":{"type":"s","data":"942fcf85573e0018d52db7bcf7491bda524a7324c41bb10075f8be29a0d3e129"},"state":{"type":"s","data":"inactive"},"size":{"type":"t","data":4000000},"installed.count":{"type":"u","data":1},"class":{"type":"s","data":"rootfs"},"device":{"type":"s","data":"/dev/mmcblk0p3"},"type":{"type":"s","data":"raw"},"bootname":{"type":"s","data":"B"},"bundle.version":{"type":"s","data":"0.75.0"},"installed.timestamp":{"type":"s","data":"2026-12-01T14:06:08Z"},"status":{"type":"s","data":"ok"}}],["rootfs.0",{"class":{"type":"s","data":"rootfs"},"boot-status":{"type":"s","data":"good"},"type":{"type":"s","data":"raw"},"bootname":{"type":"s","data":"A"},"device":{"type":"s","data":"/dev/mmcblk0p2"},"state":{"type":"s","data":"booted"}}]]]}';

/** A `busctl` that answers what it is given, and writes down what it was asked. */
async function rig(t: Teardown, answer: string, exit = 0) {
  const folder = await temporaryFolder(t);
  const [busctl, asked] = [join(folder, 'busctl'), join(folder, 'asked')];
  await writeFile(join(folder, 'answer'), answer);
  await writeFile(busctl, `#!/bin/sh\necho "$*" >> ${asked}\ncat ${join(folder, 'answer')}\nexit ${exit}\n`);
  await chmod(busctl, 0o755);
  const words = async (): Promise<string> => (await readFile(asked, 'utf8')).trim();
  return { bus: new RaucBus(busctl), words };
}

const CALL = '--system --json=short --timeout=180 call de.pengutronix.rauc / de.pengutronix.rauc.Installer';

t.test('slots are read as RAUC tells them; the first by name is a', async (t) => {
  const { bus, words } = await rig(t, STATUS);
  const slots = await bus.slots();
  t.equal(await words(), `${CALL} GetSlotStatus`);
  const { running, slots: places } = imagePlaces(slots);
  t.equal(running, 'a');
  t.match(places.a, { name: 'rootfs.0', booted: true, sha256: undefined, whole: false, activations: 0 });
  t.match(places.b, { name: 'rootfs.1', booted: false, version: '0.75.0', whole: true, activations: 1 });
  t.match(places.b.sha256, /^942fcf85/);
});

t.test(
  'a board without two slots that start, or that does not know which runs, is no board for this',
  async (t) => {
    const { bus } = await rig(t, STATUS);
    const [one, other] = await bus.slots();
    if (one === undefined || other === undefined) throw new Error('no slots');
    for (const slots of [
      [],
      [other],
      [one, { ...other, booted: false }],
      [one, other, { ...one, name: 'rootfs.2' }],
    ])
      t.throws(() => imagePlaces(slots), { code: 'E_UPDATE_RAUC' });
    t.doesNotThrow(() =>
      imagePlaces([one, other, { ...one, name: 'data.0', slotClass: 'data', bootname: undefined }]),
    );
  },
);

t.test('each verb asks the method that RAUC documents', async (t) => {
  const marked = await rig(t, '{"type":"ss","data":["rootfs.1","activated slot rootfs.1"]}');
  await marked.bus.mark('active', 'rootfs.1');
  t.equal(await marked.words(), `${CALL} Mark ss active rootfs.1`);
  const told = await rig(t, '{"type":"ss","data":["loa-test","0.75.0"]}');
  t.same(await told.bus.info('/x.raucb'), { compatible: 'loa-test', version: '0.75.0' });
  t.equal(await told.words(), `${CALL} Info s /x.raucb`);
  const next = await rig(t, '{"type":"s","data":["rootfs.0"]}');
  t.equal(await next.bus.primary(), 'rootfs.0');
  const installing = await rig(t, '');
  await installing.bus.install('/x.raucb');
  t.equal(await installing.words(), `${CALL} InstallBundle sa{sv} /x.raucb 0`);
  const rebooting = await rig(t, '');
  await rebooting.bus.reboot();
  t.match(await rebooting.words(), /org\.freedesktop\.login1\.Manager Reboot b false$/);
});

t.test('an installation is followed by two properties, a line each', async (t) => {
  const busy = await rig(t, '{"type":"s","data":"installing"}\n{"type":"s","data":""}\n');
  t.same(await busy.bus.progress(), { busy: true, lastError: '' });
  t.match(await busy.words(), / get-property .* Operation LastError$/);
  const failed = await rig(
    t,
    '{"type":"s","data":"idle"}\n{"type":"s","data":"signature verification failed"}\n',
  );
  t.same(await failed.bus.progress(), { busy: false, lastError: 'signature verification failed' });
});

t.test('no answer, and an answer that is none, have the code of RAUC', async (t) => {
  const code = { code: 'E_UPDATE_RAUC' };
  await t.rejects((await rig(t, '', 1)).bus.slots(), code);
  await t.rejects((await rig(t, 'Connection refused')).bus.slots(), code);
  await t.rejects((await rig(t, '{"type":"s","data":[7]}')).bus.primary(), code);
  await t.rejects((await rig(t, '')).bus.progress(), code);
  await t.rejects(new RaucBus('/nowhere/busctl').slots(), code);
});
