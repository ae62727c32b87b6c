import { askReceiver } from '../client.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa stop`: ends sound made on site; what an authority has on air is not a technician's to end. */
export const stopVerb: QuickVerb = {
  summary: { vi: 'dừng âm thử tại chỗ (không dừng được bản tin)', en: 'stop local sound (never a bulletin)' },
  usage: 'stop',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const answer = (await askReceiver(config.socketPath, 'POST', '/v1/stop', {})) as { stopped: number };
    print(json ? JSON.stringify(answer) : `${language === 'vi' ? 'Đã dừng' : 'Stopped'}: ${answer.stopped}`);
    return EXIT.done;
  },
};
