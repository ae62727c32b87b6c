import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { enrolOverNetwork } from '../../certs/est/enrol.js';
import { loadIdentity } from '../../certs/load-identity.js';
import { askForNext } from '../../certs/renewal-steps.js';
import { promote } from '../../certs/staged-identity.js';
import { CfsslSigner } from '../source-system/est-signer.js';
import { folderOf } from '../fixtures/certificates/enrolled.js';
import { openssl } from '../fixtures/certificates/openssl-authority.js';
import { estProvince, fingerprintOf } from '../support/est-province.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ID = 'loa-0001';
const nowMs = (): number => Date.now();

t.test(
  "strongSwan's EST client gets CA certificates, enrols and renews at the simulator's server",
  { skip: missingTool('pki') || missingTool('openssl') },
  async (t) => {
    const province = await estProvince(t);
    const folder = await temporaryFolder(t);
    const at = (name: string): string => join(folder, name);
    const pki = async (...args: string[]): Promise<Buffer> => {
      const { exitCode, output, errorText } = await runTool('pki', args, { deadlineMs: 30_000 });
      if (exitCode !== 0) throw new Error(`pki ${args[0] ?? ''}: ${errorText}`);
      return output;
    };
    writeFileSync(at('ca.pem'), province.ca.anchorsPem);
    openssl('x509', '-in', at('ca.pem'), '-outform', 'DER', '-out', at('ca.der'));
    for (const name of ['first', 'second']) {
      openssl(
        'genpkey',
        '-algorithm',
        'EC',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-out',
        at(`${name}.key`),
      );
      openssl(
        ...['req', '-new', '-key', at(`${name}.key`), '-subj', `/CN=${ID}`, '-outform', 'DER'],
        ...['-out', at(`${name}.csr`)],
      );
    }
    const est = ['--est', '--url', province.server.url, '--cacert', at('ca.der')];
    const token = province.admissions.newToken(ID);
    province.server.hold(1, 1);
    const first = await pki(
      ...[...est, '--in', at('first.csr'), '--userpass', `${ID}:${token}`],
      ...['--interval', '1', '--outform', 'pem'],
    );
    writeFileSync(at('first.pem'), first);
    t.match(openssl('verify', '-CAfile', at('ca.pem'), at('first.pem')), /OK/);
    openssl('x509', '-in', at('first.pem'), '-outform', 'DER', '-out', at('first.der'));
    const second = await pki(
      ...[...est, '--in', at('second.csr'), '--cert', at('first.der'), '--key', at('first.key')],
      ...['--outform', 'pem'],
    );
    writeFileSync(at('second.pem'), second);
    t.match(openssl('verify', '-CAfile', at('ca.pem'), at('second.pem')), /OK/);
    t.match(openssl('x509', '-in', at('second.pem'), '-noout', '-subject'), /CN ?= ?loa-0001/);
    const seen = province.server.answered.map(({ operation, status }) => `${operation} ${status}`);
    t.ok(seen.includes('simpleenroll 202'), seen.join(', '));
    t.ok(seen.includes('simplereenroll 200'), seen.join(', '));
    await pki(
      '--estca',
      '--url',
      province.server.url,
      '--cacert',
      at('ca.der'),
      '--caout',
      at('got'),
      '--force',
    );
  },
);

t.test(
  'a receiver enrols and renews with cfssl as the authority',
  { skip: missingTool('cfssl') || missingTool('openssl') },
  async (t) => {
    const signer = await CfsslSigner.create(await mkdtemp(join(await temporaryFolder(t), 'ca-')));
    const province = await estProvince(t, { signer, identity: await signer.issueServer() });
    const folder = folderOf(t);
    const { url } = province.server;
    const first = await enrolOverNetwork({
      ...{ folder, receiverId: ID, url, fingerprint: fingerprintOf(signer.anchorPem), replace: false },
      credentials: { kind: 'token', receiverId: ID, token: province.admissions.newToken(ID) },
      nowMs,
      wait: () => Promise.resolve(false),
    });
    t.equal(first.receiverId, ID);
    t.match(await askForNext({ folder, identity: first, url, nowMs }), { kind: 'issued' });
    const second = await promote(folder);
    t.not(second.fingerprint, first.fingerprint);
    t.equal((await loadIdentity(folder, Date.now())).fingerprint, second.fingerprint);
  },
);
