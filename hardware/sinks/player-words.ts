/** What our player is sent and what it says: `player/loa-player.c`. */

const SOUND = 1;
const TAKE_BACK = 2;
const LOOK = 3;

/** A line of the player. Frames are counted from the first one written; instants are CLOCK_MONOTONIC, milliseconds. */
export type PlayerLine =
  | { readonly kind: 'ready'; readonly bufferFrames: number; readonly rewinds: boolean }
  | { readonly kind: 'at'; readonly frame: number; readonly atMs: number }
  | { readonly kind: 'back'; readonly frame: number }
  | { readonly kind: 'idle'; readonly frame: number }
  | { readonly kind: 'dry'; readonly frame: number }
  | { readonly kind: 'gone'; readonly frame: number; readonly text: string };

/** The head of a piece of sound of so many frames. */
export function soundHead(frames: number): Buffer {
  return head(SOUND, frames);
}

/** What takes back all from a frame on. */
export function takeBackFrom(frame: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigInt64LE(BigInt(frame));
  return Buffer.concat([head(TAKE_BACK, body.length), body]);
}

/** What asks where the card is. */
export function lookAtCard(): Buffer {
  return head(LOOK, 0);
}

/** One line, or undefined where it is none of the player's. */
export function playerLine(line: string): PlayerLine | undefined {
  const [kind = '', first = '', ...rest] = line.split(' ');
  const frame = Number(first);
  if (!/^-?\d+$/.test(first) || !Number.isSafeInteger(frame)) return undefined;
  switch (kind) {
    case 'ready':
      return { kind, bufferFrames: frame, rewinds: rest[0] === 'rewind' };
    case 'at':
      return /^\d+$/.test(rest[0] ?? '') ? { kind, frame, atMs: Number(rest[0]) / 1e6 } : undefined;
    case 'back':
    case 'idle':
    case 'dry':
      return { kind, frame };
    case 'gone':
      return { kind, frame, text: rest.join(' ') };
    default:
      return undefined;
  }
}

function head(kind: number, length: number): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(((kind << 24) | length) >>> 0);
  return word;
}
