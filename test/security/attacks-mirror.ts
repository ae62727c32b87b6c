import { noteWithheld } from '../../agent/compose-mirror.js';
import { instant } from '../../agent/core/clock.js';
import { Mirror } from '../../agent/link/mirror.js';
import { ROUND_REQUESTS } from '../../agent/link/mirror-rounds.js';
import type { Beat } from '../../protocols/messages/beat.js';
import { downTopics } from '../../protocols/topics.js';
import { KeptLog } from '../support/kept-log.js';
import type { Bench } from './bench.js';
import { MirrorBench, withMirror } from './mirror-bench.js';
import type { PieceThreat, Verdict } from './threat.js';
import { emergencyTopic, refusedWith, stillObeys } from './verdicts.js';

const FLOOD = 'Lũ quét';
const PROVINCE = emergencyTopic('province');

function set(bench: Bench, revision: number, empty = false): Promise<string> {
  return bench.cast.sign(
    bench.cast.emergencySet(bench, 'province', { revision }, empty ? [] : undefined),
    'province',
  );
}

function areaBeat(bench: Bench, documents: Beat['documents']): Promise<string> {
  const beat: Beat = {
    type: 'beat',
    authority: 'province',
    slot: { area: 'xa-001' },
    at: instant(bench.clock.nowMs()),
    trustVersion: 1,
    documents,
  };
  return bench.cast.sign(beat, 'province');
}

/** The emergency in force stays so, and these codes were told. */
function stays(bench: Bench, what: string, code: string): Verdict {
  const there = bench.emergencies().includes(FLOOD);
  const told = bench.codes().includes(code);
  return {
    stopped: there && told,
    seen: `${what}: the emergency is ${there ? 'in force' : 'GONE'}; ${told ? code : `no ${code}`}`,
  };
}

/** An honest document beside the attack is taken, and the receiver obeys. */
async function honestComes(bench: Bench, what: string): Promise<Verdict> {
  const there = bench.emergencies().includes(FLOOD);
  const obeys = await stillObeys(bench);
  return {
    stopped: there && obeys,
    seen: `${what}; the honest emergency beside it ${there ? 'is in force' : 'IS NOT TAKEN'}${obeys ? '' : '; an honest command is NOT done'}`,
  };
}

const sameRules = {
  vi: 'Văn bản lấy qua kênh dự phòng đi cùng một đường kiểm tra như thư của máy chủ MQTT',
  en: 'what is fetched is verified by the same rules as a message of the broker',
};
const bounded = {
  vi: 'Có giới hạn: 64 KiB mỗi tệp, 64 câu hỏi mỗi lượt, không theo chuyển hướng; tệp lạ không chặn tệp khác',
  en: 'bounds: 64 KiB a file, 64 questions a round, no redirect followed; an odd file does not hold up the others',
};

