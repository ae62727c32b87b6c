import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FakeKernel } from '../health/fake-board.js';
import { startRealProvince, type RealProvince } from '../rig/real-province.js';
import { missingTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

/** Within it the mains are looked at, the loss has lasted its second, and the message is at the broker. */
const BOUND_MS = 3_000;
const skip = missingTool('mosquitto') || missingTool('icecast2');

/** A receiver at home, its sensors those of a fake kernel. */
async function atHome(
  t: Teardown,
  settings: object,
): Promise<{ rig: RealProvince; kernel: FakeKernel; receiver: ReceiverProcess }> {
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
      telemetry: { everyS: 2 },
      sensors: { sysFolder: kernel.roots.sys, procFolder: kernel.roots.proc },
      ...settings,
    },
    admit: (csrPem) => rig.enrol({ id: 'cum-01', csrPem, home: 'ap-1' }),
  });
  t.teardown(() => receiver.stop('SIGKILL'));
  await receiver.start();
  await receiver.waitFor('connected', ({ link }) => link.kind === 'up');
  return { rig, kernel, receiver };
}

t.test(
  'the mains go: the province has the signed alarm within three seconds, and the receiver may die then',
  { skip, timeout: 120_000 },
  async (t) => {
    const { rig, kernel, receiver } = await atHome(t, {});
    // The sensors have been looked at with the mains there.
    await rig.ears.waitFor('telemetry', ({ message }) => message.body.power?.mains === true, 20_000);
    const heard = rig.ears.waitFor('event', ({ message }) => message.body.code === 'E_MAINS_LOST', 20_000);
    const goneMs = Date.now();
    await kernel.show({ mains: false });
    const { atMs } = await heard;
    await receiver.stop('SIGKILL');
    t.comment(`${atMs - goneMs} ms`);
    t.ok(atMs - goneMs <= BOUND_MS, `${atMs - goneMs} ms`);
    t.same(rig.ears.disbelieved, []);
  },
);

t.test(
  'the watchdog that the board names is fed while it runs, let go of at its end, and left to bite where it is killed',
  { skip, timeout: 120_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    // A board's watchdog lies under /dev; a file takes what is written.
    const device = `/dev/shm/loa-watchdog-${process.pid}`;
    t.teardown(() => rm(device, { force: true }));
    const board = join(folder, 'board.json');
    await writeFile(
      board,
      JSON.stringify({
        ...{ format: 1, name: 'fake', description: { vi: 'bo mạch thử', en: 'a board to test with' } },
        watchdog: { device, timeoutS: 6 },
      }),
    );
    const { receiver } = await atHome(t, { board, watchdog: { device: 'board' } });
    const fed = async (): Promise<number | undefined> => {
      const bytes = await readFile(device);
      return bytes.length > 2 && bytes.every((one) => one === 0) ? bytes.length : undefined;
    };
    await waitUntil('food again and again', fed, { deadlineMs: 20_000, everyMs: 200 });
    await receiver.stop('SIGTERM');
    t.equal((await readFile(device)).at(-1), 'V'.charCodeAt(0), 'the magic close (watchdog-api)');
    await receiver.start();
    await waitUntil('food', fed, { deadlineMs: 20_000, everyMs: 200 });
    await receiver.stop('SIGKILL');
    t.ok(await fed(), 'no V: the machine would be reset');
  },
);
