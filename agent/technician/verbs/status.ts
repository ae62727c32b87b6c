import { askReceiver } from '../client.js';
import { statusText, type Status } from '../status.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa status`: how the receiver is, on one screen. */
export const statusVerb: QuickVerb = {
  summary: { vi: 'tình trạng bộ thu', en: 'how the receiver is' },
  usage: 'status',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const status = (await askReceiver(config.socketPath, 'GET', '/v1/status')) as Status;
    print(json ? JSON.stringify(status) : statusText(status, language));
    return EXIT.done;
  },
};
