import { connect, type IClientOptions } from 'mqtt';
import { systemClock } from '../../agent/core/clock.js';
import { Broker } from '../source-system/broker.js';
import { CertificateAuthority, type Identity } from '../source-system/certificate-authority.js';
import { newPrivateJwk, signerOf } from '../source-system/signer.js';
import { KeptLog } from '../support/kept-log.js';
import { waitUntil } from '../support/wait-until.js';
import { isUp, STAGE_RECEIVER, type Stage } from './stage.js';
import type { ProcessThreat, Verdict } from './threat.js';

const DAY_MS = 86_400_000;
const PAST = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
const FUTURE = { notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 2 * DAY_MS) };

/** Somebody tries to get into the province's broker; it must refuse, and the receiver must stay connected. */
async function intrude(
  stage: Stage,
  what: string,
  identity: Identity,
  options: IClientOptions = {},
): Promise<Verdict> {
  const before = stage.refusals.length;
  const client = connect(stage.source.endpoints.broker, {
    ...{ key: identity.keyPem, cert: identity.certificatePem, ca: stage.source.ca.anchorsPem },
    ...{ clientId: 'rx-9', protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 5_000, ...options },
  });
  // What ends it without an answer is a refusal, too.
  client.on('error', () => undefined);
  const entered = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('close', () => resolve(false));
  });
  client.end(true);
  const reason = await waitUntil('a refusal', () =>
    stage.refusals.slice(before).find((one) => one.what === what),
  )
    .then((refusal) => refusal.reason)
    .catch(() => 'no refusal was reported');
  const stays = isUp(await stage.receiver.status());
  return {
    stopped: !entered && reason !== 'no refusal was reported' && stays,
    seen: `${reason}${stays ? '' : '; the receiver was cut'}`,
  };
}

/** A false broker with this certificate: the receiver must not connect, and must be back with the true one. */
async function falseBroker(stage: Stage, identity: Identity): Promise<Verdict> {
  const { source, receiver } = stage;
  const broker = await Broker.start({ identity, anchorsPem: source.ca.anchorsPem, log: new KeptLog() });
  try {
    await stage.run(broker.port);
    const { link } = await receiver.waitFor('an error', (status) => status.link.lastError !== undefined);
    const inside = broker.clientIds.length;
    const code = link.lastError?.code ?? 'none';
    await stage.run();
    return {
      stopped: code === 'E_LINK_TLS' && inside === 0 && (await stage.obeys()),
      seen: `${code}: ${link.lastError?.detail ?? ''}`.slice(0, 160),
    };
  } finally {
    await broker.close();
  }
}

async function oversized(stage: Stage, sizes: readonly number[], named: RegExp): Promise<Verdict> {
  const { receiver, source } = stage;
  const before = receiver.written.length;
  for (const size of sizes) await source.publish('loa/v1/area/ap-1/command', Buffer.alloc(size, 0x41));
  const obeys = await waitUntil('an honest command is heard again', () => stage.obeys(), {
    deadlineMs: 12_000,
  }).catch(() => false);
  const code = named.exec(receiver.written.slice(before))?.[0];
  return {
    stopped: obeys && code !== undefined,
    seen: `${code ?? 'no code'}; ${obeys ? 'obeys on' : 'DEAF for 12 s'}`,
  };
}

const tlsClient = {
  vi: 'TLS hai chiều: máy chủ kiểm chứng thư của bộ thu',
  en: "mutual TLS: the broker checks the receiver's certificate",
};
const tlsServer = {
  vi: 'TLS hai chiều: bộ thu kiểm chứng thư của máy chủ',
  en: "mutual TLS: the receiver checks the broker's certificate, name and dates",
};

