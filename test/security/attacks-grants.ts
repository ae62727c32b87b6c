import type { Bench } from './bench.js';
import type { PieceThreat, Verdict } from './threat.js';
import { all, COMMAND_TOPIC, emergencyTopic, refusedWith, stillObeys } from './verdicts.js';

async function takeEmergency(bench: Bench, who: 'province' | 'brigade'): Promise<void> {
  await bench.takes(emergencyTopic(who), await bench.cast.sign(bench.cast.emergencySet(bench, who), who));
  if (bench.emergencies().length === 0) throw new Error('the emergency was not taken up');
}

/** The province's emergency must be in force after the attack, and its siren, the first that was opened, must not have been ended. */
function emergencyStays(bench: Bench): Verdict {
  const inForce = bench.emergencies().includes('Lũ quét');
  const cut = bench.closed.includes(bench.opened[0]?.playId ?? '');
  return {
    stopped: inForce && !cut,
    seen: `the emergency is ${inForce && !cut ? 'in force' : 'GONE'}`,
  };
}

async function revoke(bench: Bench, authority: string): Promise<void> {
  const since = new Date(bench.clock.nowMs() - 60_000).toISOString();
  await bench.takes('loa/v1/trust', await bench.cast.nextTrust({ revoked: [{ authority, since }] }));
  if (bench.trust.version !== 2) throw new Error('the revocation was not taken up');
}

