import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { RevocationWatch } from '../../../agent/revocation-watch.js';
import { Revocation } from '../../../certs/revocation.js';
import { openssl, OpensslAuthority, opensslMissing } from '../../fixtures/certificates/openssl-authority.js';
import { stepClock } from '../../support/step-clock.js';
import { keptLog } from '../link/support.js';

t.test(
  'a list is fetched, a failure is one alarm, and a newer list is told of',
  { skip: opensslMissing() },
  async (t) => {
    const authority = new OpensslAuthority('province');
    t.teardown(() => authority.close());
    const at = (name: string): string => join(authority.folder, name);
    const listOf = (update: string): Buffer => {
      writeFileSync(at('index.txt'), '');
      openssl(
        ...['ca', '-gencrl', '-config', at('ca.cnf'), '-keyfile', at('ca.key'), '-cert', at('ca.crt')],
        ...[
          '-crl_lastupdate',
          `2026${update}000000Z`,
          '-crl_nextupdate',
          '20300101000000Z',
          '-out',
          at('crl.pem'),
        ],
      );
      return readFileSync(at('crl.pem'));
    };
    let served: Buffer | undefined;
    const server = createServer((_, response) => {
      response.statusCode = served === undefined ? 503 : 200;
      response.end(served);
    }).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const told: string[] = [];
    let news = 0;
    const issuers = [new X509Certificate(authority.certificatePem)];
    const watch = new RevocationWatch({
      revocation: await Revocation.open(join(t.testdir(), 'revoked.crl'), issuers),
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoked.crl`,
      ...{ anchorsPem: () => [], clock: stepClock(Date.parse('2026-11-23T03:00:00Z')), log: keptLog() },
      tell: ({ kind, code }) => told.push(`${kind} ${code}`),
      onNew: () => (news += 1),
    });
    t.teardown(() => watch.close());
    await watch.look();
    await watch.look();
    t.same(told, ['alarm E_REVOCATION_LIST'], 'once, however often it fails');
    served = listOf('1101');
    await watch.look();
    t.same(told.slice(1), ['cleared E_REVOCATION_LIST']);
    t.equal(news, 1);
    await watch.look();
    t.equal(news, 1, 'the same list is no news');
    served = listOf('1102');
    await watch.look();
    t.equal(news, 2);
    served = listOf('1101');
    await watch.look();
    t.same(told.slice(2), ['alarm E_REVOCATION_LIST'], 'an older list is an alarm');
    served = Buffer.alloc(2_000_000);
    await watch.look();
    t.equal(news, 2, 'one too long is not read');
  },
);
