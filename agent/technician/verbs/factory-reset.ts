import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { identityFolder } from '../../../certs/identity-folder.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { systemClock } from '../../core/clock.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { askReceiver, isNobodyThere } from '../client.js';
import { printed } from '../diagnose/limited.js';
import { knownSecrets } from '../known-secrets.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';
import { searchRaw, wipeFolder, wipeFree } from '../wipe.js';

const FREE_LIMIT_MS = 15 * 60_000;
/** Of a key's text, a piece that stands nowhere else. */
const NEEDLE_LEAST = 20;

const OPTIONS = {
  yes: { type: 'string' },
  quick: { type: 'boolean', default: false },
  scan: { type: 'string' },
} as const;

/** `loa factory-reset`: wipes keys, cache and logs, and looks whether anything is left. The receiver must be stopped. */
export const factoryResetVerb: Verb = {
  summary: {
    vi: 'xóa khóa, tệp lưu và nhật ký, rồi kiểm tra không còn gì (hỏi trước khi xóa)',
    en: 'wipe keys, cache and logs, and prove it (asks first)',
  },
  usage: 'factory-reset [--yes ID] [--quick] [--scan DEVICE]',
  async run(context) {
    const { config, json, print, language } = context;
    const given = givenOf(context.args);
    const running = await askReceiver(config.socketPath, 'GET', '/v1/status').then(
      () => true,
      (error: unknown) => !isNobodyThere(error),
    );
    if (running) throw new LoaError('E_STILL_RUNNING', config.socketPath);
    const id = await receiverId(config.stateFolder);
    await confirmed(context, id, given.yes);
    const needles = (await knownSecrets(config.stateFolder, '')).flatMap((text) =>
      text
        .split('\n')
        .filter((line) => line.length >= NEEDLE_LEAST && !line.startsWith('-----'))
        .map((line) => Buffer.from(line)),
    );
    const wiped = await wipeFolder(config.stateFolder);
    await rm(join(dirname(config.socketPath), 'runs.json'), { force: true });
    await printed('journalctl', ['--rotate', '--vacuum-time=1s'], 20_000);
    const free = given.quick
      ? undefined
      : await wipeFree(config.stateFolder, FREE_LIMIT_MS, () => systemClock.monotonicMs());
    const left = [...wiped.left, ...(await readdir(config.stateFolder).catch((): string[] => []))];
    const scan = given.scan === undefined ? undefined : await searchRaw(given.scan, needles);
    const clean = left.length === 0 && (scan?.found ?? 0) === 0;
    const report = {
      receiver: id,
      files: wiped.files,
      bytes: wiped.bytes,
      left,
      ...(free === undefined ? {} : { free }),
      ...(scan === undefined ? {} : { scan }),
    };
    if (json) print(JSON.stringify({ ...report, clean }));
    else for (const line of resetText(report, clean, language === 'vi')) print(line);
    if (!clean) throw new LoaError('E_WIPE_LEFT', left.join(', ').slice(0, 300));
    return EXIT.done;
  },
};

function givenOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

async function receiverId(stateFolder: string): Promise<string> {
  return readIdentity(identityFolder(stateFolder)).then(
    ({ receiverId: id }) => id,
    () => 'none',
  );
}

/** Its id must be typed, so that nobody wipes the wrong one by a habit of typing yes. @throws LoaError `E_USAGE` */
async function confirmed({ language }: VerbContext, id: string, yes: string | undefined): Promise<void> {
  if (yes !== undefined) {
    if (yes === id) return;
    throw new LoaError('E_USAGE', `--yes wants the id of this receiver: ${id}`);
  }
  if (!process.stdin.isTTY) throw new LoaError('E_USAGE', `no terminal to ask at: --yes ${id}`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question =
      language === 'vi'
        ? `Xóa sạch bộ thu này. Gõ mã ${id} để đồng ý: `
        : `This wipes the receiver. Type ${id} to agree: `;
    const answer = await asking.question(question, { signal: AbortSignal.timeout(120_000) });
    if (answer.trim() !== id) throw new LoaError('E_USAGE', 'not agreed: nothing was wiped');
  } finally {
    asking.close();
  }
}

interface Report {
  readonly files: number;
  readonly bytes: number;
  readonly left: readonly string[];
  readonly free?: { readonly bytes: number; readonly all: boolean };
  readonly scan?: { readonly bytes: number; readonly found: number };
}

function resetText({ files, bytes, left, free, scan }: Report, clean: boolean, vi: boolean): string[] {
  const mb = (count: number): string => `${(count / 1_048_576).toFixed(1)} MiB`;
  return [
    vi
      ? `Đã ghi đè và xóa ${files} tệp, ${mb(bytes)}.`
      : `${files} files, ${mb(bytes)}, written over and removed.`,
    ...(free === undefined
      ? []
      : [
          vi
            ? `Đã ghi đè vùng trống: ${mb(free.bytes)}${free.all ? '' : ' (chưa hết)'}.`
            : `Free space written over: ${mb(free.bytes)}${free.all ? '' : ' (not all)'}.`,
        ]),
    ...(scan === undefined
      ? []
      : [
          vi
            ? `Đã quét ${mb(scan.bytes)}: còn ${scan.found} mẩu khóa.`
            : `${mb(scan.bytes)} searched: ${scan.found} pieces of keys found.`,
        ]),
    ...left,
    clean
      ? vi
        ? 'Kiểm tra: không còn gì trong thư mục trạng thái.'
        : 'Checked: nothing is left in the state folder.'
      : '',
    vi
      ? 'Thẻ nhớ flash có thể còn giữ bản cũ trong vùng dự phòng: hãy hủy thẻ nếu khóa phải tuyệt đối mất.'
      : 'Flash keeps old blocks in reserve that no program reaches: destroy the card where a key must be gone for certain.',
    vi
      ? 'Báo tỉnh thu hồi chứng thư của bộ thu này.'
      : "Have the province revoke this receiver's certificate.",
  ].filter(Boolean);
}
