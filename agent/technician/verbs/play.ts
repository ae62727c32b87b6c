import { readFile } from 'node:fs/promises';
import { LoaError, messageOf } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa play FILE`: a command that an authority has signed, brought on a stick. It passes every check that the broker's would. */
export const playVerb: QuickVerb = {
  summary: {
    vi: 'phát theo tệp lệnh đã ký mang đến (mọi quyền và khung giờ vẫn được kiểm tra)',
    en: 'play by a signed command file (every right and hour is checked as ever)',
  },
  usage: 'play FILE',
  async run({ args, config, language, json, print }) {
    const [path, ...more] = args;
    if (path === undefined || more.length > 0) throw new LoaError('E_USAGE', 'play FILE');
    const signed = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
    });
    const answer = (await askReceiver(config.socketPath, 'POST', '/v1/play', { signed: signed.trim() })) as {
      offered: string;
    };
    const taken = answer.offered === 'accepted';
    const vi = language === 'vi';
    if (json) print(JSON.stringify(answer));
    else if (taken)
      print(vi ? 'Bộ thu đã nhận lệnh. Xem: loa why' : 'The receiver has taken it. See: loa why');
    else
      print(
        vi ? 'Bộ thu từ chối lệnh này. Lý do: loa status (Đã từ chối)' : 'Refused. Why: loa status (Refused)',
      );
    return taken ? EXIT.done : EXIT.failed;
  },
};
