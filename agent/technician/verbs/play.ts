import { parseArgs } from 'node:util';
import { LoaError, messageOf } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { signedFile } from '../signed-file.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa play FILE`: a command that an authority has signed, brought on a stick. It passes every check that the broker's would. */
export const playVerb: QuickVerb = {
  summary: {
    vi: 'phát tối đa 30 giây theo tệp lệnh đã ký mang đến (vẫn kiểm tra mọi quyền)',
    en: 'play at most 30 s by a signed command file (every right is checked as ever)',
  },
  usage: 'play FILE [--permit FILE]',
  async run({ args, config, language, json, print }) {
    const { path, permit } = givenOf(args);
    const answer = (await askReceiver(config.socketPath, 'POST', '/v1/play', {
      signed: await signedFile(path),
      ...(permit === undefined ? {} : { permit: await signedFile(permit) }),
    })) as { offered: string };
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

function givenOf(args: readonly string[]): { readonly path: string; readonly permit: string | undefined } {
  try {
    const options = { permit: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({
      ...{ args: [...args], options, strict: true, allowPositionals: true },
    });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1) throw new LoaError('E_USAGE', 'play FILE');
    return { path, permit: values.permit };
  } catch (cause) {
    if (cause instanceof LoaError) throw cause;
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}
