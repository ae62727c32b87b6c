import t from 'tap';
import { demandedKey } from '../../../../certs/est/csr-attributes.js';
import { retryAfterMs } from '../../../../certs/est/est-client.js';
import { estBase } from '../../../../certs/est/est-exchange.js';
import { certificatesOfPkcs7 } from '../../../../certs/est/pkcs7.js';
import { rejectsWith, nowMs } from '../../../fixtures/certificates/enrolled.js';
import { certsOnly, csrAttributes } from '../../../source-system/est-answers.js';
import { CertificateAuthority } from '../../../source-system/certificate-authority.js';
import { ManualClock } from '../../../support/manual-clock.js';

t.test('a certs-only answer gives its certificates byte for byte, wrapped or not', async (t) => {
  const ca = await CertificateAuthority.create(new ManualClock());
  const { certificatePem } = await ca.issueReceiver('loa-0001');
  const base64 = certsOnly([ca.anchorsPem, certificatePem]);
  const wrapped = `${base64.match(/.{1,64}/g)?.join('\r\n') ?? ''}\r\n`;
  for (const text of [base64, wrapped]) {
    const found = (await certificatesOfPkcs7(text)).map((one) => one.toString().trim());
    t.same(found, [ca.anchorsPem.trim(), certificatePem.trim()]);
  }
});

t.test(
  'anything else in place of a certs-only answer is refused by name, whatever byte is changed',
  async (t) => {
    const ca = await CertificateAuthority.create(new ManualClock());
    const base64 = certsOnly([ca.anchorsPem]);
    for (const text of ['', '<html>', 'AAAA', base64.slice(0, 200), certsOnly([]), 'MIAAAA=='])
      await rejectsWith(t, certificatesOfPkcs7(text), 'E_ENROL_ANSWER', /certs-only/);
    const der = Buffer.from(base64, 'base64');
    let refused = 0;
    for (let at = 0; at < der.length; at += 1) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      const outcome = await certificatesOfPkcs7(changed.toString('base64')).then(
        () => 'read',
        (error: { code?: string }) => error.code,
      );
      if (outcome !== 'read' && outcome !== 'E_ENROL_ANSWER') t.fail(`byte ${at}: ${String(outcome)}`);
      if (outcome === 'E_ENROL_ANSWER') refused += 1;
    }
    t.ok(refused > 20, `${refused} refused`);
    const deep = Buffer.from('30820000'.repeat(20_000), 'hex').toString('base64');
    await rejectsWith(t, certificatesOfPkcs7(deep), 'E_ENROL_ANSWER', /certs-only/);
  },
);

t.test('the kind of key follows what /csrattrs demands', async (t) => {
  t.equal(await demandedKey(''), 'ec-p256');
  t.equal(await demandedKey(csrAttributes('ec-p256')), 'ec-p256');
  t.equal(await demandedKey(csrAttributes('rsa-2048')), 'rsa-2048');
  await rejectsWith(t, demandedKey(csrAttributes('ec-p384')), 'E_ENROL_DEMAND', /1\.3\.132\.0\.34/);
  await rejectsWith(t, demandedKey(csrAttributes('rsa-1024')), 'E_ENROL_DEMAND', /1024/);
  // The example of RFC 7030, 4.5.2, whose challengePassword stands on a property that TLS 1.3 lacks.
  const example =
    'MEEGCSqGSIb3DQEJBzASBgcqhkjOPQIBMQcGBSuBBAAiMBYGCSqGSIb3DQEJDjEJBgcrBgEBAQEWBggqhkjOPQQDAw==';
  await rejectsWith(t, demandedKey(example), 'E_ENROL_DEMAND', /TLS connection/);
  await rejectsWith(t, demandedKey('!'), 'E_ENROL_ANSWER', /csrattrs/);
});

t.test('Retry-After is seconds or a date, and bounded', async (t) => {
  t.equal(retryAfterMs('7', nowMs), 7_000);
  t.equal(retryAfterMs(new Date(nowMs + 90_000).toUTCString(), nowMs), 90_000);
  t.equal(retryAfterMs('0', nowMs), 1_000);
  t.equal(retryAfterMs('999999999', nowMs), 86_400_000);
  for (const odd of [undefined, 'soon', '-5', '1e9'])
    t.ok(retryAfterMs(odd, nowMs) <= 86_400_000, String(odd));
});

t.test('only https, the well-known path and one label are taken as an EST address', async (t) => {
  t.equal(estBase('https://h.example').href, 'https://h.example/.well-known/est');
  t.equal(
    estBase('https://h.example:8443/.well-known/est/loa/').href,
    'https://h.example:8443/.well-known/est/loa',
  );
  for (const bad of [
    ...['http://h.example', 'https://u:p@h.example', 'https://h.example/other', 'h.example', ''],
    ...['https://h.example/?q', 'https://h.example/.well-known/est/a/b'],
  ])
    t.throws(() => estBase(bad), { code: 'E_USAGE' }, bad);
});