/** Attacks on the wire, tried on a running receiver. */
export const wireThreats: readonly ProcessThreat[] = [
  {
    id: 'foreign-ca',
    threat: { vi: 'Chứng thư của tổ chức lạ', en: 'a client with a certificate of a foreign CA' },
    stops: tlsClient,
    attackProcess: async (stage) => {
      const stranger = await CertificateAuthority.create(systemClock, 'somebody else');
      return intrude(stage, 'tls', await stranger.issueReceiver('rx-9'));
    },
  },
  {
    id: 'expired-certificate',
    threat: { vi: 'Chứng thư hết hạn', en: 'a client with an expired certificate' },
    stops: tlsClient,
    attackProcess: async (stage) => intrude(stage, 'tls', await stage.source.ca.issueReceiver('rx-9', PAST)),
  },
  {
    id: 'certificate-not-yet-valid',
    threat: { vi: 'Chứng thư chưa có hiệu lực', en: 'a client with a certificate that is not yet valid' },
    stops: tlsClient,
    attackProcess: async (stage) =>
      intrude(stage, 'tls', await stage.source.ca.issueReceiver('rx-9', FUTURE)),
  },
  {
    id: 'other-client-id',
    threat: {
      vi: 'Bộ thu bị đánh cắp dùng mã của bộ thu khác',
      en: "a stolen receiver's certificate with another receiver's client id, to cut it and read its topics",
    },
    stops: {
      vi: 'Mã máy khách phải là tên trong chứng thư',
      en: 'the client id must be the name in the certificate',
    },
    attackProcess: async (stage) =>
      intrude(stage, 'client-id', await stage.source.ca.issueReceiver('rx-9'), { clientId: STAGE_RECEIVER }),
  },
  {
    id: 'false-broker-foreign-ca',
    threat: { vi: 'Máy chủ giả với chứng thư lạ', en: 'a false broker with a certificate of a foreign CA' },
    stops: tlsServer,
    attackProcess: async (stage) => {
      const stranger = await CertificateAuthority.create(systemClock, 'somebody else');
      return falseBroker(stage, await stranger.issueServer());
    },
  },
  {
    id: 'false-broker-expired',
    threat: { vi: 'Máy chủ giả với chứng thư hết hạn', en: 'a false broker with an expired certificate' },
    stops: tlsServer,
    attackProcess: async (stage) => falseBroker(stage, await stage.source.ca.issueServer(PAST)),
  },
  {
    id: 'false-broker-not-yet-valid',
    threat: {
      vi: 'Máy chủ giả với chứng thư chưa có hiệu lực',
      en: 'a false broker with a certificate that is not yet valid',
    },
    stops: tlsServer,
    attackProcess: async (stage) => falseBroker(stage, await stage.source.ca.issueServer(FUTURE)),
  },
  {
    id: 'false-broker-receiver-certificate',
    threat: {
      vi: 'Bộ thu bị đánh cắp giả làm máy chủ',
      en: "a stolen receiver's certificate used as a broker's",
    },
    stops: {
      vi: 'Chứng thư của bộ thu không dùng cho máy chủ và không mang tên máy chủ',
      en: "a receiver's certificate is no server's, and does not carry the broker's name",
    },
    attackProcess: async (stage) => falseBroker(stage, await stage.source.ca.issueReceiver('localhost')),
  },
  {
    id: 'megabyte-wire',
    threat: {
      vi: 'Máy chủ gửi 300 kB và 1 MB',
      en: 'a broker that sends payloads of 300 kB and 1 MB (10^6 bytes) to a running receiver',
    },
    stops: {
      vi: 'Bộ chắn gói: bỏ dần khi đang đến, không giữ trong bộ nhớ',
      en: 'the packet guard drops them as they come in, holding none in memory, and acknowledges',
    },
    attackProcess: (stage) => oversized(stage, [300_000, 1_000_000], /E_MESSAGE_SIZE/),
  },
  {
    id: 'stolen-broker-account',
    threat: {
      vi: 'Tài khoản máy chủ bị đánh cắp: lệnh không ký, ký bằng khóa lạ, lệnh cũ',
      en: 'a stolen broker account: commands unsigned, signed by a foreign key, and copied',
    },
    stops: {
      vi: 'Chữ ký nằm trong thư, không ở đường truyền',
      en: 'who may speak is in the message, not in the connection',
    },
    attackProcess: async (stage) => {
      const { source, receiver } = stage;
      const intruder = await signerOf(await newPrivateJwk());
      const asked = {
        target: { area: 'ap-1' },
        source: { kind: 'stored', name: 'siren' },
        title: 'Intruder',
      } as const;
      const honest = await source.province.playStart('province', {
        ...asked,
        title: 'Copied',
        forMs: 60_000,
      });
      await source.send(honest);
      await receiver.waitFor('it plays', ({ onAir }) => onAir?.title === 'Copied');
      const { playId } = honest.message.body;
      await source.send(await source.province.playStop('province', { target: asked.target, playId }));
      await receiver.waitFor('silence', ({ onAir }) => onAir === undefined);
      const forged = await source.province.playStart('province', asked, { signer: intruder });
      await source.publish(honest.topic, JSON.stringify(forged.message));
      await source.send(forged);
      await source.send(honest);
      const codes = ['E_MESSAGE_GARBAGE', 'E_SIGNATURE_KEY', 'E_COMMAND_REPLAY'];
      const status = await receiver.waitFor('three refusals', ({ refused }) =>
        codes.every((code) => (refused[code] ?? 0) > 0),
      );
      const silent = status.onAir === undefined;
      return {
        stopped: silent && (await stage.obeys()),
        seen: `${codes.join(', ')}; ${silent ? 'nothing heard' : 'HEARD'}`,
      };
    },
  },
  {
    id: 'poison-message',
    threat: {
      vi: 'Một thư QoS 1 trên 1 MiB làm bộ thu điếc',
      en: 'one QoS 1 message of more than 1 MiB deafens a receiver: it cuts the link, and the broker sends it again',
    },
    stops: {
      vi: 'Bộ chắn gói xác nhận rồi mới cắt kết nối, nên thư không quay lại',
      en: 'the packet guard acknowledges it before it ends the connection, so that it does not come back',
    },
    attackProcess: (stage) => oversized(stage, [1_048_576 + 1], /E_MESSAGE_SIZE|E_LINK_PROTOCOL/),
  },
  {
    id: 'flooded-topic',
    threat: {
      vi: 'Một tài khoản máy chủ bị đánh cắp đổ hàng trăm thư rác vào chủ đề lệnh của xã',
      en: 'a stolen broker account floods the command topic of an area, so that the receiver has no time for anything else',
    },
    stops: {
      vi: 'Từ chối được đếm; quá 300 trong một phút thì rời chủ đề đó một phút và báo cảnh báo; các chủ đề khác vẫn nghe',
      en: 'refusals are counted; after 300 within a minute the topic is left for a minute and reported, and the others go on',
    },
    attackProcess: async (stage) => {
      const { source, receiver } = stage;
      const topic = 'loa/v1/area/ap-1/command';
      let events = 0;
      const unheard = source.ears.onMessage(({ kind, message }) => {
        if (kind === 'event' && message.body.code === 'E_MESSAGE_GARBAGE') events += 1;
      });
      for (let i = 0; i < 330; i += 1) await source.publish(topic, `rubbish ${i}`);
      await source.ears.waitFor('event', ({ message }) => message.body.code === 'E_TOPIC_FLOODED', 20_000);
      const refusals = async (): Promise<number> =>
        (await receiver.status()).refused['E_MESSAGE_GARBAGE'] ?? 0;
      // What was under way when it left the topic (20 at most) still comes.
      let before = -1;
      const settled = async (): Promise<boolean> => before === (before = await refusals());
      await waitUntil('the rubbish that was under way', settled, { everyMs: 500, deadlineMs: 20_000 });
      for (let i = 0; i < 100; i += 1) await source.publish(topic, `more ${i}`);
      const obeys = await stage.obeys({ receiver: STAGE_RECEIVER });
      const after = await refusals();
      unheard();
      // A new start subscribes to everything: the next attack finds the receiver as it was.
      await stage.run();
      return {
        stopped: obeys && after === before && events <= 20 && (await stage.obeys()),
        seen: `${before} refusals counted in ${events} events, then left: ${after - before} more; ${obeys ? 'obeys on its own topic' : 'DEAF'}`,
      };
    },
  },
];
