import { LoaError } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { say } from '../texts.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa safe leave`: safe mode is left now, not after its good time. */
export const safeVerb: QuickVerb = {
  summary: { vi: 'rời chế độ an toàn ngay', en: 'leave safe mode now' },
  usage: 'safe leave',
  async run({ args, config, language, json, print }) {
    if (args.length !== 1 || args[0] !== 'leave') throw new LoaError('E_USAGE', 'safe leave');
    const answer = await askReceiver(config.socketPath, 'POST', '/v1/safe/leave', {});
    print(json ? JSON.stringify(answer) : say('safeLeaving', language));
    return EXIT.done;
  },
};
