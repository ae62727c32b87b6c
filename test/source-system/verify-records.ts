import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { kindOfRecord, readUp } from './up-message.js';
import { RecordChain, type ChainLink } from './record-chain.js';

/** What is needed to verify what receivers signed, in one file. */
export const recordsFile = z.object({
  /** The province's TLS authority, PEM. */
  anchors: z.string(),
  /** Receivers' certificates by id, PEM. */
  certificates: z.record(z.string(), z.string()),
  /** Receipts and events as compact JWS, in the order in which each receiver signed them. */
  records: z.array(z.object({ receiver: z.string(), jws: z.string() })).max(100_000),
});

/** See {@link recordsFile}. */
export type RecordsFile = z.infer<typeof recordsFile>;

/** What was found of one receiver. */
export interface Verified {
  readonly receiver: string;
  readonly receipts: number;
  readonly events: number;
  readonly links: Readonly<Record<ChainLink, number>>;
  /** One line each; nothing of what is named here is to be believed. */
  readonly faults: readonly string[];
}

/**
 * Verifies a file of records: each certificate was issued by the anchor, each signature is of the receiver's key, and each record
 * names the hash of the one before it.
 * @param anchorsPem whose certificates are believed
 */
export async function verifyRecords(file: RecordsFile, anchorsPem: string): Promise<Verified[]> {
  const anchor = new X509Certificate(anchorsPem);
  const receivers = [...new Set(file.records.map(({ receiver }) => receiver))];
  return Promise.all(
    receivers.map((receiver) => {
      const records = file.records.filter((one) => one.receiver === receiver).map(({ jws }) => jws);
      return verifyOne(receiver, records, file.certificates[receiver], anchor);
    }),
  );
}

async function verifyOne(
  receiver: string,
  records: readonly string[],
  pem: string | undefined,
  anchor: X509Certificate,
): Promise<Verified> {
  const faults: string[] = [];
  const links = { first: 0, linked: 0, gap: 0, fork: 0 };
  const counts = { receipt: 0, event: 0 };
  const doubt = pem === undefined ? 'no certificate' : certificateFault(pem, receiver, anchor);
  if (doubt !== undefined) return { receiver, receipts: 0, events: 0, links, faults: [doubt] };
  const chain = new RecordChain();
  for (const [index, jws] of records.entries()) {
    const kind = kindOfRecord(jws);
    const topic = `loa/v1/receiver/${receiver}/${kind ?? 'none'}`;
    const read = await readUp(topic, Buffer.from(jws), async () => pem);
    if (!read.ok || (read.value.kind !== 'receipt' && read.value.kind !== 'event')) {
      faults.push(
        `record ${index + 1}: ${read.ok ? 'not signed' : `${read.refusal.code} ${read.refusal.detail}`}`,
      );
      continue;
    }
    counts[read.value.kind] += 1;
    const link = chain.follow(
      createHash('sha256').update(jws).digest('base64url'),
      read.value.message.previous,
    );
    links[link] += 1;
    if (link === 'gap' || link === 'fork') faults.push(`record ${index + 1}: a ${link} in the chain`);
    if (link === 'first' && index > 0) faults.push(`record ${index + 1}: the chain begins anew`);
  }
  return { receiver, receipts: counts.receipt, events: counts.event, links, faults };
}

function certificateFault(pem: string, receiver: string, anchor: X509Certificate): string | undefined {
  try {
    const certificate = new X509Certificate(pem);
    if (!certificate.checkIssued(anchor) || !certificate.verify(anchor.publicKey))
      return 'its certificate was not issued by the anchor';
    return certificate.subject === `CN=${receiver}`
      ? undefined
      : `its certificate is of ${certificate.subject}`;
  } catch (error) {
    return `its certificate cannot be read: ${messageOf(error)}`;
  }
}

/** Reads a file of records. @throws LoaError `E_USAGE` */
export function parseRecords(text: string): RecordsFile {
  try {
    return recordsFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new LoaError('E_USAGE', `not a file of records: ${messageOf(cause)}`, { cause });
  }
}
