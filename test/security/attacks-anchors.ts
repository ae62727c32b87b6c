import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { systemClock } from '../../agent/core/clock.js';
import { readStagedAnchors } from '../../certs/anchors.js';
import { Revocation } from '../../certs/revocation.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import { anchorRig, type AnchorRig } from '../support/anchor-rig.js';
import { temporaryFolder, type Teardown } from '../support/temporary-folder.js';
import type { PieceThreat, Verdict } from './threat.js';

/** Runs something that clears up after itself, as a test does. */
async function cleared<T>(work: (t: Teardown) => Promise<T>): Promise<T> {
  const closers: (() => unknown)[] = [];
  try {
    return await work({ teardown: (close) => void closers.push(close) });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** A look at an EST server whose TLS key is the thief's; the anchors must stay, and nothing may wait. */
async function stolenEst(
  anchors: readonly ('old' | 'next')[],
  offers: (rig: AnchorRig) => Promise<readonly string[]>,
): Promise<Verdict> {
  return cleared(async (t) => {
    const rig = await anchorRig(t, 'old', anchors);
    const before = rig.inForce.identity.anchorsPem.join('');
    rig.province.server.rotate({ caCertificatesPem: await offers(rig) });
    await rig.watch.look();
    const stays = rig.inForce.identity.anchorsPem.join('') === before;
    const staged = await readStagedAnchors(rig.folder);
    return {
      stopped: stays && staged === undefined,
      seen: `${stays ? 'the anchors stay' : 'OTHER ANCHORS IN FORCE'}; ${rig.told.join() || 'no news'}`,
    };
  });
}

/** A TLS server whose certificate is on the list, from the true authority and in its validity. */
async function revokedServer(): Promise<Verdict> {
  return cleared(async (t) => {
    const ca = await CertificateAuthority.create(systemClock);
    const { certificatePem, keyPem } = await ca.issueServer();
    const path = join(await temporaryFolder(t), 'revoked.crl');
    const revocation = await Revocation.open(path, [new X509Certificate(ca.anchorsPem)]);
    const server = createServer({ key: keyPem, cert: certificatePem }).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const shake = async (): Promise<string> => {
      const socket = connect({
        ...{ host: '127.0.0.1', servername: 'localhost', port: (server.address() as AddressInfo).port },
        ...{ ca: ca.anchorsPem, checkServerIdentity: revocation.checkServerIdentity },
      });
      try {
        await once(socket, 'secureConnect');
        return 'connected';
      } catch (error) {
        return (error as Error).message;
      } finally {
        socket.destroy();
      }
    };
    const before = await shake();
    await revocation.offer(Buffer.from(await ca.revocationList([certificatePem])));
    const after = await shake();
    const old = await revocation.offer(Buffer.from(await ca.revocationList([], Date.now() - 86_400_000)));
    const stopped = before === 'connected' && /revoked/.test(after) && revocation.isPeerRevoked();
    return {
      stopped: stopped && old === 'older',
      seen: `${before}; then ${after}; last year's list: ${old}`,
    };
  });
}

/** Whom the device believes, attacked through those who tell it: EST server and leaked server keys. */
export const anchorThreats: readonly PieceThreat[] = [
  {
    id: 'est-foreign-anchor',
    threat: {
      vi: 'Máy chủ EST bị chiếm đưa ra CA lạ',
      en: 'a stolen EST server offers a foreign authority beside the true one',
    },
    stops: {
      vi: 'CA mới phải có chứng thư do CA đang tin cậy ký cho tên và khóa của nó',
      en: 'a new root is believed where one in force has signed for its name and key (NewWithOld); otherwise an alarm',
    },
    attack: () => stolenEst(['old'], async ({ old, next }) => [old.anchorsPem, next.anchorsPem]),
  },
  {
    id: 'est-older-anchor',
    threat: {
      vi: 'Máy chủ EST bị chiếm đưa lại bộ CA cũ để bộ thu bỏ CA mới',
      en: 'a stolen EST server offers an older set, so that receivers forget the new authority',
    },
    stops: {
      vi: 'CA chỉ bị bỏ khi có CA không cũ hơn thay thế',
      en: 'an anchor goes only where one of its age or younger is offered',
    },
    attack: () => stolenEst(['old', 'next'], async ({ old }) => [old.anchorsPem]),
  },
  {
    id: 'revoked-server-key',
    threat: {
      vi: 'Khóa của máy chủ bị lộ, chứng thư đã thu hồi; danh sách thu hồi cũ được đưa lại',
      en: "a server's key has leaked and its certificate is revoked; an older list is brought back",
    },
    stops: {
      vi: 'Danh sách thu hồi được hỏi ở mỗi lần bắt tay; danh sách cũ hơn bị từ chối',
      en: 'the list is asked at each handshake and ends a connection that stands; an older one is refused',
    },
    attack: revokedServer,
  },
];
