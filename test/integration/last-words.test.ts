import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FakeKernel } from '../health/fake-board.js';
import { startRealProvince } from '../rig/real-province.js';
import { missingTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Within it the mains are looked at, the loss has lasted its second, and the message is at the broker. */
const BOUND_MS = 3_000;

t.test(
  'the mains go: the province has the signed alarm within three seconds, and the receiver may die then',
  { skip: missingTool('mosquitto') || missingTool('icecast2') },
  async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'rig'));
    const rig = await startRealProvince({ folder: join(folder, 'rig'), log: new KeptLog() });
    t.teardown(() => rig.close());
    await mkdir(join(folder, 'kernel'));
    const kernel = await FakeKernel.make(join(folder, 'kernel'));
    const receiver = await ReceiverProcess.enrol({
      ...{ id: 'cum-01', folder: join(folder, 'receiver') },
      broker: { host: 'localhost', port: rig.mosquitto.port },
      settings: {
        sound: { sink: 'null' },
        sensors: { sysFolder: kernel.roots.sys, procFolder: kernel.roots.proc },
      },
      admit: (csrPem) => rig.enrol({ id: 'cum-01', csrPem, home: 'ap-1' }),
    });
    t.teardown(() => receiver.stop('SIGKILL'));
    await receiver.start();
    await receiver.waitFor('connected', ({ link }) => link.kind === 'up');
    // The sensors have been looked at with the mains there.
    await rig.ears.waitFor('telemetry', ({ message }) => message.body.power?.mains === true, 20_000);
    const heard = rig.ears.waitFor('event', ({ message }) => message.body.code === 'E_MAINS_LOST', 20_000);
    const goneMs = Date.now();
    await kernel.show({ mains: false });
    const { atMs } = await heard;
    await receiver.stop('SIGKILL');
    t.ok(atMs - goneMs <= BOUND_MS, `${atMs - goneMs} ms`);
    t.same(rig.ears.disbelieved, []);
  },
);
