import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enrolOverNetwork } from '../../certs/est/enrol.js';
import { filesInForce, pairFiles, promote, readPairs } from '../../certs/staged-identity.js';
import { askForNext } from '../../certs/renewal-steps.js';
import { certificatesOf } from '../../certs/certificate-chain.js';
import { CfsslSigner } from '../source-system/est-signer.js';
import { estProvince, fingerprintOf, type EstProvince } from '../support/est-province.js';
import { runTool } from '../support/external-tool.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';

const ID = 'loa-0001';
const nowMs = (): number => Date.now();

/** What OpenSSL says of one request or certificate. */
export interface OpensslVerdict {
  readonly what: string;
  readonly verified: boolean;
}

/** Enrols and renews with each kind of key and each authority, and has OpenSSL verify every request and certificate. */
export async function verifyByOpenssl(t: Teardown): Promise<OpensslVerdict[]> {
  const verdicts: OpensslVerdict[] = [];
  for (const demand of ['ec-p256', 'rsa-2048'] as const) {
    const cfssl = await CfsslSigner.create(await temporaryFolder(t));
    const inProcess = await estProvince(t, { demand });
    const byCfssl = await estProvince(t, { demand, signer: cfssl, identity: await cfssl.issueServer() });
    verdicts.push(...(await verifyOne(t, inProcess, inProcess.fingerprint, `${demand}, in-process`)));
    verdicts.push(...(await verifyOne(t, byCfssl, fingerprintOf(cfssl.anchorPem), `${demand}, cfssl`)));
  }
  return verdicts;
}

async function verifyOne(
  t: Teardown,
  province: EstProvince,
  fingerprint: string,
  name: string,
): Promise<OpensslVerdict[]> {
  const folder = join(await mkdtemp(join(await temporaryFolder(t), 'id-')), 'identity');
  const { url } = province.server;
  const identity = await enrolOverNetwork({
    ...{ folder, receiverId: ID, url, fingerprint, replace: false, nowMs },
    credentials: { kind: 'token', receiverId: ID, token: province.admissions.newToken(ID) },
    wait: () => Promise.resolve(false),
  });
  const first = await verdictsOf(folder, `${name}, enrolled`);
  const asked = await askForNext({ folder, identity, url, nowMs });
  if (asked.kind !== 'issued') throw new Error(`${name}: not renewed`);
  await promote(folder);
  return [...first, ...(await verdictsOf(folder, `${name}, renewed`))];
}

async function verdictsOf(folder: string, name: string): Promise<OpensslVerdict[]> {
  const { request, certificate, anchors } = await filesInForce(folder);
  const { current } = await readPairs(folder);
  const leaf = join(folder, 'judged-leaf.pem');
  const [pem] = certificatesOf(await readFile(pairFiles(folder, current).certificate, 'utf8'), certificate);
  await writeFile(leaf, String(pem));
  const csr = await runTool('openssl', ['req', '-in', request, '-verify', '-noout']);
  const chain = await runTool('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', anchors, leaf],
  ]);
  return [
    { what: `request, ${name}`, verified: csr.exitCode === 0 },
    {
      what: `certificate, ${name} (${chain.errorText.slice(0, 120).trim()})`,
      verified: chain.exitCode === 0,
    },
  ];
}
