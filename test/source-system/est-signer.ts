import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CertificateAuthority, Validity } from './certificate-authority.js';

const run = promisify(execFile);

/** What makes certificates for an EST server. */
export interface EstSigner {
  /** The CA certificate that a receiver trusts, PEM. */
  readonly anchorPem: string;
  /** Signs a request for the receiver named. @returns PEM. @throws Error or LoaError where it does not */
  sign(csrPem: string, receiverId: string): Promise<string>;
}

/** The authority of this process. `validity` is asked for each certificate. */
export function inProcessSigner(ca: CertificateAuthority, validity: () => Validity = () => ({})): EstSigner {
  return {
    anchorPem: ca.anchorsPem,
    sign: (csrPem, receiverId) => ca.signRequest(csrPem, receiverId, validity()),
  };
}

const PROFILE = {
  signing: { default: { expiry: '8760h', usages: ['digital signature', 'client auth'] } },
};

/** CloudFlare's cfssl as authority: its command line, with key and configuration in a folder of its own. */
export class CfsslSigner implements EstSigner {
  readonly #folder: string;
  readonly anchorPem: string;

  private constructor(folder: string, anchorPem: string) {
    this.#folder = folder;
    this.anchorPem = anchorPem;
  }

  /** A new root, EC P-256. */
  static async create(parentFolder: string): Promise<CfsslSigner> {
    const folder = await mkdtemp(join(parentFolder, 'cfssl-'));
    const request = { CN: 'Province by cfssl', key: { algo: 'ecdsa', size: 256 } };
    await writeFile(join(folder, 'root.json'), JSON.stringify(request));
    await writeFile(join(folder, 'config.json'), JSON.stringify(PROFILE));
    const { cert, key } = await cfssl(folder, ['genkey', '-initca', 'root.json']);
    await writeFile(join(folder, 'ca.pem'), cert);
    await writeFile(join(folder, 'ca-key.pem'), key, { mode: 0o600 });
    return new CfsslSigner(folder, cert);
  }

  async sign(csrPem: string, receiverId: string): Promise<string> {
    const place = await mkdtemp(join(this.#folder, 'sign-'));
    try {
      await writeFile(join(place, 'in.csr'), csrPem);
      // Only the name is the province's to say; the request's own is not taken.
      await writeFile(join(place, 'subject.json'), JSON.stringify({ CN: receiverId }));
      const { cert } = await cfssl(this.#folder, [
        ...['sign', '-ca', 'ca.pem', '-ca-key', 'ca-key.pem', '-config', 'config.json'],
        ...[join(place, 'in.csr'), join(place, 'subject.json')],
      ]);
      return cert;
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  }

  /** Its CA key, for a server's certificate made with OpenSSL. */
  async caKeyPem(): Promise<string> {
    return readFile(join(this.#folder, 'ca-key.pem'), 'utf8');
  }

  /** A TLS server's certificate for localhost. */
  async issueServer(): Promise<{ certificatePem: string; keyPem: string }> {
    const request = {
      CN: 'localhost',
      hosts: ['localhost', '127.0.0.1'],
      key: { algo: 'ecdsa', size: 256 },
    };
    const config = {
      signing: { default: { expiry: '8760h', usages: ['digital signature', 'server auth'] } },
    };
    await writeFile(join(this.#folder, 'server.json'), JSON.stringify(request));
    await writeFile(join(this.#folder, 'server-config.json'), JSON.stringify(config));
    const { cert, key } = await cfssl(this.#folder, [
      ...['gencert', '-ca', 'ca.pem', '-ca-key', 'ca-key.pem', '-config', 'server-config.json'],
      'server.json',
    ]);
    return { certificatePem: cert, keyPem: key };
  }
}

async function cfssl(folder: string, args: readonly string[]): Promise<{ cert: string; key: string }> {
  const { stdout } = await run('cfssl', [...args], { cwd: folder, timeout: 20_000 });
  return JSON.parse(stdout) as { cert: string; key: string };
}
