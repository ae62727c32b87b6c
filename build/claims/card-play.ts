import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { comparisonTable } from '../../test/heard/report.js';
import { cardPlay, withoutCardPlay } from '../../test/rig/card-play.js';
import { CARD_PLAY_BOUND, figuresText, shortfalls } from '../../test/rig/card-verdict.js';
import type { LiveFormat } from '../../test/rig/live-feeder.js';
import { KeptLog } from '../../test/support/kept-log.js';
import type { Claim, Measured, ProveContext } from './claim.js';

const SHORTFALLS_SHOWN = 3;

/** Item 3 of issue 2, one claim a format: heard on the software card through `aplay`, with mosquitto and Icecast. */
export const cardPlayClaims: readonly Claim[] = [
  claimOf('mp3', 'MP3'),
  claimOf('aac', 'AAC'),
  claimOf('opus', 'Ogg Opus'),
];

function claimOf(format: LiveFormat, name: string): Claim {
  return {
    area: 'main',
    item: 3,
    claim: `${name}, live from Icecast and as a file, with an emergency between, commanded over mosquitto, is heard on the software card through aplay as it was sent`,
    bound: CARD_PLAY_BOUND,
    measure: (context) => measure(format, context),
  };
}

async function measure(format: LiveFormat, context: ProveContext): Promise<Measured> {
  const missing = await withoutCardPlay();
  if (missing !== false) return { measured: `not measured: ${missing}`, holds: null };
  const folder = await mkdtemp(join(context.out, `card-play-${format}-`));
  try {
    const figures = await cardPlay(format, { folder, log: new KeptLog() });
    const table = comparisonTable(figures.parts.map((part) => [part.name, part.comparison]));
    await writeFile(
      join(context.out, `card-play-${format}.txt`),
      `${table}\n\n${JSON.stringify(figures, null, 2)}\n`,
    );
    const found = shortfalls(figures);
    const text = figuresText(figures);
    if (found.length === 0) return { measured: text, holds: true };
    return { measured: `${found.slice(0, SHORTFALLS_SHOWN).join('; ')}; ${text}`, holds: false };
  } finally {
    // Keys of the province and of the receiver were in it.
    await rm(folder, { recursive: true, force: true });
  }
}
