import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { LoaError, type Language } from '../core/errors.js';
import { folded } from './columns.js';
import { installAnswers, type InstallAnswers } from './install-answers.js';
import type { Text } from './texts.js';

const LIMIT_MS = 15 * 60_000;

/** Everything that the guided set-up says. */
export const INSTALL_TEXTS = {
  head: {
    vi: 'CÀI ĐẶT BỘ THU: ba câu hỏi. Ctrl-C để thôi.',
    en: 'SET-UP OF A RECEIVER: three decisions. Ctrl-C gives up.',
  },
  network: {
    vi: '1/3 MẠNG. Máy chủ MQTT của tỉnh (tên[:cổng])',
    en: "1/3 NETWORK. The province's broker (name[:port])",
  },
  enrolment: {
    vi: '2/3 CẤP CHỨNG THƯ.\n     [1] qua mạng, bằng mã một lần\n     [2] từ các tệp tỉnh đã đưa\n     [3] chỉ tạo yêu cầu, mang về tỉnh\n     Chọn 1, 2 hoặc 3',
    en: '2/3 ENROLMENT.\n     [1] over the network, with a one-time token\n     [2] from the files that the province gave\n     [3] make a request only, to be taken to the province\n     Choose 1, 2 or 3',
  },
  board: {
    vi: '3/3 BO MẠCH. Card âm thanh (Enter: card mặc định)',
    en: '3/3 BOARD. Sound card (Enter: the default one)',
  },
  id: { vi: 'Mã bộ thu', en: 'Id of the receiver' },
  url: { vi: 'Địa chỉ EST (https://…)', en: 'EST address (https://…)' },
  caFingerprint: { vi: 'Dấu vân tay CA (SHA-256)', en: "CA's fingerprint (SHA-256)" },
  tokenFile: { vi: 'Tệp chứa mã một lần (quyền 0600)', en: 'File with the one-time token (mode 0600)' },
  certificate: { vi: 'Tệp chứng thư', en: 'Certificate file' },
  anchors: { vi: 'Tệp CA của tỉnh', en: "File of the province's CA" },
  trust: { vi: 'Tệp văn bản tin cậy', en: 'Trust document file' },
  rootFingerprint: {
    vi: 'Dấu vân tay khóa gốc (đọc qua điện thoại)',
    en: "Root's fingerprint (read over the phone)",
  },
  done: { vi: 'XONG. Bộ thu đã được cài đặt an toàn.', en: 'DONE. The receiver is securely set up.' },
  asked: {
    vi: 'Đã tạo yêu cầu. Gửi tệp này cho tỉnh, rồi chạy: loa certificate install',
    en: 'The request is made. Take this file to the province, then: loa certificate install',
  },
  open: { vi: 'CHƯA XONG', en: 'NOT DONE' },
  next: {
    vi: 'Kiểm tra tiếp: systemctl start loa; loa diagnose --tone',
    en: 'Next: systemctl start loa; loa diagnose --tone',
  },
  revoke: {
    vi: 'Thay cho bộ thu cũ: báo tỉnh thu hồi chứng thư cũ của',
    en: 'It replaces an old one: have the province revoke the old certificate of',
  },
} as const satisfies Record<string, Text>;

/** Asks at the terminal for the three decisions. @throws LoaError `E_USAGE` */
export async function askDecisions(
  language: Language,
  replaces: string | undefined,
): Promise<InstallAnswers> {
  if (!process.stdin.isTTY) throw new LoaError('E_USAGE', 'no terminal to ask at: --answers FILE');
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const signal = AbortSignal.timeout(LIMIT_MS);
  const ask = async (text: keyof typeof INSTALL_TEXTS): Promise<string> =>
    (await asking.question(`${folded(INSTALL_TEXTS[text][language], 78)}: `, { signal })).trim();
  try {
    process.stdout.write(`${INSTALL_TEXTS.head[language]}\n`);
    const [host, port] = splitPort(await ask('network'));
    const enrolment = await askEnrolment(ask, replaces);
    const device = await ask('board');
    return parsedAnswers({
      network: { host, ...(port === undefined ? {} : { port }) },
      enrolment,
      board: device === '' ? {} : { device },
    });
  } catch (cause) {
    if (cause instanceof LoaError) throw cause;
    throw new LoaError('E_USAGE', 'given up', { cause });
  } finally {
    asking.close();
  }
}

async function askEnrolment(
  ask: (text: keyof typeof INSTALL_TEXTS) => Promise<string>,
  replaces: string | undefined,
): Promise<object> {
  const way = await ask('enrolment');
  if (way === '2') {
    const files = {
      certificate: await ask('certificate'),
      anchors: await ask('anchors'),
      trust: await ask('trust'),
    };
    return { kind: 'files', ...files, rootFingerprint: await ask('rootFingerprint') };
  }
  const id = replaces ?? (await ask('id'));
  if (way === '3') return { kind: 'request', id };
  const net = {
    url: await ask('url'),
    caFingerprint: await ask('caFingerprint'),
    tokenFile: await ask('tokenFile'),
  };
  const trust = await ask('trust');
  return {
    kind: 'network',
    id,
    ...net,
    ...(trust === '' ? {} : { trust, rootFingerprint: await ask('rootFingerprint') }),
  };
}

function splitPort(text: string): [string, number | undefined] {
  const [, host = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return [host, port === undefined ? undefined : Number(port)];
}

/** Checks answers. @throws LoaError `E_USAGE`, naming what does not fit */
export function parsedAnswers(given: unknown): InstallAnswers {
  const parsed = installAnswers.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new LoaError('E_USAGE', z.prettifyError(parsed.error).replaceAll('\n', '; ').slice(0, 300));
}
