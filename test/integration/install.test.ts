import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { fingerprintOf } from '../support/est-province.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ID = 'cum-01';

/** Hardware of its own, set up by `loa install --answers FILE` alone; it knows no broker before. */
async function installed(
  source: SourceSystem,
  folder: string,
  ...more: readonly string[]
): Promise<{ receiver: ReceiverProcess; answer: Record<string, unknown>; code: number | null }> {
  const receiver = await ReceiverProcess.configured({
    ...{ id: ID, folder, broker: { host: 'nobody.invalid', port: 1 } },
    settings: { sound: { sink: 'null' }, media: { publicAnchors: false } },
  });
  const answers = {
    network: { host: 'localhost', port: source.broker.port },
    enrolment: {
      ...{ kind: 'network', id: more.length === 0 ? ID : 'cum-99', url: source.est.url },
      caFingerprint: fingerprintOf(source.ca.anchorsPem),
      tokenFile: await receiver.file('token', source.admissions.newToken(ID)),
      trust: await receiver.file('trust-given.json', source.province.trustText),
      rootFingerprint: source.province.rootFingerprint,
    },
    board: { sink: 'null' },
  };
  const file = await receiver.file('answers.json', JSON.stringify(answers));
  const { code, stdout, stderr } = await receiver.loa(['install', '--answers', file, ...more, '--json']);
  return { receiver, code, answer: JSON.parse(stdout || stderr) as Record<string, unknown> };
}

const certificateOf = async ({ folder }: ReceiverProcess): Promise<X509Certificate> =>
  new X509Certificate(await readFile(join(folder, 'state', 'identity', 'device.crt')));

t.test(
  'answers in a file make a receiver; swapped on the pole, new hardware speaks under the old id with a key of its own',
  { timeout: 120_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());

    const first = await installed(source, join(folder, 'first'));
    t.teardown(() => first.receiver.stop('SIGKILL'));
    t.equal(first.code, 0, JSON.stringify(first.answer));
    t.match(first.answer, { enrolment: 'network', open: [] });
    t.match(JSON.parse(await readFile(first.receiver.configPath, 'utf8')), {
      broker: { host: 'localhost', port: source.broker.port },
      sound: { sink: 'null', device: 'default' },
    });
    await source.send(await source.province.assign(ID, 'ap-1'));
    await first.receiver.start();
    await first.receiver.waitFor('at home', ({ assignment }) => assignment?.home === 'ap-1');
    await first.receiver.stop('SIGKILL');

    const second = await installed(source, join(folder, 'second'), '--replace', ID);
    t.teardown(() => second.receiver.stop('SIGKILL'));
    t.equal(second.code, 0, JSON.stringify(second.answer));
    t.match(second.answer, { replaces: ID, open: [] });
    await second.receiver.start();
    const home = await second.receiver.waitFor('at home', ({ assignment }) => assignment?.home === 'ap-1');
    t.equal(home.receiver, ID, 'what the answers say of an id gives way to the one that is replaced');
    const [one, other] = [await certificateOf(first.receiver), await certificateOf(second.receiver)];
    t.match([one.subject, other.subject], [/CN=cum-01/, /CN=cum-01/]);
    t.not(
      one.publicKey.export({ type: 'spki', format: 'pem' }),
      other.publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const play = await source.province.playStart('province', {
      target: { area: 'ap-1' },
      title: 'sau khi thay',
      source: { kind: 'stored', name: 'chime' },
      forMs: 20_000,
    });
    await source.send(play);
    const receipt = await source.ears.waitFor(
      'receipt',
      ({ message }) => message.body.playId === play.message.body.playId,
      30_000,
    );
    t.equal(receipt.message.body.outcome, 'completed', 'its receipt is believed by its new certificate');
    t.same(source.ears.disbelieved, []);
  },
);

t.test(
  'wrong answers change no settings, and a wrong token brings no certificate',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const receiver = await ReceiverProcess.configured({
      ...{ id: ID, folder: join(folder, ID), broker: { host: 'nobody.invalid', port: 1 } },
    });
    const before = await readFile(receiver.configPath, 'utf8');
    const wrong = await receiver.file('wrong.json', '{"network":{"host":"a b"}}');
    t.match(await receiver.loa(['install', '--answers', wrong]), { code: 2, stderr: /E_USAGE[^]*network/ });
    t.equal(await readFile(receiver.configPath, 'utf8'), before);
    const answers = {
      network: { host: 'localhost', port: source.broker.port },
      enrolment: {
        ...{ kind: 'network', id: ID, url: source.est.url },
        caFingerprint: fingerprintOf(source.ca.anchorsPem),
        tokenFile: await receiver.file('token', 'not-the-token'),
      },
      board: { sink: 'null' },
    };
    const file = await receiver.file('answers.json', JSON.stringify(answers));
    const refused = await receiver.loa(['install', '--answers', file, '--json']);
    t.equal(refused.code, 1);
    t.match(JSON.parse(refused.stdout), { code: /^E_ENROL/ });
    await t.rejects(certificateOf(receiver), { code: 'ENOENT' });
  },
);
