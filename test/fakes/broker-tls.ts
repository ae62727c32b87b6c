import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An authority with a broker's and a receiver's certificate, EC P-256, PEM files in a folder of their own. */
export interface BrokerTls {
  readonly folder: string;
  readonly ca: string;
  readonly server: { readonly key: string; readonly cert: string };
  readonly client: { readonly key: string; readonly cert: string };
  remove(): Promise<void>;
}

/** Why such certificates cannot be made here; false where they can. To be given to tap's `skip`. */
export function withoutOpenssl(): string | false {
  return spawnSync('openssl', ['version']).status === 0 ? false : 'missing tool: openssl';
}

/** Makes them with the openssl program. Files: ca.pem, server.key, server.pem, client.key, client.pem. */
export async function makeBrokerTls(clientName: string): Promise<BrokerTls> {
  const folder = await mkdtemp(join(tmpdir(), 'loa-tls-'));
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    ...['req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'],
    '-subj',
    '/CN=Test CA',
  );
  await writeFile(join(folder, 'server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await writeFile(join(folder, 'client.ext'), 'extendedKeyUsage=clientAuth\n');
  for (const [name, subject] of [
    ['server', 'localhost'],
    ['client', clientName],
  ] as const) {
    await openssl(
      ...['req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${subject}`],
    );
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
  }
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  return {
    folder,
    ca: await read('ca.pem'),
    server: { key: await read('server.key'), cert: await read('server.pem') },
    client: { key: await read('client.key'), cert: await read('client.pem') },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
