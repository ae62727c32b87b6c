import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import { codeOf } from '../../agent/core/errors.js';
import { recognise } from '../../agent/sound/audio-format.js';
import { accessTo, openBytes, type MediaAccess } from '../../agent/sound/sources/http-bytes.js';
import { MediaStore } from '../../agent/sound/sources/media-store.js';
import { CertificateAuthority } from '../source-system/certificate-authority.js';
import type { PieceThreat, Verdict } from './threat.js';
import { all } from './verdicts.js';

/** An HTTPS server, its address, and the access of a receiver that trusts the authority of `trusted`. */
async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  attack: (address: string, access: MediaAccess, folder: string) => Promise<Verdict>,
  trusted?: CertificateAuthority,
): Promise<Verdict> {
  const ca = await CertificateAuthority.create(systemClock);
  const { keyPem, certificatePem } = await ca.issueServer();
  const server = createServer({ key: keyPem, cert: certificatePem }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'loa-media-'));
  const access = { anchorsPem: [(trusted ?? ca).anchorsPem], plainHosts: [], stallMs: 2_000 };
  try {
    const { port } = server.address() as AddressInfo;
    return await attack(`https://localhost:${port}`, access, folder);
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function failsWith(code: string, work: Promise<unknown>): Promise<Verdict> {
  const seen = await work.then(
    () => 'taken',
    (error: unknown) => codeOf(error),
  );
  return { stopped: seen === code, seen };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const never = (): AbortSignal => new AbortController().signal;
const QUOTA = 1 << 20;

function redirectsTo(location: (host: string) => string): () => Promise<Verdict> {
  return () =>
    withServer(
      (request, response) =>
        void response.writeHead(302, { Location: location(request.headers.host ?? '') }).end(),
      (address, access) => failsWith('E_MEDIA_ADDRESS', openBytes(`${address}/live.mp3`, access, never())),
    );
}

/** Attacks on the sound itself: real HTTPS, the receiver's own fetching and store. */
export const mediaThreats: readonly PieceThreat[] = [
  {
    id: 'media-swapped',
    threat: { vi: 'Tệp âm thanh bị đổi sau khi ký', en: 'media swapped after signing' },
    stops: {
      vi: 'SHA-256 trong phần được ký, so trước khi phát',
      en: 'the SHA-256 is in the signed part and is compared before a sample is heard; nothing of it stays',
    },
    attack: () => {
      const honest = randomBytes(4_000);
      const swapped = Buffer.from(honest);
      swapped[2_000] = (swapped[2_000] ?? 0) ^ 1;
      return withServer(
        (_request, response) => void response.end(swapped),
        async (address, access, folder) => {
          const store = new MediaStore(folder, access, QUOTA);
          const digest = sha256(honest);
          const verdict = await failsWith('E_MEDIA_DIGEST', store.fetch(`${address}/a.mp3`, digest, never()));
          const left = await readdir(folder);
          const control = await store.fetch(`${address}/a.mp3`, sha256(swapped), never());
          const stopped = verdict.stopped && left.length === 0 && control.startsWith(folder);
          return { stopped, seen: `${verdict.seen}, ${left.length} files left` };
        },
      );
    },
  },
  {
    id: 'media-swapped-on-disk',
    threat: {
      vi: 'Tệp đã lưu trong bộ thu bị đổi',
      en: "a kept file swapped on the receiver's disk",
    },
    stops: {
      vi: 'So SHA-256 lại mỗi lần dùng',
      en: 'the digest is compared again each time the file is used; it is fetched again',
    },
    attack: () => {
      const honest = randomBytes(4_000);
      return withServer(
        (_request, response) => void response.end(honest),
        async (address, access, folder) => {
          const store = new MediaStore(folder, access, QUOTA);
          const digest = sha256(honest);
          const path = await store.fetch(`${address}/a.mp3`, digest, never());
          await writeFile(path, randomBytes(4_000));
          const again = await store.fetch(`${address}/a.mp3`, digest, never());
          const right = sha256(await readFile(again)) === digest;
          return {
            stopped: right,
            seen: right ? 'thrown away and fetched again' : 'the swapped file is used',
          };
        },
      );
    },
  },
  {
    id: 'media-redirected-http',
    threat: { vi: 'Chuyển hướng sang http', en: 'a live stream redirected to http' },
    stops: {
      vi: 'Chỉ https, hoặc http trong danh sách nội bộ',
      en: 'https only, or http on the local list; a redirect keeps the scheme',
    },
    attack: redirectsTo((host) => `http://${host}/live.mp3`),
  },
  {
    id: 'media-redirected-host',
    threat: { vi: 'Chuyển hướng sang máy chủ khác', en: 'a live stream redirected to another host' },
    stops: {
      vi: 'Chuyển hướng chỉ trong cùng máy chủ đã ký',
      en: 'a redirect is followed only on the host that the signed command names',
    },
    attack: redirectsTo((host) => `https://127.0.0.1:${host.split(':')[1] ?? '443'}/live.mp3`),
  },
  {
    id: 'media-foreign-server',
    threat: {
      vi: 'Máy chủ âm thanh giả (chứng thư lạ)',
      en: 'a false media server: DNS or routing taken over, a certificate of a foreign authority',
    },
    stops: {
      vi: 'TLS với gốc tin cậy của tỉnh',
      en: "TLS against the province's anchors",
    },
    attack: async () =>
      withServer(
        (_request, response) => void response.end('sound'),
        (address, access) => failsWith('E_MEDIA_CONNECT', openBytes(`${address}/live.mp3`, access, never())),
        await CertificateAuthority.create(systemClock, 'Another'),
      ),
  },
  {
    id: 'media-other-key',
    threat: {
      vi: 'Máy chủ âm thanh giả có chứng thư hợp lệ (cơ quan chứng thực bị lừa), khi lệnh có ghi khóa',
      en: 'a false media server with a valid certificate (an authority was deceived), where the command names the key',
    },
    stops: {
      vi: 'Khóa công khai trong phần được ký (pin) phải là khóa của máy chủ; không bao giờ qua http',
      en: "the key in the signed part (pin) must be the server's, at every redirect too; never over http",
    },
    attack: () =>
      withServer(
        (_request, response) => void response.end('sound'),
        async (address, access) => {
          const pin = sha256(randomBytes(32));
          const plainHosts = ['localhost'];
          const http = address.replace('https:', 'http:');
          return all(
            await failsWith('E_MEDIA_CONNECT', openBytes(address, accessTo({ pin }, access), never())),
            await failsWith(
              'E_MEDIA_ADDRESS',
              openBytes(http, accessTo({ pin }, { ...access, plainHosts }), never()),
            ),
          );
        },
      ),
  },
  {
    id: 'hls-segment-elsewhere',
    threat: {
      vi: 'Danh sách HLS trỏ tới máy chủ khác',
      en: 'an HLS segment from another host (HLS does not exist yet)',
    },
    stops: {
      vi: 'HLS chưa có: danh sách bị từ chối vì không phải âm thanh',
      en: 'HLS is not built yet: a playlist is refused as a format, and no address in it is asked',
    },
    attack: async () => {
      const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nhttps://intruder.example/1.ts\n';
      const outcomes = ['application/vnd.apple.mpegurl', 'audio/mpegurl', 'audio/mpeg', undefined].map(
        (type) => recognise(Buffer.from(playlist), type, true),
      );
      const codes = outcomes.map((one) => (one === undefined || one.ok ? 'taken' : one.refusal.code));
      return { stopped: codes.every((code) => code === 'E_MEDIA_FORMAT'), seen: [...new Set(codes)].join() };
    },
  },
];
