import t from 'tap';
import { comparisonTable } from '../heard/report.js';
import { cardPlay, withoutCardPlay } from '../rig/card-play.js';
import { figuresText, shortfalls } from '../rig/card-verdict.js';
import { KeptLog } from '../support/kept-log.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Each format takes about 40 s, and may have to be heard again on a machine that stands still at times.
t.setTimeout(290_000);
const skip = await withoutCardPlay();

for (const [format, name] of [
  ['mp3', 'MP3'],
  ['aac', 'AAC'],
  ['opus', 'Ogg Opus'],
] as const) {
  t.test(
    `live ${name} from Icecast, an emergency over it and a file are heard on the card as sent, and receipts say so`,
    { skip, timeout: 140_000 },
    async (t) => {
      const figures = await cardPlay(format, { folder: await temporaryFolder(t), log: new KeptLog() });
      t.comment(
        `${figuresText(figures)}\n${comparisonTable(figures.parts.map((p) => [p.name, p.comparison]))}`,
      );
      t.same(shortfalls(figures), []);
    },
  );
}
