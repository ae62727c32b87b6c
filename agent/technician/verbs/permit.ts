import { LoaError } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { signedFile } from '../signed-file.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa permit FILE`: shows a permit for sound on site outside the permitted hours; it holds until the receiver is started again. */
export const permitVerb: QuickVerb = {
  summary: {
    vi: 'đưa giấy phép đã ký để thử tiếng ngoài khung giờ',
    en: 'show a signed permit for sound on site outside the permitted hours',
  },
  usage: 'permit FILE',
  async run({ args, config, language, json, print }) {
    const [path, ...more] = args;
    if (path === undefined || more.length > 0) throw new LoaError('E_USAGE', 'permit FILE');
    const signed = await signedFile(path);
    const permit = (await askReceiver(config.socketPath, 'POST', '/v1/permit', { signed })) as {
      authority: string;
      days: string[];
      expiresAt: string;
    };
    const days = permit.days.join(', ');
    if (json) print(JSON.stringify(permit));
    else if (language === 'vi') print(`Giấy phép của ${permit.authority} hợp lệ.\nNgày: ${days}`);
    else print(`The permit of ${permit.authority} holds.\nDays: ${days}`);
    return EXIT.done;
  },
};