/** Attacks by the mirror, by who stands in front of it, and by a broker that the mirror is there against. */
export const mirrorThreats: readonly PieceThreat[] = [
  {
    id: 'mirror-older',
    threat: {
      vi: 'Kênh dự phòng đưa bản cũ hơn để hủy bản khẩn cấp',
      en: 'a mirror that serves an older revision, one without the emergency',
    },
    stops: sameRules,
    attack: async (bench) => {
      await bench.takes(PROVINCE, await set(bench, 2));
      const older = await set(bench, 1, true);
      return withMirror(bench, async (mirror) => {
        mirror.serve({ [PROVINCE]: older });
        await mirror.round();
        return stays(bench, 'an older revision', 'E_DOCUMENT_OLD');
      });
    },
  },
  {
    id: 'mirror-foreign-document',
    threat: {
      vi: 'Kênh dự phòng đưa văn bản lạ: khóa lạ, địa bàn khác, tệp đặt sai chỗ',
      en: "a mirror that serves foreign documents: a stranger's, a neighbour's, a true one in another's place",
    },
    stops: sameRules,
    attack: async (bench) => {
      const { cast } = bench;
      const strange = await cast.sign(cast.emergencySet(bench, 'province'), 'stranger');
      const elsewhere = await cast.sign(
        cast.emergencySet(bench, 'province', { slot: { area: 'xa-002' } }),
        'province',
      );
      const neighbours = await cast.sign(cast.emergencySet(bench, 'neighbour'), 'neighbour');
      const slots = [{ area: 'thon-01' }, { area: 'xa-001' }, { area: 'tinh-01' }] as const;
      const topics = slots.map((slot) => downTopics.emergency(slot, 'province'));
      const codes = ['E_SIGNATURE_KEY', 'E_DOCUMENT_SLOT', 'E_AUTHORITY_GRANT', 'E_AUTHORITY_AREA'];
      return withMirror(bench, (mirror) =>
        refusedWith(bench, codes, async () => {
          const [one = '', two = '', three = ''] = topics;
          mirror.serve({ [one]: strange, [two]: elsewhere, [three]: neighbours });
          await mirror.round();
          if (bench.codes().length < 3) throw new Error(`refused only: ${bench.codes().join()}`);
        }),
      );
    },
  },
  {
    id: 'mirror-empty',
    threat: {
      vi: 'Kênh dự phòng đưa tệp rỗng hoặc nói không có tệp',
      en: 'a mirror that serves empty files, or says that there is none: the emergency is to be forgotten',
    },
    stops: {
      vi: 'Chỉ một văn bản mới hơn, có chữ ký, mới kết thúc được bản khẩn cấp',
      en: 'only a newer signed document ends an emergency',
    },
    attack: async (bench) => {
      await bench.takes(PROVINCE, await set(bench, 1));
      return withMirror(bench, async (mirror) => {
        mirror.serve({});
        await mirror.round();
        mirror.serve({}, (_, response) => response.writeHead(200, { 'content-length': 0 }).end());
        await mirror.round();
        return stays(bench, 'not there, then empty', 'E_MIRROR_ANSWER');
      });
    },
  },
  {
    id: 'mirror-megabyte',
    threat: {
      vi: 'Kênh dự phòng đưa tệp 1 MB, hoặc tệp không bao giờ hết',
      en: 'a mirror that serves files of 1 MB (10^6 bytes), with and without saying so, and one that never ends',
    },
    stops: bounded,
    attack: async (bench) => {
      const honest = await set(bench, 1);
      return withMirror(bench, async (mirror) => {
        let written = 0;
        mirror.serve({ [PROVINCE]: honest }, (request, response) => {
          const piece = Buffer.alloc(16_384, 0x41);
          const says = request.url?.includes('/beat') === true;
          response.writeHead(200, says ? { 'content-length': 1_000_000 } : {});
          const more = (): void => {
            let room = true;
            while (room && !response.destroyed) {
              room = response.write(piece);
              written += piece.length;
            }
          };
          response.on('drain', more);
          more();
        });
        await mirror.round();
        const files = new Set(mirror.server.requests.map(({ path }) => path)).size;
        return honestComes(
          bench,
          `${files} files asked, E_MIRROR_ANSWER × ${bench.codes().length}, ${Math.round(written / 1024)} KiB sent before the cuts`,
        );
      });
    },
  },
  {
    id: 'mirror-redirect',
    threat: {
      vi: 'Kênh dự phòng, hoặc cổng đăng nhập mạng, chuyển hướng sang máy chủ khác và http',
      en: 'a mirror, or a portal before it, that redirects to another host and to http',
    },
    stops: bounded,
    attack: async (bench) => {
      const honest = await set(bench, 1);
      const other = await MirrorBench.open(bench);
      try {
        return await withMirror(bench, async (mirror) => {
          mirror.serve({ [PROVINCE]: honest }, (request, response) => {
            const scheme = request.url?.includes('trust') === true ? 'http' : 'https';
            const location = `${scheme}://localhost:${other.server.port}${request.url ?? ''}`;
            response.writeHead(302, { location, 'content-length': 0 }).end();
          });
          await mirror.round();
          const followed = other.server.total;
          const verdict = await honestComes(bench, `${followed} redirects followed`);
          return { ...verdict, stopped: verdict.stopped && followed === 0 };
        });
      } finally {
        await other.close();
      }
    },
  },
  {
    id: 'mirror-10000-slots',
    threat: {
      vi: 'Mục lục nêu 10.000 văn bản để bộ thu hỏi mãi và bỏ sót bản thật',
      en: 'a table of contents that names 10,000 documents: the receiver is to ask for ever and miss the true one',
    },
    stops: {
      vi: 'Không có mục lục không ký; nhịp có ký nêu tối đa 256; mỗi lượt hỏi tối đa 64, xen kẽ với ô của các đơn vị có quyền',
      en: 'there is no unsigned index, a signed beat names 256 at most, a round asks 64, by turns with the slots of those who may speak',
    },
    attack: async (bench) => {
      const honest = await set(bench, 1);
      const named = (many: number) =>
        Array.from({ length: many }, (_, n) => ({
          key: `emergency/area/xa-001/false-${n}`,
          epoch: 1,
          revision: 1,
        }));
      const topic = downTopics.beat('xa-001');
      const huge = await areaBeat(bench, named(700));
      const worst = await areaBeat(bench, named(256));
      return withMirror(bench, async (mirror) => {
        mirror.serve({ [topic]: JSON.stringify({ documents: named(10_000) }) });
        await mirror.round();
        mirror.serve({ [topic]: huge });
        await mirror.round();
        const before = mirror.server.total;
        mirror.serve({ [topic]: worst, [PROVINCE]: honest });
        await mirror.round();
        const asked = mirror.server.total - before;
        const codes = [...new Set(bench.codes())].join();
        const verdict = await honestComes(bench, `${codes}; ${asked} questions with a beat that names 256`);
        const refused = codes.includes('E_MIRROR_ANSWER') && codes.includes('E_MESSAGE_SCHEMA');
        return { ...verdict, stopped: verdict.stopped && refused && asked <= ROUND_REQUESTS };
      });
    },
  },
  {
    id: 'mirror-foreign-ca',
    threat: {
      vi: 'Kênh dự phòng giả với chứng thư lạ',
      en: 'a false mirror with a certificate of a foreign CA',
    },
    stops: {
      vi: 'TLS: bộ thu kiểm chứng thư của máy chủ trước khi hỏi điều gì',
      en: "TLS: the server's certificate is checked before anything is asked",
    },
    attack: async (bench) => {
      const honest = await set(bench, 1);
      return withMirror(
        bench,
        async (mirror) => {
          mirror.serve({ [PROVINCE]: honest });
          const outcome = await mirror.round();
          const asked = mirror.server.total;
          const failed = outcome.kind === 'failed';
          return {
            stopped: failed && asked === 0 && (await stillObeys(bench)),
            seen: `${failed ? `${outcome.why.code}: ${outcome.why.detail}` : 'TAKEN'}; ${asked} questions asked`,
          };
        },
        { foreign: true },
      );
    },
  },
  {
    id: 'withheld-mirror-has-it',
    threat: {
      vi: 'Máy chủ MQTT giữ lại bản mới hơn, kênh dự phòng có bản ấy',
      en: 'a broker that withholds the newer revision while it stands on the mirror',
    },
    stops: {
      vi: 'Nhịp có ký nêu bản mới nhất; sau một phút không thấy thì hỏi kênh dự phòng, dù vẫn có kết nối',
      en: 'the signed beat names it; a minute later the mirror is asked, though the broker is connected',
    },
    attack: async (bench) => {
      await bench.takes(PROVINCE, await set(bench, 1, true));
      const newer = await set(bench, 2);
      const key = 'emergency/area/xa-001/province';
      const beat = await areaBeat(bench, [{ key, epoch: 0, revision: 2 }]);
      return withMirror(bench, async (served) => {
        served.serve({ [PROVINCE]: newer });
        const everyMs = 60_000;
        const mirror = new Mirror({
          access: () => served.access,
          times: { afterMs: 300_000, everyMs, silentMs: 2_700_000 },
          ...{ here: bench.mirrorHere(), clock: bench.clock, log: new KeptLog() },
          random: () => 0.5,
          tell: (body) => bench.events.push(body),
        });
        mirror.start();
        mirror.linkUp();
        const before = bench.events.length;
        await bench.takes(downTopics.beat('xa-001'), beat);
        bench.clock.advance(61_000);
        for (const body of bench.events.slice(before)) noteWithheld(mirror, body);
        const waits = mirror.status().reason;
        bench.clock.advance(everyMs);
        await mirror.idle();
        for (const body of bench.events.slice(before)) noteWithheld(mirror, body);
        const rests = mirror.status().reason === undefined;
        await mirror.close();
        const verdict = await honestComes(
          bench,
          `asked because ${waits ?? 'NOTHING'}; afterwards it ${rests ? 'rests' : 'GOES ON'}`,
        );
        return { ...verdict, stopped: verdict.stopped && waits === 'withheld' && rests };
      });
    },
  },
];
