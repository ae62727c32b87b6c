import type { Bench } from './bench.js';
import type { PieceThreat, Verdict } from './threat.js';
import { all, COMMAND_TOPIC, emergencyTopic, refusedWith, stillObeys } from './verdicts.js';

const DAY_MS = 86_400_000;

async function heardOnce(bench: Bench): Promise<string> {
  const text = await bench.cast.sign(bench.cast.play(bench), 'province');
  await bench.takes(COMMAND_TOPIC, text);
  if (bench.opened.length !== 1) throw new Error('the command was not done the first time');
  return text;
}

function inForceAfter(bench: Bench, what: string): Verdict {
  const there = bench.emergencies().includes('Lũ quét');
  return { stopped: there, seen: `${what}: the emergency is ${there ? 'in force' : 'GONE'}` };
}

async function flood(bench: Bench, parts: { revision: number }, empty = false): Promise<string> {
  const set = bench.cast.emergencySet(bench, 'province', parts, empty ? [] : undefined);
  return bench.cast.sign(set, 'province');
}

/** Attacks with messages that were once honest. */
export const replayThreats: readonly PieceThreat[] = [
  {
    id: 'replay-same-run',
    threat: { vi: 'Phát lại một lệnh đã làm', en: 'a command replayed in the same run' },
    stops: { vi: 'Sổ ghi mã lệnh cho đến khi hết hạn', en: 'a journal holds each id until it has expired' },
    attack: async (bench) => {
      const text = await heardOnce(bench);
      return refusedWith(bench, 'E_COMMAND_REPLAY', () => bench.takes(COMMAND_TOPIC, text));
    },
  },
  {
    id: 'replay-after-reboot',
    threat: { vi: 'Phát lại sau khi khởi động lại', en: 'a command replayed after a reboot' },
    stops: { vi: 'Sổ nằm trên đĩa, ghi trước khi làm', en: 'the journal is on disk before anything is done' },
    attack: async (bench) => {
      const text = await heardOnce(bench);
      await bench.reboot();
      return refusedWith(bench, 'E_COMMAND_REPLAY', () => bench.takes(COMMAND_TOPIC, text));
    },
  },
  {
    id: 'replay-after-loss',
    threat: {
      vi: 'Phát lại một lệnh sau khi mất sổ và mất cả mốc thời gian (đĩa hỏng một phần)',
      en: 'a command replayed after the journal is lost, alone and together with what was known of the time',
    },
    stops: {
      vi: 'Mã của sổ còn được ghi cạnh danh tính: mất sổ không thể giả làm lần khởi động đầu tiên',
      en: "the journal's id also stands beside the identity: a loss is no first start, and what was issued before it is refused",
    },
    attack: async (bench) => {
      await bench.confirmTime();
      const play = await bench.cast.sign(bench.cast.play(bench), 'province');
      await bench.takes(COMMAND_TOPIC, play);
      if (bench.opened.length !== 1) throw new Error('the command was not done the first time');
      const verdicts: Verdict[] = [];
      for (const lost of [{ journal: true }, { journal: true, time: true }]) {
        await bench.reboot(lost);
        await bench.confirmTime();
        bench.clock.advance(2_000);
        verdicts.push(await refusedWith(bench, 'E_JOURNAL_LOST', () => bench.takes(COMMAND_TOPIC, play)));
      }
      return all(...verdicts);
    },
  },
  {
    id: 'replay-expired',
    threat: { vi: 'Phát lại sau khi lệnh hết hạn', en: 'a command replayed or delivered after it expired' },
    stops: { vi: 'Hạn nằm trong phần được ký', en: 'the expiry is in the signed part' },
    attack: async (bench) => {
      const text = await bench.cast.sign(bench.cast.play(bench), 'province');
      bench.clock.advance(6 * 60_000);
      return refusedWith(bench, 'E_COMMAND_EXPIRED', () => bench.takes(COMMAND_TOPIC, text));
    },
  },
  {
    id: 'replay-other-receiver',
    threat: { vi: 'Lệnh cho bộ thu khác', en: 'a command for one receiver replayed to another' },
    stops: { vi: 'Đích nằm trong phần được ký', en: 'the target is in the signed part' },
    attack: async (bench) => {
      const other = await bench.sibling('loa-0002');
      const play = bench.cast.play(bench, 'province', { target: { receiver: 'loa-0001', epoch: 3 } });
      const text = await bench.cast.sign(play, 'province');
      await bench.takes('loa/v1/receiver/loa-0001/command', text);
      if (bench.opened.length !== 1) throw new Error('its own receiver did not do it');
      return refusedWith(other, 'E_COMMAND_TARGET', () =>
        other.takes('loa/v1/receiver/loa-0002/command', text),
      );
    },
  },
  {
    id: 'replay-after-rehoming',
    threat: {
      vi: 'Lệnh cũ sau khi bộ thu chuyển địa bàn',
      en: 'a command of the old place replayed after the receiver was re-homed',
    },
    stops: {
      vi: 'Lệnh cho một bộ thu mang kỳ phân công; lệnh cho khu vực phải là khu vực hiện tại',
      en: "a command for one receiver carries the assignment's epoch; one for an area must be for an area of now",
    },
    attack: async (bench) => {
      const { cast } = bench;
      const own = cast.play(bench, 'province', { target: { receiver: bench.receiver, epoch: 3 } });
      const area = cast.play(bench);
      const texts = [await cast.sign(own, 'province'), await cast.sign(area, 'province')];
      const body = { home: 'thon-09', areas: ['thon-09', 'xa-002', 'tinh-01'], groups: [] };
      const moved = await cast.assignment(bench, { revision: 2, epoch: 4, body });
      await bench.takes(`loa/v1/receiver/${bench.receiver}/assignment`, moved);
      if (bench.home !== 'thon-09') throw new Error('it was not re-homed');
      return all(
        await refusedWith(
          bench,
          'E_COMMAND_TARGET',
          () => bench.takes(`loa/v1/receiver/${bench.receiver}/command`, texts[0] ?? ''),
          { obeys: false },
        ),
        await refusedWith(bench, 'E_COMMAND_TARGET', () => bench.takes(COMMAND_TOPIC, texts[1] ?? ''), {
          obeys: false,
        }),
      );
    },
  },
  {
    id: 'replay-old-assignment',
    threat: {
      vi: 'Phân công cũ được đưa lại để kéo bộ thu về xã cũ',
      en: 'an old assignment replayed to bring a receiver back to its old place',
    },
    stops: { vi: 'Kỳ và số hiệu phân công chỉ tăng', en: 'epoch and revision only rise' },
    attack: async (bench) => {
      const topic = `loa/v1/receiver/${bench.receiver}/assignment`;
      const old = await bench.cast.assignment(bench);
      const body = { home: 'thon-02', areas: ['thon-02', 'xa-001', 'tinh-01'], groups: [] };
      await bench.takes(topic, await bench.cast.assignment(bench, { revision: 2, epoch: 4, body }));
      const now = await refusedWith(bench, 'E_DOCUMENT_OLD', () => bench.takes(topic, old));
      await bench.reboot();
      const later = await refusedWith(bench, 'E_DOCUMENT_OLD', () => bench.takes(topic, old));
      return all(now, later, { stopped: bench.home === 'thon-02', seen: `home ${bench.home ?? 'none'}` });
    },
  },
  {
    id: 'older-revision',
    threat: {
      vi: 'Bản khẩn cấp cũ hơn (trống) được đưa lại',
      en: 'an older revision of an emergency set, an empty one, also after a reboot',
    },
    stops: { vi: 'Số hiệu chỉ tăng, giữ trên đĩa', en: 'a revision only rises, and is kept on disk' },
    attack: async (bench) => {
      const topic = emergencyTopic('province');
      const old = await flood(bench, { revision: 1 }, true);
      await bench.takes(topic, old);
      await bench.takes(topic, await flood(bench, { revision: 2 }));
      const now = await refusedWith(bench, 'E_DOCUMENT_OLD', () => bench.takes(topic, old));
      await bench.reboot();
      const later = await refusedWith(bench, 'E_DOCUMENT_OLD', () => bench.takes(topic, old));
      return all(now, later, inForceAfter(bench, 'after both'));
    },
  },
  {
    id: 'empty-retained-payload',
    threat: {
      vi: 'Máy chủ gửi nội dung rỗng để xóa',
      en: 'an empty retained payload, as a broker sends when it forgets',
    },
    stops: { vi: 'Nội dung rỗng không hủy gì cả', en: 'an empty payload cancels nothing' },
    attack: async (bench) => {
      await bench.takes(emergencyTopic('province'), await flood(bench, { revision: 1 }));
      for (const topic of [
        emergencyTopic('province'),
        'loa/v1/trust',
        `loa/v1/receiver/${bench.receiver}/assignment`,
      ])
        await bench.takes(topic, '');
      const now = inForceAfter(bench, 'at once');
      await bench.reboot();
      const kept = bench.home === 'thon-01' && bench.trust.version === 1;
      return all(now, inForceAfter(bench, 'after a reboot'), {
        stopped: kept,
        seen: kept ? 'assignment and trust kept' : 'assignment or trust LOST',
      });
    },
  },
  {
    id: 'lying-topic',
    threat: {
      vi: 'Máy chủ đặt thư vào chủ đề khác',
      en: 'a broker that lies about the topic: a document in the slot of another area or authority, a command as a document',
    },
    stops: {
      vi: 'Ô, đơn vị và đích nằm trong phần được ký và phải khớp chủ đề',
      en: 'slot, authority and target are in the signed part and must agree with the topic',
    },
    attack: async (bench) => {
      const { cast } = bench;
      const other = cast.emergencySet(bench, 'province', { slot: { area: 'xa-002' } });
      const otherText = await cast.sign(other, 'province');
      const play = await cast.sign(cast.play(bench), 'province');
      const set = await cast.sign(cast.emergencySet(bench), 'province');
      return all(
        await refusedWith(bench, 'E_DOCUMENT_SLOT', () => bench.takes(emergencyTopic('province'), otherText)),
        await refusedWith(bench, 'E_COMMAND_TARGET', () =>
          bench.takes('loa/v1/area/xa-002/emergency/province', otherText),
        ),
        await refusedWith(bench, 'E_DOCUMENT_SLOT', () => bench.takes(emergencyTopic('brigade'), set)),
        await refusedWith(bench, 'E_DOCUMENT_SLOT', () => bench.takes(emergencyTopic('province'), play)),
        await refusedWith(bench, 'E_DOCUMENT_SLOT', () => bench.takes(COMMAND_TOPIC, set)),
        await refusedWith(bench, 'E_MESSAGE_TYPE', () => bench.takes('loa/v1/whatever', play)),
      );
    },
  },
  {
    id: 'withheld-revision',
    threat: {
      vi: 'Máy chủ giữ lại bản mới hơn',
      en: 'a broker that withholds a newer revision: the end of an emergency never comes',
    },
    stops: {
      vi: 'Nhịp có ký ghi số hiệu mới nhất; thiếu nhịp là cảnh báo',
      en: 'the signed beat names the newest revisions; none for a day is an alarm',
    },
    attack: async (bench) => {
      await bench.takes(emergencyTopic('province'), await flood(bench, { revision: 1 }));
      await flood(bench, { revision: 2 }, true);
      const before = bench.events.length;
      for (let hour = 0; hour < 25; hour += 1) {
        bench.clock.advance(3_600_000);
        await bench.takes('loa/v1/trust', '');
      }
      const told = bench.events.slice(before).map(({ code }) => code);
      return { stopped: told.length > 0, seen: told.join() || 'a day without a word raises nothing' };
    },
  },
  {
    id: 'withheld-revocation',
    threat: {
      vi: 'Máy chủ giữ lại văn bản tin cậy có thu hồi',
      en: 'a broker that withholds a trust document (freeze): a revoked commune goes on speaking live',
    },
    stops: {
      vi: 'Quá 24 giờ không có nhịp thì từ chối phát trực tiếp của xã',
      en: 'after 24 h without a beat a commune may not speak live',
    },
    attack: async (bench) => {
      for (let hour = 0; hour < 25; hour += 1) {
        bench.clock.advance(3_600_000);
        await bench.takes('loa/v1/trust', '');
      }
      const source = { kind: 'live', url: 'https://media.example/live.mp3' } as const;
      const play = bench.cast.play(bench, 'commune', {}, { source });
      await bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'commune'));
      const heard = bench.opened.length > 0;
      return { stopped: !heard, seen: heard ? 'it speaks after a day without a word' : bench.codes().join() };
    },
  },
  {
    id: 'older-trust',
    threat: { vi: 'Văn bản tin cậy cũ hơn', en: 'an older trust document, from before a revocation' },
    stops: { vi: 'Chỉ nhận phiên bản kế tiếp', en: 'only the next version is taken' },
    attack: async (bench) => {
      const { cast } = bench;
      const old = await cast.nextTrust({ version: 1 });
      const since = new Date(bench.clock.nowMs() - DAY_MS).toISOString();
      await bench.takes('loa/v1/trust', await cast.nextTrust({ revoked: [{ authority: 'xa-001', since }] }));
      const now = await refusedWith(bench, 'E_TRUST_OLD', () => bench.takes('loa/v1/trust', old));
      await bench.reboot();
      const later = await refusedWith(bench, 'E_TRUST_OLD', () => bench.takes('loa/v1/trust', old));
      return all(now, later, { stopped: bench.trust.version === 2, seen: `version ${bench.trust.version}` });
    },
  },
  {
    id: 'trust-too-few',
    threat: {
      vi: 'Văn bản tin cậy thiếu chữ ký (một khóa gốc bị đánh cắp)',
      en: 'a trust document signed by too few: one stolen root key of two, or the same one twice',
    },
    stops: {
      vi: 'Ngưỡng khóa gốc của bản trước và bản mới',
      en: 'the threshold of the version before and of its own',
    },
    attack: async (bench) => {
      const { cast } = bench;
      const take = (text: string) => () => bench.takes('loa/v1/trust', text);
      const single = await cast.nextTrust({ authorities: [] }, [2]);
      const envelope = JSON.parse(single) as { payload: string; signatures: object[] };
      const twice = JSON.stringify({
        ...envelope,
        signatures: [...envelope.signatures, ...envelope.signatures],
      });
      const seized = cast.trust().root.keys[2];
      const lowered = await cast.nextTrust(
        { root: { threshold: 1, keys: seized === undefined ? [] : [seized] } },
        [2],
      );
      return all(
        await refusedWith(bench, 'E_TRUST_SIGNATURE', take(single)),
        await refusedWith(bench, 'E_TRUST_SIGNATURE', take(twice)),
        await refusedWith(bench, 'E_TRUST_SIGNATURE', take(lowered)),
        { stopped: bench.trust.version === 1, seen: `version ${bench.trust.version}` },
      );
    },
  },
  {
    id: 'trust-skipped',
    threat: {
      vi: 'Văn bản tin cậy nhảy phiên bản',
      en: 'a trust document that skips versions, to keep a revocation from being seen',
    },
    stops: { vi: 'Từng phiên bản một', en: 'one version after the other' },
    attack: async (bench) => {
      const far = await bench.cast.nextTrust({ version: 9 });
      await bench.takes('loa/v1/trust', far);
      const kept = bench.trust.version === 1 && (await stillObeys(bench));
      return { stopped: kept, seen: `version ${bench.trust.version} in force; ${bench.codes().join()}` };
    },
  },
];
