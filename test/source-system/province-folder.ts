import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import type { Clock } from '../../agent/core/clock.js';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import type { Assignment } from '../../protocols/messages/assignment.js';
import { lineOf, areaIds } from './cast.js';
import { CertificateAuthority, type Identity } from './certificate-authority.js';
import { pemBlocks } from './est-answers.js';
import { writeMirror } from './mirror-files.js';
import { Province, type Publication } from './province.js';

const endpoints = z.strictObject({
  broker: z.url(),
  media: z.url(),
  est: z.url().optional(),
  mirror: z.url().optional(),
});

/** Where a running source system listens. */
export type Endpoints = z.infer<typeof endpoints>;

/** A receiver that asks to be let in. */
export interface EnrolmentRequest {
  readonly id: string;
  readonly csrPem: string;
  /** The smallest area it stands in. */
  readonly home: string;
  readonly groups?: readonly string[];
}

/** What an enrolled receiver is given, and its assignment, still to be published. */
export interface Enrolment {
  readonly certificatePem: string;
  readonly anchorsPem: string;
  readonly trustText: string;
  readonly rootFingerprint: string;
  readonly assignment: Publication<Assignment>;
}

/**
 * Everything of a province that outlives a process, in one folder: TLS authority, operator's certificate, keys, trust
 * document, receivers, records, sounds. The running source system and the operator's tool both open it.
 */
export class ProvinceFolder {
  readonly path: string;
  readonly ca: CertificateAuthority;
  readonly operator: Identity;
  readonly province: Province;
  #mirrorTurn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, ca: CertificateAuthority, operator: Identity, province: Province) {
    this.path = path;
    this.ca = ca;
    this.operator = operator;
    this.province = province;
  }

  /** Opens a folder, and makes in it what is not there yet. */
  static async open(path: string, clock: Clock): Promise<ProvinceFolder> {
    const foundCa = await readIdentity(path, 'ca');
    const ca =
      foundCa === undefined
        ? await CertificateAuthority.create(clock)
        : await CertificateAuthority.load(foundCa, clock);
    if (foundCa === undefined) await writeIdentity(path, 'ca', ca.identity);
    const foundOperator = await readIdentity(path, 'operator');
    const operator = foundOperator ?? (await ca.issueOperator());
    if (foundOperator === undefined) await writeIdentity(path, 'operator', operator);
    return new ProvinceFolder(path, ca, operator, await Province.open(path, clock));
  }

  /** Where the operator's tool puts sounds for the media server. */
  get mediaPath(): string {
    return join(this.path, 'media');
  }

  /** Files that the mirror serves. */
  get mirrorPath(): string {
    return join(this.path, 'mirror');
  }

  /** Brings the mirror's files up to what is in force, with beats of now. One at a time. */
  async writeMirror(): Promise<void> {
    const work = this.#mirrorTurn.then(() => writeMirror(this.mirrorPath, this.province));
    this.#mirrorTurn = work.catch(() => undefined);
    await work;
  }

  /** Resolves when no file of the mirror is being written. */
  async mirrorWritten(): Promise<void> {
    await this.#mirrorTurn;
  }

  /** Signs a receiver's request and says where it stands. @throws LoaError `E_USAGE`, `E_IDENTITY_CERTIFICATE` */
  async enrol({ id, csrPem, home, groups = [] }: EnrolmentRequest): Promise<Enrolment> {
    if (lineOf(home) === undefined)
      throw new LoaError('E_USAGE', `no such area: ${home} (there are ${areaIds()})`);
    const certificatePem = await this.ca.signRequest(csrPem, id);
    await this.keepCertificate(id, certificatePem);
    return {
      certificatePem,
      anchorsPem: this.ca.anchorsPem,
      trustText: this.province.trustText,
      rootFingerprint: this.province.rootFingerprint,
      assignment: await this.province.assign(id, home, groups),
    };
  }

  /** Keeps a receiver's new certificate before its last three: records signed earlier may still come. */
  async keepCertificate(id: string, certificatePem: string): Promise<void> {
    const older = pemBlocks((await this.certificateOf(id)) ?? '').slice(0, 3);
    await writeAtomic(this.#certificatePath(id), [certificatePem, ...older].join(''), 0o644);
  }

  /** The certificates of a receiver, PEM, the newest first; undefined where it was not enrolled. */
  async certificateOf(id: string): Promise<string | undefined> {
    return readIfPresent(this.#certificatePath(id));
  }

  /** Remembers where the running source system listens. */
  async writeEndpoints(found: Endpoints): Promise<void> {
    await writeAtomic(join(this.path, 'endpoints.json'), `${JSON.stringify(found)}\n`);
  }

  /** Where the source system of this folder listens. @throws LoaError `E_LINK_CONNECT` where it was never started */
  async readEndpoints(): Promise<Endpoints> {
    const text = await readIfPresent(join(this.path, 'endpoints.json'));
    if (text === undefined) {
      throw new LoaError('E_LINK_CONNECT', `nothing was started in ${this.path}: npm run source -- start`);
    }
    try {
      return endpoints.parse(JSON.parse(text));
    } catch (cause) {
      throw new LoaError('E_STORE_OPEN', `endpoints.json: ${messageOf(cause)}`, { cause });
    }
  }

  #certificatePath(id: string): string {
    return join(this.path, 'receivers', `${id}.pem`);
  }
}

async function readIdentity(folder: string, name: string): Promise<Identity | undefined> {
  const certificatePem = await readIfPresent(join(folder, name, 'cert.pem'));
  const keyPem = await readIfPresent(join(folder, name, 'key.pem'));
  return certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem };
}

async function writeIdentity(folder: string, name: string, identity: Identity): Promise<void> {
  await writeAtomic(join(folder, name, 'key.pem'), identity.keyPem);
  await writeAtomic(join(folder, name, 'cert.pem'), identity.certificatePem, 0o644);
}
