import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { TrustFile } from '../../agent/commands/document-folder.js';
import { emergencyByMirror, QUICK_MIRROR } from '../faults/mirror-emergency.js';
import { fingerprintOf } from '../support/est-province.js';
import { missingTool } from '../support/external-tool.js';
import { startSourceSystem } from '../source-system/source-system.js';
import { KeptLog } from '../support/kept-log.js';
import { NetworkCut } from '../support/network-cut.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil } from '../support/wait-until.js';

t.setTimeout(170_000);

t.test(
  'with an expired certificate and no broker, an emergency on the mirror is heard, and its end there ends it',
  { timeout: 120_000, skip: missingTool('ffmpeg') },
  async (t) => {
    const seen = await emergencyByMirror(t);
    t.ok(seen.certificateDaysLeft < 0, 'the certificate has expired');
    t.notOk(seen.everUp, 'no broker was ever reached');
    t.same(seen.trustVersions, [1, 3], 'trust documents came one by one');
    t.ok(seen.heardAfterMs < 10_000, `on air ${seen.heardAfterMs} ms after it was published`);
    t.ok(seen.endedAfterMs < 10_000, `silent ${seen.endedAfterMs} ms after its end was published`);
    t.equal(seen.left, 0);
    t.ok(seen.comparison.holds, JSON.stringify(seen.comparison.failures.slice(0, 3)));
    t.ok(seen.comparison.windowsLoud > 10, `${seen.comparison.windowsLoud} loud windows`);
    t.match(seen.statusText, /Mirror +in use: no broker\n +Time since its last answer: \d+ s/);
    t.ok(seen.quietRound.unchanged > 0 && seen.quietRound.requests <= 30, JSON.stringify(seen.quietRound));
  },
);

t.test(
  'when the broker is back the mirror is asked no more, and the province is told that it was in use',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const network = await NetworkCut.to(source.broker.port);
    t.teardown(() => network.close());
    network.cut();
    const receiver = await ReceiverProcess.enrol({
      ...{ id: 'rx-1', folder: join(folder, 'rx-1') },
      broker: { host: 'localhost', port: network.port },
      settings: {
        sound: { sink: 'null' },
        mirror: { url: source.mirror.url, publicAnchors: false, ...QUICK_MIRROR },
      },
      admit: (csrPem) => source.enrol({ id: 'rx-1', csrPem, home: 'ap-1' }),
    });
    t.teardown(() => receiver.stop());
    await receiver.start();
    await receiver.waitFor('the mirror answered', ({ mirror }) => mirror?.answeredAgoS !== undefined);
    network.mend();
    await receiver.waitFor('the broker', ({ link }) => link.kind === 'up');
    t.match(receiver.written, /"msg":"link up"/, 'as the first test looks for it');
    t.equal((await receiver.status()).mirror?.reason, undefined);
    // A question that was on its way may still come in.
    await sleep(500);
    const before = source.mirror.total;
    await sleep(3_000);
    t.equal(source.mirror.total, before, 'not one more question in three intervals');
    const told = await source.ears.waitFor(
      'event',
      ({ message }) => message.body.code === 'N_MIRROR_IN_USE',
      10_000,
    );
    t.equal(told.message.body.kind, 'notice');
  },
);

t.test(
  'enrolment takes the first trust document from the mirror by the fingerprint, and none by another one',
  { timeout: 60_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const { province, admissions } = source;
    const receiver = await ReceiverProcess.configured({
      ...{ id: 'rx-2', folder: join(folder, 'rx-2') },
      broker: { host: 'localhost', port: source.broker.port },
      settings: { sound: { sink: 'null' }, mirror: { url: source.mirror.url, publicAnchors: false } },
    });
    t.teardown(() => receiver.stop());
    const tokenPath = join(receiver.folder, 'token');
    writeFileSync(tokenPath, `${admissions.newToken('rx-2')}\n`, { mode: 0o600 });
    const enrol = (fingerprint: string) =>
      receiver.loa([
        ...['certificate', 'enrol', '--id', 'rx-2', '--url', source.est.url, '--token-file', tokenPath],
        ...['--ca-fingerprint', fingerprintOf(source.ca.anchorsPem), '--fingerprint', fingerprint],
      ]);
    const trustPath = join(receiver.folder, 'state', 'trust.json');
    const refused = await enrol('00'.repeat(32));
    t.equal(refused.code, 1);
    t.match(refused.stderr, /E_TRUST_SIGNATURE/);
    t.throws(() => readFileSync(trustPath), { code: 'ENOENT' });
    const trust = (fingerprint: string) =>
      receiver.loa(['certificate', 'trust', '--fingerprint', fingerprint]);
    t.match((await trust('11'.repeat(32))).stderr, /E_TRUST_SIGNATURE/);
    const taken = await trust(province.rootFingerprint);
    t.equal(taken.code, 0, taken.stderr);
    t.match(taken.stdout, /version 1/);
    t.equal((await new TrustFile(trustPath).read())?.trimEnd(), province.trustText);
    await source.send(await province.assign('rx-2', 'ap-1'));
    await receiver.start();
    await waitUntil('up and assigned', async () => {
      const { link, assignment } = await receiver.status();
      return link.kind === 'up' && assignment !== undefined;
    });
  },
);
