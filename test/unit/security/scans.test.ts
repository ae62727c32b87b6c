import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { listenersOf } from '../../../build/listeners.js';
import { suspectsIn } from '../../../build/secrets.js';
import { repositoryRoot } from '../../heard/repository-root.js';
import { missingTool, runTool } from '../../support/external-tool.js';

const skip = platform() === 'linux' ? false : 'it reads /proc of Linux';

t.test('a listening TCP socket and a bound UDP socket are found, by port', { skip }, async (t) => {
  t.same(await listenersOf(process.pid), []);
  const tcp = createServer().listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await once(udp, 'listening');
  t.teardown(() => {
    tcp.close();
    udp.close();
  });
  const found = await listenersOf(process.pid);
  t.same(
    found.map(({ protocol, port }) => [protocol, port]),
    [
      ['tcp', (tcp.address() as AddressInfo).port],
      ['udp', udp.address().port],
    ],
  );
});

t.test('a process that is gone is an error, not a clean bill', { skip }, async (t) => {
  await t.rejects(listenersOf(2 ** 22 + 1));
});

t.test('private keys, tokens and assigned secrets are found', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  const kinds = (text: string): string[] => suspectsIn(text, 'x').map(({ kind }) => kind);
  t.same(kinds(`some text\n${pem}`), ['private key']);
  t.same(kinds(jwk), ['private JWK']);
  t.same(kinds(`ghp_${'aB3'.repeat(12)}`), ['token']);
  t.same(kinds(`const ${'pass'}word = "x7Kq-92mZ!pLw4"`), ['assigned secret']);
  t.equal(suspectsIn(`a\nb\n${jwk}`, 'x')[0]?.line, 3);
});

t.test('words, names of headers and public keys are no secrets', async (t) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  t.same(suspectsIn(pem, 'x'), []);
  t.same(suspectsIn(JSON.stringify(publicKey.export({ format: 'jwk' })), 'x'), []);
  t.same(suspectsIn(`-----BEGIN ${'PRIVATE'} KEY-----`, 'x'), []);
  t.same(suspectsIn('token: "passwordpassword"', 'x'), []);
});

t.test('the repository holds no secret', { skip: missingTool('git') }, async (t) => {
  const root = repositoryRoot(import.meta.url);
  const { exitCode, output, errorText } = await runTool(process.execPath, [
    join(root, 'dist', 'build', 'scan-secrets.js'),
  ]);
  t.equal(exitCode, 0, `${output.toString()}${errorText}`);
});
