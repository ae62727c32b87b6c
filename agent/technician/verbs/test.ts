import type { PathTestResult } from '../../programme/path-test.js';
import { explain } from '../../core/errors.js';
import { printable } from '../../../protocols/printable.js';
import { askReceiver } from '../client.js';
import { folded } from '../columns.js';
import { say } from '../texts.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** Longer than the test may take. */
const ANSWER_LIMIT_MS = 40_000;

/** `loa test`: the path of an emergency from verification to the sound output, without a sound. */
export const testVerb: QuickVerb = {
  summary: {
    vi: 'thử đường tin khẩn cấp mà không phát tiếng (xác minh, giải mã, trộn, cổng âm thanh)',
    en: 'test the path of an emergency without a sound (verify, decode, mix, output)',
  },
  usage: 'test',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const result = (await askReceiver(
      config.socketPath,
      'POST',
      '/v1/test',
      {},
      ANSWER_LIMIT_MS,
    )) as PathTestResult;
    if (json) print(JSON.stringify(result));
    else if (result.ok)
      print(
        folded(
          language === 'vi'
            ? `Đường tin khẩn cấp tốt: ${result.verified} văn bản đã xác minh, ${result.framesConsumed} mẫu ra card âm thanh, ${result.tookMs} ms.`
            : `The path of an emergency is well: ${result.verified} documents verified, ${result.framesConsumed} frames at the output, ${result.tookMs} ms.`,
        ),
      );
    else {
      const code = result.code ?? 'E_PATH_TEST';
      print(`${code}: ${printable(result.detail ?? '', 300)}`);
      print(folded(code === 'E_COMMAND_BUSY' ? say('testBusy', language) : explain(code, language).remedy));
    }
    return result.ok ? EXIT.done : EXIT.failed;
  },
};
