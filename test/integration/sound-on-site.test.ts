import { join } from 'node:path';
import t from 'tap';
import { startSourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

/** An hour of the country's day in which it is not now. */
function otherHours(): { from: string; to: string }[] {
  const hour = new Date(Date.now() + 7 * 3_600_000).getUTCHours();
  return [hour < 12 ? { from: '20:00', to: '21:00' } : { from: '03:00', to: '04:00' }];
}

/** Days of the country from today on. */
function day(later: number): string {
  return new Date(Date.now() + 7 * 3_600_000 + later * 86_400_000).toISOString().slice(0, 10);
}

t.test(
  'outside the permitted hours a technician makes sound by a permit alone',
  { timeout: 120_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const rig = await startSourceSystem({ folder: join(folder, 'rig'), log: new KeptLog() });
    t.teardown(() => rig.close());
    const receiver = await ReceiverProcess.enrol({
      ...{ id: 'cum-01', folder: join(folder, 'receiver') },
      broker: { host: 'localhost', port: rig.broker.port },
      settings: { sound: { sink: 'null' } },
      admit: (csrPem) => rig.enrol({ id: 'cum-01', csrPem, home: 'ap-1' }),
    });
    t.teardown(() => receiver.stop('SIGKILL'));
    const permittedHours = { normal: otherHours(), priority: otherHours() };
    await rig.send(await rig.province.desired('cum-01', { permittedHours }));
    await receiver.start();
    await receiver.waitFor('at home', ({ assignment }) => assignment !== undefined);
    const code = async (...words: string[]): Promise<string> => {
      const { stdout, stderr } = await receiver.loa([...words, '--json']);
      const answer = JSON.parse(stdout.trim() === '' ? stderr : stdout) as { code?: string };
      return answer.code ?? 'done';
    };
    const permit = async (name: string, receivers: string[], days: string[], by = 'province') =>
      receiver.file(name, await rig.province.permit(by, receivers, days));
    const tone = ['tone', '--seconds', '0.2'];

    await waitUntil(
      'the hours have come',
      async () => (await code(...tone)) === 'E_LOCAL_HOURS' || undefined,
      {
        deadlineMs: 20_000,
        everyMs: 500,
      },
    );
    const others = await permit('others', ['cum-02'], [day(0)]);
    t.equal(await code(...tone, '--permit', others), 'E_COMMAND_TARGET', 'the permit of another receiver');
    t.equal(await code('permit', await permit('tomorrow', ['cum-01'], [day(1)])), 'E_COMMAND_TIME');
    t.equal(await code('permit', await permit('ours', ['cum-01'], [day(0)], 'tan-hoa')), 'E_AUTHORITY_GRANT');
    t.equal(await code(...tone), 'E_LOCAL_HOURS');
    // Around midnight the day may change between two commands.
    const good = await permit('good', ['cum-01', 'cum-02'], [day(0), day(1)]);
    t.equal(await code('permit', good), 'done');
    t.equal(await code('tone', '--sweep', '200-2000', '--seconds', '0.2'), 'done');
    const told = await rig.ears.waitFor(
      'event',
      ({ message }) => message.body.code === 'N_LOCAL_SOUND',
      20_000,
    );
    t.match(told.message.body.detail, /^200–2000 Hz made on site by permit [0-9a-f-]{36}$/);
    await rig.ears.waitFor('receipt', ({ message }) => message.body.class === 'local', 20_000);
    const acted = ({ message }: { message: { body: { code: string; detail: string } } }): boolean =>
      message.body.code === 'N_LOCAL_ACTION' && message.body.detail.startsWith('permit: ');
    const action = await rig.ears.waitFor('event', acted, 20_000);
    t.equal(action.message.body.kind, 'security', 'who did what is a security event');

    const command = await rig.province.playStart('province', {
      ...{ target: { area: 'tan-hoa' }, title: 'Thử', source: { kind: 'stored', name: 'siren' } },
      forMs: 600_000,
    });
    const signed = await receiver.file('command', command.payload);
    t.equal(await code('play', signed), 'done');
    const clip = ({ message }: { message: { body: { title: string } } }): boolean =>
      message.body.title === 'Thử';
    const receipt = await rig.ears.waitFor('receipt', clip, 40_000);
    t.match(receipt.message.body, { class: 'local', authority: 'province', evidence: 'consumed' });
  },
);
