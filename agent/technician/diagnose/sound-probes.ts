import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asRunDay, countryDay } from '../../programme/as-run.js';
import { systemClock } from '../../core/clock.js';
import type { CardFacts, DecoderFacts, KeptFacts, LastPlay } from './facts.js';
import { printed } from './limited.js';

const START_LIMIT_MS = 5_000;

/** Whether ffmpeg and espeak-ng start. */
export async function decoderFacts(): Promise<DecoderFacts> {
  const [ffmpeg, espeak] = await Promise.all([
    starts('ffmpeg', ['-hide_banner', '-version']),
    starts('espeak-ng', ['--version']),
  ]);
  return { ffmpeg, espeak };
}

/** A busy board is no missing program: one that has not ended within the limit is there. */
async function starts(program: string, args: readonly string[]): Promise<boolean> {
  const fromMs = systemClock.monotonicMs();
  const said = await printed(program, args, START_LIMIT_MS);
  return said !== undefined || systemClock.monotonicMs() - fromMs >= START_LIMIT_MS;
}

/** Cards as the kernel lists them, and their playback controls. */
export async function cardFacts(sink: string, positionFolder: string): Promise<CardFacts> {
  const list = await readFile(join(positionFolder, 'cards'), 'utf8').catch(() => '');
  const cards = [...list.matchAll(/^\s*(\d+) \[(\S+)\s*\]/gm)].map(([, number = '', name = '']) => ({
    number,
    name,
  }));
  const controls = await Promise.all(cards.slice(0, 4).map(({ number }) => controlsOf(number)));
  return { sink, cards: cards.map(({ name }) => name), controls: controls.flat().slice(0, 16) };
}

/** ALSA's controls have no file of their own: amixer, which comes in the package of aplay, asks the kernel for them. */
async function controlsOf(card: string): Promise<CardFacts['controls']> {
  return parseControls((await printed('amixer', ['-c', card, 'scontents'])) ?? '');
}

/** The playback controls in what `amixer scontents` prints; a control is muted where all of its channels are. */
export function parseControls(text: string): CardFacts['controls'] {
  return text
    .split(/^(?=Simple mixer control )/m)
    .filter((block) => /Capabilities:.*\bp(?:volume|switch)/.test(block))
    .flatMap((block) => {
      const name = /^Simple mixer control '([^']*)'/.exec(block)?.[1];
      // What is heard passes these; a beeper that is off harms nobody.
      if (
        name === undefined ||
        !/^(?:Master|PCM|Speaker|Headphone|Line Out|Digital|HDMI|DAC|Playback)\b/i.test(name)
      )
        return [];
      const switches = [...block.matchAll(/\[(on|off)\]/g)].map(([, state]) => state);
      const volumes = [...block.matchAll(/\[(\d+)%\]/g)].map(([, percent]) => Number(percent));
      return [
        {
          name,
          muted: switches.length > 0 && switches.every((state) => state === 'off'),
          ...(volumes.length === 0 ? {} : { percent: Math.max(...volumes) }),
        },
      ];
    });
}

const DIGEST = /^[0-9a-f]{64}$/;
const READ_LIMIT_MS = 3_000;

/** Kept files whose content is not what their name says; the newest first, as many as can be read in three seconds. */
export async function keptFacts(folder: string, monotonicMs: () => number): Promise<KeptFacts | undefined> {
  // Before the first file is fetched there is no folder, and nothing in it is wrong.
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : undefined,
  );
  if (names === undefined) return undefined;
  const endMs = monotonicMs() + READ_LIMIT_MS;
  const corrupt: string[] = [];
  let checked = 0;
  for (const name of names.filter((one) => DIGEST.test(one))) {
    if (monotonicMs() > endMs) break;
    const hash = createHash('sha256');
    try {
      for await (const piece of createReadStream(join(folder, name))) hash.update(piece as Buffer);
    } catch {
      // Dropped by the receiver meanwhile.
      continue;
    }
    checked += 1;
    if (hash.digest('hex') !== name) corrupt.push(name);
  }
  return { checked, corrupt };
}

/** The newest line of today's log of what was played. */
export async function lastPlay(folder: string, nowMs: number): Promise<LastPlay | undefined> {
  try {
    const text = await readFile(join(folder, `${countryDay(nowMs)}.json`), 'utf8');
    // A tone made on site is no bulletin: nobody in a studio had to renew it.
    const last = asRunDay.parse(JSON.parse(text)).entries.findLast((one) => one.class !== 'local');
    return last === undefined ? undefined : { atMs: last.atMs, title: last.title, outcome: last.outcome };
  } catch {
    // Nothing was played today, or this account may not read it.
    return undefined;
  }
}