/** Attacks by those who may speak, but not this. */
export const grantThreats: readonly PieceThreat[] = [
  {
    id: 'neighbour-area',
    threat: { vi: 'Xã bên cạnh phát ở xã này', en: "a neighbour commune's key speaks here" },
    stops: {
      vi: 'Địa bàn của đơn vị phải chứa nơi đặt bộ thu, bất kể đích ghi gì',
      en: "the authority's area must contain the receiver, whatever the target says",
    },
    attack: async (bench) =>
      refusedWith(bench, 'E_AUTHORITY_AREA', async () =>
        bench.takes(COMMAND_TOPIC, await bench.cast.sign(bench.cast.play(bench, 'neighbour'), 'neighbour')),
      ),
  },
  {
    id: 'too-high-class',
    threat: { vi: 'Xã phát hạng ưu tiên khi chỉ được hạng thường', en: 'too high a bulletin class' },
    stops: { vi: 'Quyền ghi hạng cao nhất', en: 'the grant names the highest class' },
    attack: async (bench) => {
      const play = bench.cast.play(bench, 'commune', {}, { class: 'priority' });
      return refusedWith(bench, 'E_AUTHORITY_GRANT', async () =>
        bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'commune')),
      );
    },
  },
  {
    id: 'too-long',
    threat: { vi: 'Phát lâu hơn được phép', en: 'a play longer than granted' },
    stops: { vi: 'Quyền ghi thời lượng dài nhất', en: 'the grant names the longest play' },
    attack: async (bench) => {
      const until = new Date(bench.clock.nowMs() + 2 * 3_600_000).toISOString();
      const play = bench.cast.play(bench, 'commune', {}, { until });
      return refusedWith(bench, 'E_AUTHORITY_GRANT', async () =>
        bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'commune')),
      );
    },
  },
  {
    id: 'emergency-without-grant',
    threat: {
      vi: 'Báo khẩn cấp bằng khóa không có quyền đó',
      en: 'an emergency by a key without that grant',
    },
    stops: { vi: 'Khẩn cấp là quyền riêng', en: 'emergencies are a grant of their own' },
    attack: async (bench) => {
      const set = bench.cast.emergencySet(bench, 'commune');
      return refusedWith(bench, 'E_AUTHORITY_GRANT', async () =>
        bench.takes(emergencyTopic('xa-001'), await bench.cast.sign(set, 'commune')),
      );
    },
  },
  {
    id: 'commune-cancels-emergency',
    threat: {
      vi: 'Xã hủy bản tin khẩn cấp của tỉnh',
      en: "a commune cancels a province's emergency: by a set in the province's slot, by a set of its own, by a stop",
    },
    stops: {
      vi: 'Tập khẩn cấp thuộc về đúng đơn vị ký nó; lệnh dừng không chạm tới khẩn cấp',
      en: 'a set belongs to who signed it and its slot; a stop does not reach emergencies',
    },
    attack: async (bench) => {
      const { cast } = bench;
      await takeEmergency(bench, 'province');
      const siren = bench.opened.at(-1)?.playId ?? '';
      const empty = cast.emergencySet(bench, 'brigade', { revision: 9 }, []);
      const forged = cast.emergencySet(bench, 'brigade', { revision: 9, authority: 'province' }, []);
      return all(
        await refusedWith(bench, 'E_DOCUMENT_SLOT', async () =>
          bench.takes(emergencyTopic('province'), await cast.sign(empty, 'brigade')),
        ),
        await refusedWith(bench, 'E_AUTHORITY_GRANT', async () =>
          bench.takes(emergencyTopic('province'), await cast.sign(forged, 'brigade')),
        ),
        await refusedWith(
          bench,
          'E_COMMAND_STOP',
          async () =>
            bench.takes(COMMAND_TOPIC, await cast.sign(cast.stop(bench, 'commune', siren), 'commune')),
          { obeys: false },
        ),
        await bench.takes(emergencyTopic('brigade'), await cast.sign(empty, 'brigade')).then(() => ({
          stopped: bench.emergencies().includes('Lũ quét') && !bench.closed.includes(siren),
          seen: bench.emergencies().includes('Lũ quét')
            ? 'the emergency is in force'
            : 'the emergency is GONE',
        })),
      );
    },
  },
  {
    id: 'commune-stops-province',
    threat: { vi: 'Xã dừng bản tin của tỉnh', en: "a commune stops a province's bulletin" },
    stops: {
      vi: 'Chỉ đơn vị đó hoặc cấp trên được dừng',
      en: 'only the same authority or one above it may stop',
    },
    attack: async (bench) => {
      const play = bench.cast.play(bench);
      await bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'province'));
      const stop = bench.cast.stop(bench, 'commune', play.body.playId);
      const verdict = await refusedWith(
        bench,
        'E_COMMAND_STOP',
        async () => bench.takes(COMMAND_TOPIC, await bench.cast.sign(stop, 'commune')),
        { obeys: false },
      );
      const plays = bench.opened.length === 1 && bench.closed.length === 0;
      return {
        stopped: verdict.stopped && plays,
        seen: `${verdict.seen}; ${plays ? 'it plays on' : 'STOPPED'}`,
      };
    },
  },
  {
    id: 'fleet-by-speaker',
    threat: {
      vi: 'Khóa của người phát thanh gửi lệnh quản lý bộ thu (chuyển địa bàn)',
      en: "a fleet message (assignment) from a speaker's key",
    },
    stops: { vi: 'Quản lý bộ thu là quyền riêng', en: 'fleet work is a grant of its own' },
    attack: async (bench) => {
      const body = { home: 'xa-002', areas: ['xa-002', 'xa-001'], groups: [] };
      const moved = await bench.cast.assignment(bench, { revision: 9, epoch: 9, body }, 'commune');
      const verdict = await refusedWith(bench, 'E_AUTHORITY_GRANT', () =>
        bench.takes(`loa/v1/receiver/${bench.receiver}/assignment`, moved),
      );
      return { ...verdict, stopped: verdict.stopped && bench.home === 'thon-01' };
    },
  },
  {
    id: 'revoked-authority',
    threat: { vi: 'Đơn vị đã bị thu hồi ra lệnh', en: 'a revoked authority gives a command' },
    stops: {
      vi: 'Văn bản tin cậy ghi ai bị thu hồi từ lúc nào',
      en: 'the trust document lists who is revoked since when',
    },
    attack: async (bench) => {
      await revoke(bench, 'xa-001');
      return refusedWith(bench, 'E_AUTHORITY_REVOKED', async () =>
        bench.takes(COMMAND_TOPIC, await bench.cast.sign(bench.cast.play(bench, 'commune'), 'commune')),
      );
    },
  },
  {
    id: 'revoked-stored',
    threat: {
      vi: 'Bản tin khẩn cấp đã lưu của đơn vị bị thu hồi vẫn kêu',
      en: 'what a revoked authority had stored still sounds: its emergencies, also after a reboot (schedules do not exist yet)',
    },
    stops: {
      vi: 'Văn bản đã lưu được kiểm lại khi dùng và khi văn bản tin cậy đổi',
      en: 'kept documents are verified again whenever they are read and at each new trust document',
    },
    attack: async (bench) => {
      await takeEmergency(bench, 'brigade');
      await revoke(bench, 'brigade');
      const withdrawn = bench.emergencies().length === 0 && bench.closed.length > 0;
      const before = bench.opened.length;
      await bench.reboot();
      bench.clock.advance(120_000);
      const silent = bench.opened.length === before && bench.emergencies().length === 0;
      return {
        stopped: withdrawn && silent && (await stillObeys(bench)),
        seen: `${withdrawn ? 'ended at once' : 'NOT ended'}, ${silent ? 'silent' : 'HEARD'} after a reboot; ${[...new Set(bench.codes())].join()}`,
      };
    },
  },
  {
    id: 'revoked-on-air',
    threat: {
      vi: 'Đơn vị bị thu hồi khi đang phát',
      en: 'an authority that is revoked while its bulletin is on air speaks on',
    },
    stops: {
      vi: 'Văn bản tin cậy mới phải dừng bản tin đang phát',
      en: 'a new trust document must end what its authority has on air',
    },
    attack: async (bench) => {
      const play = bench.cast.play(bench, 'commune');
      await bench.takes(COMMAND_TOPIC, await bench.cast.sign(play, 'commune'));
      if (bench.opened.length !== 1) throw new Error('the bulletin was not taken up');
      await revoke(bench, 'xa-001');
      bench.clock.advance(1_000);
      const ended = bench.closed.includes(play.body.playId);
      return { stopped: ended, seen: ended ? 'ended' : 'it plays on' };
    },
  },
  {
    id: 'emergency-by-neighbour',
    threat: {
      vi: 'Đơn vị khác kết thúc khẩn cấp bằng cách trùng mã',
      en: 'an emergency ended by another who uses the same id',
    },
    stops: { vi: 'Khẩn cấp được phân biệt theo đơn vị', en: 'emergencies are kept apart by authority' },
    attack: async (bench) => {
      const set = bench.cast.emergencySet(bench, 'province');
      await bench.takes(emergencyTopic('province'), await bench.cast.sign(set, 'province'));
      const same = bench.cast.emergencySet(bench, 'brigade', {}, set.body.emergencies);
      await bench.takes(emergencyTopic('brigade'), await bench.cast.sign(same, 'brigade'));
      const gone = bench.cast.emergencySet(bench, 'brigade', { revision: 2 }, []);
      await bench.takes(emergencyTopic('brigade'), await bench.cast.sign(gone, 'brigade'));
      return emergencyStays(bench);
    },
  },
];
