import { LoaError, type Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { lineResult, type LineResult } from '../line-view.js';
import type { Text } from '../texts.js';
import { EXIT, type Verb } from '../verb.js';

/** Longer than the slowest amplifier wakes and the longest tone lasts. */
const ANSWER_LIMIT_MS = 180_000;

const VERDICTS = {
  calibrated: {
    vi: 'Đã hiệu chuẩn: đường dây loa như lúc này là chuẩn để so sánh.',
    en: 'Calibrated: the loudspeaker line as it is now is what later tests compare with.',
  },
  normal: { vi: 'Đường dây loa bình thường.', en: 'The loudspeaker line is normal.' },
  missing: {
    vi: 'Thiếu tải: có loa không kêu hoặc dây bị đứt một nhánh.',
    en: 'Load is missing: a loudspeaker is silent, or a branch is broken.',
  },
  more: {
    vi: 'Tải lớn hơn lúc hiệu chuẩn: có thêm loa, hoặc dây bị rò.',
    en: 'More load than at the calibration: loudspeakers were added, or the line leaks.',
  },
  silent: {
    vi: 'Cảm biến không nghe thấy âm thử: dây hở, tăng âm không kêu, hoặc cảm biến hỏng.',
    en: 'The sensor did not notice the tone: open line, silent amplifier, or a broken sensor.',
  },
  unsure: {
    vi: 'Quá ồn để kết luận. Hãy thử lại khi yên tĩnh.',
    en: 'Too noisy to tell. Try again when it is quieter.',
  },
} as const satisfies Record<LineResult['verdict'], Text>;

/** `loa calibrate`: measures the loudspeaker line by a tone, and keeps that; with `--check`, compares with what was kept. */
export const calibrateVerb: Verb = {
  summary: {
    vi: 'phát âm thử và hiệu chuẩn đường dây loa (khi mọi loa đều kêu); --check: so với lần hiệu chuẩn',
    en: 'sound a tone and calibrate the loudspeaker line (when every loudspeaker sounds); --check: compare with it',
  },
  usage: 'calibrate [--check]',
  async run({ args, config, language, json, print }) {
    const check = args[0] === '--check';
    if (args.length > (check ? 1 : 0)) throw new LoaError('E_USAGE', 'loa calibrate [--check]');
    const path = check ? '/v1/line/test' : '/v1/line/calibrate';
    const result = lineResult.parse(await askReceiver(config.socketPath, 'POST', path, {}, ANSWER_LIMIT_MS));
    if (json) print(JSON.stringify(result));
    else for (const line of linesOf(result, language)) print(line);
    return result.verdict === 'calibrated' || result.verdict === 'normal' ? EXIT.done : EXIT.failed;
  },
};

function linesOf(
  { verdict, amplitude, aboveNoiseDb, sharePercent, loudspeakers }: LineResult,
  language: Language,
): string[] {
  const vi = language === 'vi';
  const share =
    sharePercent === undefined
      ? ''
      : vi
        ? `; ${sharePercent} % so với hiệu chuẩn, khoảng ${loudspeakers} loa`
        : `; ${sharePercent} % of the calibration, about ${loudspeakers} loudspeakers`;
  const figures = vi
    ? `Biên độ ${amplitude}, cao hơn nền ồn ${aboveNoiseDb} dB${share}.`
    : `Amplitude ${amplitude}, ${aboveNoiseDb} dB above the noise${share}.`;
  return [VERDICTS[verdict][language], figures];
}
