import { createHmac, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import { TYP } from '../../protocols/signed-message.js';
import type { Bench } from './bench.js';
import type { PieceThreat } from './threat.js';
import { all, COMMAND_TOPIC, refusedWith } from './verdicts.js';

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A compact JWS whose parts are chosen freely: what a library would not write. */
function jws(header: object, payloadText: string, key: KeyObject | ((data: string) => Buffer)): string {
  const data = `${encoded(JSON.stringify(header))}.${encoded(payloadText)}`;
  const signature =
    typeof key === 'function'
      ? key(data)
      : signBytes('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' });
  return `${data}.${signature.toString('base64url')}`;
}

function playText(bench: Bench): string {
  return JSON.stringify(bench.cast.play(bench));
}

async function refusedText(bench: Bench, code: string, text: string) {
  return refusedWith(bench, code, () => bench.takes(COMMAND_TOPIC, text));
}

const typ = TYP['play.start'];

/** Attacks on the form and signature of a message. */
export const signatureThreats: readonly PieceThreat[] = [
  {
    id: 'foreign-signing-key',
    threat: {
      vi: 'Lệnh ký bằng khóa không có trong văn bản tin cậy',
      en: 'a command signed by a key that is in no trust document',
    },
    stops: {
      vi: 'Mã khóa phải có trong văn bản tin cậy; từ chối trước khi tính toán',
      en: 'the key id must be in the trust document; refused before any arithmetic',
    },
    attack: async (bench) =>
      refusedText(bench, 'E_SIGNATURE_KEY', await bench.cast.sign(bench.cast.play(bench), 'stranger')),
  },
  {
    id: 'borrowed-kid',
    threat: {
      vi: 'Chữ ký của khóa lạ dưới mã khóa của tỉnh',
      en: "another key's signature under a known kid",
    },
    stops: {
      vi: 'Chữ ký được kiểm bằng đúng khóa mang mã đó',
      en: 'the signature is verified with the key of that id',
    },
    attack: async (bench) => {
      const { province, stranger } = bench.cast.signers;
      const header = { alg: 'ES256', kid: province.kid, typ };
      return refusedText(bench, 'E_SIGNATURE_INVALID', jws(header, playText(bench), stranger.key));
    },
  },
  {
    id: 'altered-body',
    threat: { vi: 'Nội dung bị sửa sau khi ký', en: 'a body altered after it was signed' },
    stops: { vi: 'Chữ ký phủ toàn bộ nội dung', en: 'the signature covers every byte' },
    attack: async (bench) => {
      const signed = await bench.cast.sign(bench.cast.play(bench), 'province');
      const [header = '', payload = '', signature = ''] = signed.split('.');
      const text = Buffer.from(payload, 'base64url').toString().replace('"normal"', '"priority"');
      return refusedText(bench, 'E_SIGNATURE_INVALID', [header, encoded(text), signature].join('.'));
    },
  },
  {
    id: 'algorithm-none',
    threat: { vi: 'Thuật toán "none"', en: 'algorithm confusion: alg none, with and without a signature' },
    stops: {
      vi: 'Danh sách thuật toán cho phép; thuật toán đi theo khóa, không theo thư',
      en: 'an allow-list; the algorithm belongs to the key, not to the message',
    },
    attack: async (bench) => {
      const { province } = bench.cast.signers;
      const header = { alg: 'none', kid: province.kid, typ };
      const none = jws(header, playText(bench), () => Buffer.alloc(0));
      return all(
        await refusedText(bench, 'E_SIGNATURE_ALGORITHM', none),
        await refusedText(bench, 'E_SIGNATURE_ALGORITHM', jws(header, playText(bench), province.key)),
      );
    },
  },
  {
    id: 'algorithm-hs256',
    threat: {
      vi: 'HS256 với khóa công khai làm khóa bí mật',
      en: 'algorithm confusion: HS256 with the public key as the secret',
    },
    stops: {
      vi: 'Danh sách thuật toán cho phép; không có mã xử lý HMAC',
      en: 'an allow-list; there is no code for HMAC to reach',
    },
    attack: async (bench) => {
      const { kid, jwk } = bench.cast.signers.province;
      const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      const verdicts = [];
      for (const secret of [pem, JSON.stringify(jwk), jwk.x]) {
        const mac = (data: string): Buffer => createHmac('sha256', secret).update(data).digest();
        const text = jws({ alg: 'HS256', kid, typ }, playText(bench), mac);
        verdicts.push(await refusedText(bench, 'E_SIGNATURE_ALGORITHM', text));
      }
      return all(...verdicts);
    },
  },
  {
    id: 'embedded-key',
    threat: {
      vi: 'Thư mang theo khóa của chính kẻ gửi (jwk, jku, x5c)',
      en: 'a message that brings its own key (jwk, jku, x5c)',
    },
    stops: { vi: 'Phần đầu chỉ có alg, kid, typ', en: 'a header holds alg, kid and typ, nothing else' },
    attack: async (bench) => {
      const { stranger, province } = bench.cast.signers;
      const verdicts = [];
      for (const own of [
        { jwk: stranger.jwk },
        { jku: 'https://intruder.example/keys' },
        { x5c: ['AA=='] },
      ]) {
        const text = jws({ alg: 'ES256', kid: province.kid, typ, ...own }, playText(bench), stranger.key);
        verdicts.push(await refusedText(bench, 'E_SIGNATURE_ALGORITHM', text));
      }
      return all(...verdicts);
    },
  },
  {
    id: 'unknown-crit',
    threat: { vi: 'Phần mở rộng bắt buộc không hiểu (crit)', en: 'an unknown crit header' },
    stops: { vi: 'Không nhận crit nào', en: 'no crit is taken (RFC 7515, 4.1.11)' },
    attack: async (bench) => {
      const { kid, key } = bench.cast.signers.province;
      const header = { alg: 'ES256', kid, typ, crit: ['exp'], exp: 4_102_444_800 };
      return refusedText(bench, 'E_SIGNATURE_ALGORITHM', jws(header, playText(bench), key));
    },
  },
  {
    id: 'other-kind',
    threat: {
      vi: 'Văn bản loại này được đưa ra như loại khác',
      en: 'a message of one kind passed off as another (typ)',
    },
    stops: {
      vi: 'Mỗi loại có typ riêng',
      en: 'each kind has a typ of its own, and it must fit the type inside',
    },
    attack: async (bench) => {
      const { kid, key } = bench.cast.signers.province;
      const header = { alg: 'ES256', kid, typ: TYP.assignment };
      return refusedText(bench, 'E_SIGNATURE_ALGORITHM', jws(header, playText(bench), key));
    },
  },
  {
    id: 'duplicate-json-keys',
    threat: {
      vi: 'Một khóa JSON đứng hai lần, hai bộ đọc hiểu khác nhau',
      en: 'duplicate JSON keys, which two readers would read differently',
    },
    stops: { vi: 'Bộ đọc JSON nghiêm ngặt', en: 'a strict JSON reader: no key twice, however it is spelled' },
    attack: async (bench) => {
      const { kid, key } = bench.cast.signers.province;
      const verdicts = [];
      for (const twice of [
        '"class":"normal","class":"priority"',
        '"class":"normal","cl\\u0061ss":"normal"',
      ]) {
        const text = playText(bench).replace('"class":"normal"', twice);
        const signed = jws({ alg: 'ES256', kid, typ }, text, key);
        verdicts.push(await refusedText(bench, 'E_MESSAGE_GARBAGE', signed));
      }
      return all(...verdicts);
    },
  },
  {
    id: 'megabyte',
    threat: { vi: 'Nội dung 1 MB, ký đúng', en: 'a 1 MB payload, rightly signed' },
    stops: {
      vi: 'Giới hạn 64 KiB trước khi đọc',
      en: '64 KiB at most, looked at before anything is read (over the wire: megabyte-wire)',
    },
    attack: async (bench) => {
      const text = `${playText(bench)}${' '.repeat(1_000_000)}`;
      const { kid, key } = bench.cast.signers.province;
      return refusedText(bench, 'E_MESSAGE_SIZE', jws({ alg: 'ES256', kid, typ }, text, key));
    },
  },
  {
    id: 'other-name',
    threat: {
      vi: 'Xã ký bằng khóa của mình nhưng ghi tên tỉnh',
      en: "a commune signs with its own key in the province's name",
    },
    stops: {
      vi: 'Đơn vị trong thư phải là chủ của khóa',
      en: 'the authority named must be the owner of the key',
    },
    attack: async (bench) => {
      const play = bench.cast.play(bench, 'commune', { authority: 'province' });
      return refusedText(bench, 'E_AUTHORITY_GRANT', await bench.cast.sign(play, 'commune'));
    },
  },
];
