import { askReceiver } from '../client.js';
import { wrapped } from '../columns.js';
import type { WhyView } from '../programme-view.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';
import { whyText } from '../why-text.js';

/** `loa why`: why it is on air or silent now, in one paragraph. */
export const whyVerb: QuickVerb = {
  summary: { vi: 'vì sao đang phát hoặc đang im lặng', en: 'why it is on air or silent' },
  usage: 'why',
  async run({ args, config, language, json, print }) {
    wantNoMore(args);
    const view = (await askReceiver(config.socketPath, 'GET', '/v1/why')) as WhyView;
    print(json ? JSON.stringify(view) : wrapped(whyText(view, language), 80).join('\n'));
    return EXIT.done;
  },
};
