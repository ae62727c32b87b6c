import { join } from 'node:path';
import t from 'tap';
import { startSourceSystem } from '../source-system/source-system.js';
import { fingerprintOf } from '../support/est-province.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ID = 'loa-0077';

t.test(
  'a receiver enrolled at the depot is nobody’s until the province assigns it, and then speaks',
  { timeout: 90_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const receiver = await ReceiverProcess.configured({
      id: ID,
      folder: join(folder, ID),
      broker: { host: 'localhost', port: source.broker.port },
      settings: { sound: { sink: 'null' }, media: { publicAnchors: false } },
    });
    t.teardown(() => receiver.stop());
    const enrolled = await receiver.loa([
      ...['certificate', 'enrol', '--id', ID, '--url', source.est.url],
      ...['--ca-fingerprint', fingerprintOf(source.ca.anchorsPem)],
      ...['--token-file', await receiver.file('token', source.admissions.newToken(ID))],
      ...['--trust', await receiver.file('trust.json', source.province.trustText)],
      ...['--fingerprint', source.province.rootFingerprint],
    ]);
    t.equal(enrolled.code, 0, enrolled.stderr);
    await receiver.start();
    const idle = await receiver.waitFor('connected', ({ link }) => link.kind === 'up');
    t.equal(idle.assignment, undefined, 'it stands nowhere yet');
    const play = (title: string) =>
      source.province.playStart('province', {
        target: { area: 'ap-1' },
        title,
        source: { kind: 'stored', name: 'chime' },
        forMs: 20_000,
      });
    await source.send(await play('trước khi phân công'));

    await source.send(await source.province.assign(ID, 'ap-1'));
    const assigned = await receiver.waitFor('assigned', ({ assignment }) => assignment !== undefined);
    t.equal(assigned.assignment?.home, 'ap-1');
    t.equal(source.ears.replies.length, 0, 'what was said before was not for it');
    t.equal(assigned.onAir, undefined);
    const spoken = await play('sau khi phân công');
    // Its subscriptions follow the assignment: the command may come before them.
    for (let attempt = 0; attempt < 5 && source.ears.replies.length === 0; attempt += 1) {
      await source.send(spoken);
      await source.ears
        .waitFor('reply', ({ message }) => message.body.commandId === spoken.message.id, 2_000)
        .catch(() => undefined);
    }
    const { message } = await source.ears.waitFor(
      'receipt',
      (receipt) => receipt.message.body.playId === spoken.message.body.playId,
      25_000,
    );
    t.equal(message.body.outcome, 'completed');
    t.ok(message.body.spans.length > 0, 'it was heard');
  },
);
