import { readFile } from 'node:fs/promises';
import { LoaError } from '../../agent/core/errors.js';
import { certificatesOf } from '../certificate-chain.js';
import { identityFiles } from '../identity-folder.js';
import type { Identity } from '../identity.js';
import { installCertificate } from '../install-certificate.js';
import { makeKeyAndRequest } from '../make-identity.js';
import type { KeyKind } from '../new-key.js';
import { filesInForce, stageRequest } from '../staged-identity.js';
import { bootstrapAnchor, EstClient, type EstCredentials } from './est-client.js';
import { leafFirst } from './leaf-first.js';

/** What an enrolment over the network needs. */
export interface EnrolRequest {
  readonly folder: string;
  readonly receiverId: string;
  readonly url: string;
  /** SHA-256 of the province's CA certificate, hexadecimal: given at installation by another way. */
  readonly fingerprint: string;
  readonly credentials: EstCredentials;
  /** A device that has a certificate keeps it, and its key, until the new one is there. */
  readonly replace: boolean;
  readonly nowMs: () => number;
  /** Waits before a pending request is asked for again; false gives up. The longest time in all is the caller's. */
  readonly wait: (afterMs: number) => Promise<boolean>;
}

/**
 * Enrols over EST: CA certificate by its fingerprint, key of the kind that the server demands, certificate, and
 * installs it. The key is on disk before it is asked for, so that asking again after a power cut is for the same key,
 * which a server may answer again for the same token.
 * @throws LoaError `E_ENROL_*`, `E_IDENTITY_*`, `E_STORE_WRITE`, `E_USAGE`
 */
export async function enrolOverNetwork(request: EnrolRequest): Promise<Identity> {
  const { folder, receiverId, url, nowMs, credentials } = request;
  const inForce = await filesInForce(folder);
  const enrolled = await isThere(inForce.certificate);
  if (enrolled && !request.replace) {
    throw new LoaError('E_USAGE', 'there is a certificate already: --replace asks for another');
  }
  const anchorPem = await bootstrapAnchor(url, request.fingerprint);
  const client = new EstClient({ url, anchorsPem: [anchorPem], nowMs });
  const kind: KeyKind = await client.demandedKey();
  const { requestPem } = enrolled
    ? await stageRequest({ folder, receiverId, kind })
    : await makeKeyAndRequest({ folder, receiverId, kind });
  for (;;) {
    const answer = await client.enrol(requestPem, credentials);
    if (answer.kind === 'issued') {
      return installCertificate({
        ...{ folder, receiverId, nowMs: nowMs() },
        certificatePem: await leafFirst(answer.certificatesPem, requestPem),
        anchorsPem: await anchorsWith(identityFiles(folder).anchors, anchorPem),
      });
    }
    if (!(await request.wait(answer.retryAfterMs))) {
      const fields = { retryAfterS: Math.round(answer.retryAfterMs / 1000) };
      throw new LoaError('E_ENROL_PENDING', 'the province has not decided yet', { fields });
    }
  }
}

/** The anchors that are installed, and the one that the fingerprint vouches for. */
async function anchorsWith(path: string, anchorPem: string): Promise<string> {
  if (!(await isThere(path))) return anchorPem;
  const kept = certificatesOf(await readFile(path, 'utf8'), 'anchors.pem').map(String);
  return kept.includes(anchorPem) ? kept.join('') : [...kept, anchorPem].join('');
}

async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => cause.code !== 'ENOENT',
  );
}
