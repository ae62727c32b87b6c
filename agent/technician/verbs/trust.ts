import { askReceiver } from '../client.js';
import { trustText, type TrustView } from '../trust-view.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa trust`: who may say what to this receiver, in words. */
export const trustVerb: QuickVerb = {
  summary: { vi: 'ai được nói gì ở bộ thu này', en: 'who may say what to this receiver' },
  usage: 'trust',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const view = (await askReceiver(config.socketPath, 'GET', '/v1/trust')) as TrustView;
    print(json ? JSON.stringify(view) : trustText(view, language));
    return EXIT.done;
  },
};
