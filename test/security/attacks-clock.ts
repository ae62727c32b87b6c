import type { EmergencySet } from '../../protocols/messages/emergency.js';
import type { Bench } from './bench.js';
import type { PieceThreat } from './threat.js';
import { COMMAND_TOPIC, emergencyTopic, refusedWith } from './verdicts.js';

const YEAR_2099_MS = Date.parse('2099-06-01T00:00:00Z');

function stepTo(bench: Bench, wallMs: number): void {
  bench.clock.stepWall(wallMs - bench.clock.nowMs());
}

/** An emergency of somebody whose clock is right. */
function setOfTrueTime(bench: Bench, trueMs: number, revision: number): EmergencySet {
  const { body, ...set } = bench.cast.emergencySet(bench);
  const [startsAt, endsAt] = [trueMs - 1_000, trueMs + 3_600_000].map((ms) => new Date(ms).toISOString());
  if (startsAt === undefined || endsAt === undefined) throw new Error('no instant');
  const emergencies = body.emergencies.map((one) => ({ ...one, startsAt, endsAt }));
  return { ...set, revision, issuedAt: startsAt, body: { emergencies } };
}

/** Attacks by way of the clock (ManualClock: the wall clock of the parts is set, nothing of the machine). */
export const clockThreats: readonly PieceThreat[] = [
  {
    id: 'clock-1970-speaks',
    threat: {
      vi: 'Đồng hồ về 1970: lệnh đã hết hạn được phát lại',
      en: 'a clock at 1970 brings an old command to life',
    },
    stops: {
      vi: 'Thư từ tương lai quá 5 phút bị từ chối; khóa có hạn dùng',
      en: 'what was issued more than five minutes in the future is refused, and a key has a validity',
    },
    attack: async (bench) => {
      const old = await bench.cast.sign(bench.cast.play(bench), 'province');
      stepTo(bench, 60_000);
      await bench.reboot();
      return refusedWith(
        bench,
        ['E_COMMAND_TIME', 'E_AUTHORITY_REVOKED', 'E_AUTHORITY_AREA'],
        () => bench.takes(COMMAND_TOPIC, old),
        { obeys: false },
      );
    },
  },
  {
    id: 'clock-1970-silences',
    threat: {
      vi: 'Đồng hồ về 1970 làm im bản tin khẩn cấp',
      en: 'a clock at 1970 (an empty battery, a forged time server) silences an emergency',
    },
    stops: {
      vi: 'Mốc thời gian tin cậy không lùi; khẩn cấp cấp tỉnh vẫn phát',
      en: 'a floor of trusted time that never sinks; an emergency is kept whatever the clock',
    },
    attack: async (bench) => {
      const set = bench.cast.emergencySet(bench);
      await bench.takes(emergencyTopic('province'), await bench.cast.sign(set, 'province'));
      const before = bench.opened.length;
      stepTo(bench, 60_000);
      await bench.reboot();
      bench.clock.advance(120_000);
      const heard = bench.opened.length > before;
      return { stopped: heard, seen: heard ? 'it sounds' : 'the emergency is silent' };
    },
  },
  {
    id: 'clock-2099-speaks',
    threat: {
      vi: 'Đồng hồ nhảy tới 2099 khi đang nối, lệnh của tương lai',
      en: 'a clock stepped to 2099 while connected: old commands, and one dated 2099',
    },
    stops: {
      vi: 'Lệnh cũ hết hạn; khóa hết hạn dùng',
      en: 'old commands have expired, and keys are out of their validity',
    },
    attack: async (bench) => {
      const old = await bench.cast.sign(bench.cast.play(bench), 'province');
      stepTo(bench, YEAR_2099_MS);
      const fresh = await bench.cast.sign(bench.cast.play(bench, 'commune'), 'commune');
      return refusedWith(
        bench,
        ['E_COMMAND_EXPIRED', 'E_AUTHORITY_REVOKED', 'E_COMMAND_TIME'],
        async () => {
          await bench.takes(COMMAND_TOPIC, old);
          await bench.takes(COMMAND_TOPIC, fresh);
        },
        { obeys: false },
      );
    },
  },
  {
    id: 'clock-2099-silences',
    threat: {
      vi: 'Đồng hồ nhảy tới 2099 làm im bản tin khẩn cấp',
      en: 'a clock stepped to 2099 while connected silences an emergency',
    },
    stops: {
      vi: 'Thời gian tin cậy không tăng quá 24 giờ nếu không có nhịp',
      en: 'trusted time rises by at most 24 h without a signed beat',
    },
    attack: async (bench) => {
      await bench.confirmTime();
      const set = bench.cast.emergencySet(bench);
      await bench.takes(emergencyTopic('province'), await bench.cast.sign(set, 'province'));
      stepTo(bench, YEAR_2099_MS);
      bench.clock.advance(120_000);
      const heard = bench.closed.length === 0;
      return { stopped: heard, seen: heard ? 'it sounds on' : 'the emergency is silent' };
    },
  },
  {
    id: 'clock-2099-unheard',
    threat: {
      vi: 'Không có nhịp nào; đồng hồ nhảy tới 2099 khi đang nối: bản tin khẩn cấp mới bị coi là đã hết hạn',
      en: 'no beat ever, and a clock stepped to 2099 while connected: a new emergency counts as over',
    },
    stops: {
      vi: 'Đồng hồ chạy tiếp từ lúc còn đúng, trong một ngày; tin mới đến được xét theo giờ ký của chính nó',
      en: 'the clock is run on from where it was right, for a day; what comes after is judged by when it was signed',
    },
    attack: async (bench) => {
      const beganMs = bench.clock.nowMs();
      let ranMs = 10_000;
      bench.clock.advance(ranMs);
      stepTo(bench, YEAR_2099_MS);
      const heard: boolean[] = [];
      for (const [revision, laterMs] of [
        [1, 0],
        [2, 30 * 3_600_000],
      ] as const) {
        bench.clock.advance(laterMs);
        ranMs += laterMs;
        const before = bench.opened.length;
        const set = setOfTrueTime(bench, beganMs + ranMs, revision);
        await bench.takes(emergencyTopic('province'), await bench.cast.sign(set, 'province'));
        heard.push(bench.opened.length > before);
      }
      return {
        stopped: !heard.includes(false),
        seen: heard.map((one) => (one ? 'heard' : 'SILENT')).join(', '),
      };
    },
  },
  {
    id: 'clock-2099-at-boot',
    threat: {
      vi: 'Khởi động với đồng hồ ở năm 2099, không có mạng: bản tin khẩn cấp đã lưu bị coi là đã hết hạn',
      en: 'a start with the clock at 2099 and no network: a stored emergency counts as over',
    },
    stops: {
      vi: 'Quá 24 giờ so với mọi mốc đã ký: sau một phút chờ nhịp, khẩn cấp được xét theo mốc đã biết, tối đa một ngày',
      en: 'more than 24 h beyond all that was signed: after a minute in which a beat may come, emergencies are judged by what is known, for a day at most',
    },
    attack: async (bench) => {
      await bench.confirmTime();
      const set = bench.cast.emergencySet(bench);
      await bench.takes(emergencyTopic('province'), await bench.cast.sign(set, 'province'));
      const before = bench.opened.length;
      stepTo(bench, YEAR_2099_MS);
      await bench.reboot();
      bench.clock.advance(180_000);
      const heard = bench.opened.length - before;
      bench.clock.advance(25 * 3_600_000);
      const over = bench.emergencies().length === 0;
      return {
        stopped: heard > 0 && over,
        seen:
          heard > 0
            ? `heard${over ? ', and ends at its end' : ', but NEVER ends'}`
            : 'the emergency is silent',
      };
    },
  },
  {
    id: 'clock-2099-and-back',
    threat: {
      vi: 'Đồng hồ nhảy tới 2099 rồi về: sổ bị dọn, lệnh phát lại',
      en: 'a clock stepped to 2099 and back: the journal forgets, and a command is replayed',
    },
    stops: {
      vi: 'Sổ chỉ được dọn theo thời gian tin cậy',
      en: 'the journal may be pruned by trusted time only',
    },
    attack: async (bench) => {
      const nowMs = bench.clock.nowMs();
      const expiresAt = new Date(nowMs + 20 * 3_600_000).toISOString();
      const until = new Date(nowMs + 3_600_000 * 0.9).toISOString();
      const startAt = new Date(nowMs - 1_000).toISOString();
      const play = bench.cast.play(bench, 'province', { expiresAt }, { until, startAt });
      const text = await bench.cast.sign(play, 'province');
      await bench.takes(COMMAND_TOPIC, text);
      if (bench.opened.length !== 1) throw new Error('the command was not done the first time');
      stepTo(bench, YEAR_2099_MS);
      await bench.reboot();
      stepTo(bench, nowMs + 60_000);
      await bench.reboot();
      await bench.takes(COMMAND_TOPIC, text);
      const replayed = bench.opened.length > 1;
      return { stopped: !replayed, seen: replayed ? 'replayed and HEARD' : bench.codes().join() };
    },
  },
  {
    id: 'issued-2099',
    threat: { vi: 'Lệnh ghi ngày 2099', en: 'a command with issuedAt in 2099, to outlive its replay window' },
    stops: {
      vi: 'Thư từ tương lai quá 5 phút bị từ chối',
      en: 'what was issued more than five minutes in the future is refused',
    },
    attack: async (bench) => {
      const dates = { issuedAt: '2099-06-01T00:00:00Z', expiresAt: '2099-06-01T00:05:00Z' };
      const play = bench.cast.play(bench, 'province', dates, { until: '2099-06-01T00:10:00Z' });
      return refusedWith(bench, 'E_COMMAND_TIME', async () =>
        bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'province')),
      );
    },
  },
];
