import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { TrustView } from '../../agent/technician/trust-view.js';
import { startSourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

const stored = { kind: 'stored', name: 'siren' } as const;

t.test(
  'a running receiver gets its time from the beat, obeys a revocation at once, tells who may speak, and is retired',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const receiver = await ReceiverProcess.enrol({
      ...{ id: 'rx-1', folder: join(folder, 'rx-1') },
      broker: { host: 'localhost', port: source.broker.port },
      settings: { sound: { sink: 'null' } },
      admit: (csrPem) => source.enrol({ id: 'rx-1', csrPem, home: 'ap-1' }),
    });
    t.teardown(() => receiver.stop());
    await receiver.start();
    const view = async (): Promise<TrustView> =>
      JSON.parse((await receiver.loa(['trust', '--json'])).stdout) as TrustView;
    await waitUntil('the time is confirmed', async () => (await view()).clock === 'trusted');

    const play = (by: string) =>
      source.province.playStart(by, { target: { area: 'ap-1' }, source: stored, title: 'Còi' });
    const outcomeOf = async (by: string): Promise<string> => {
      const { message, ...publication } = await play(by);
      await source.send({ ...publication, message });
      const { message: reply } = await source.ears.waitFor(
        'reply',
        (heard) => heard.message.body.commandId === message.id,
        10_000,
      );
      return reply.body.code ?? reply.body.outcome;
    };
    t.equal(await outcomeOf('tan-hoa'), 'done');
    await waitUntil('it is on air', async () => (await receiver.status()).onAir !== undefined);
    // Over two versions at once: the receiver gets the newest retained, and catches up by the one between.
    const second = await source.province.changeTrust((document) => document);
    for (const one of second) if (one.topic.endsWith('/2')) await source.send(one);
    for (const one of await source.province.revoke('tan-hoa')) await source.send(one);
    await waitUntil('version 3', async () => (await view()).version === 3);
    t.equal(await outcomeOf('tan-hoa'), 'E_AUTHORITY_REVOKED');
    const stopped = await source.ears.waitFor('receipt', () => true, 10_000);
    t.match(stopped.message.body, { authority: 'tan-hoa', outcome: 'stopped' }, 'what was on air ends, too');
    const words = (await receiver.loa(['trust', '--lang', 'en'])).stdout;
    t.match(words, /\(tan-hoa\), level 10\n {2}REVOKED since/);
    t.match(words, /\(an-phu\), level 10\n {2}no right here/);

    await source.send(await source.province.retire('province', 'rx-1'));
    const left = (): Promise<string[]> => readdir(join(receiver.folder, 'state'));
    await waitUntil('it is wiped', async () => (await left()).length === 0, { deadlineMs: 20_000 }).catch(
      async () => t.fail(`left: ${(await left()).join(' ')}; ${receiver.written.slice(-1500)}`),
    );
    t.ok(
      source.ears.replies.some(({ message: { body } }) => body.outcome === 'done'),
      'it answered before',
    );
  },
);
