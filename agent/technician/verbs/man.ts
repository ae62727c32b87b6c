import { VERSION } from '../../version.js';
import { EXIT, wantNoMore, type QuickVerb } from '../verb.js';

/** `loa man`: the manual page, made of the same texts as the help: `loa man > loa.1`. */
export const manVerb: QuickVerb = {
  summary: { vi: 'in trang hướng dẫn (man)', en: 'print the manual page' },
  usage: 'man',
  async run({ args, language, json, print }) {
    wantNoMore(args);
    const { manualPage } = await import('../help-text.js');
    const page = await manualPage(language, VERSION);
    print(json ? JSON.stringify({ page }) : page);
    return EXIT.done;
  },
};
