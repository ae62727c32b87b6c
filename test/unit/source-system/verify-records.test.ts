import { createHash, randomUUID } from 'node:crypto';
import t from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';
import { verifyRecords, type RecordsFile } from '../../source-system/verify-records.js';
import { signerOfPem } from '../../support/device-signer.js';

const ca = await CertificateAuthority.create(systemClock);
const identity = await ca.issueReceiver('rx-1');
const signer = await signerOfPem(identity.keyPem);

async function fileOf(count: number): Promise<RecordsFile> {
  const boot = randomUUID();
  const records: { receiver: string; jws: string }[] = [];
  let previous = '';
  for (let sequence = 0; sequence < count; sequence += 1) {
    const message = {
      ...{ type: 'event', receiver: 'rx-1', boot, sequence, at: '2026-11-23T03:00:00Z', previous },
      body: { kind: 'notice', code: 'N_TEST', detail: String(sequence), count: 1 },
    };
    const jws = await signMessage(message, TYP.event, signer);
    records.push({ receiver: 'rx-1', jws });
    previous = createHash('sha256').update(jws).digest('base64url');
  }
  return { anchors: ca.anchorsPem, certificates: { 'rx-1': identity.certificatePem }, records };
}

t.test('what a receiver signed in a row holds', async (t) => {
  t.match(await verifyRecords(await fileOf(4), ca.anchorsPem), [
    { receiver: 'rx-1', events: 4, links: { first: 1, linked: 3, gap: 0, fork: 0 }, faults: [] },
  ]);
});

t.test('a record that is missing, altered or copied in shows', async (t) => {
  const file = await fileOf(5);
  const without = { ...file, records: file.records.filter((_, i) => i !== 2) };
  t.match((await verifyRecords(without, ca.anchorsPem))[0]?.faults, ['record 3: a gap in the chain']);
  const altered = structuredClone(file);
  const [head = '', body = '', tail = ''] = (altered.records[1]?.jws ?? '').split('.');
  const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"1"', '"9"')).toString(
    'base64url',
  );
  altered.records[1] = { receiver: 'rx-1', jws: [head, other, tail].join('.') };
  const faults = (await verifyRecords(altered, ca.anchorsPem))[0]?.faults ?? [];
  t.match(faults, [/^record 2: E_SIGNATURE_INVALID/, 'record 3: a gap in the chain']);
  const forked = { ...file, records: [...file.records, ...(await fileOf(1)).records] };
  t.match((await verifyRecords(forked, ca.anchorsPem))[0]?.faults, ['record 6: the chain begins anew']);
});

t.test('a certificate of another authority, or of another receiver, is not believed', async (t) => {
  const file = await fileOf(1);
  const foreign = await CertificateAuthority.create(systemClock);
  t.match((await verifyRecords(file, foreign.anchorsPem))[0]?.faults, [/not issued by the anchor/]);
  const other = await ca.issueReceiver('rx-2');
  const swapped = { ...file, certificates: { 'rx-1': other.certificatePem } };
  t.match((await verifyRecords(swapped, ca.anchorsPem))[0]?.faults, [/is of CN=rx-2/]);
});
