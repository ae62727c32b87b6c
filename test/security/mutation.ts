import type { Random } from './random.js';

type Change = (bytes: Buffer, at: number, random: Random) => Buffer;

const CHANGES: readonly Change[] = [
  (bytes, at, random) => replaced(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << random.below(8)))),
  (bytes, at, random) => replaced(bytes, at, 1, random.bytes(1)),
  (bytes, at, random) => replaced(bytes, at, 0, random.bytes(1 + random.below(8))),
  (bytes, at, random) => replaced(bytes, at, 1 + random.below(16), Buffer.alloc(0)),
  (bytes, at, random) => replaced(bytes, at, 0, bytes.subarray(at, at + 1 + random.below(64))),
  (bytes, at, random) => replaced(bytes, at, 1 + random.below(4), Buffer.alloc(1 + random.below(4), 0xff)),
  (bytes, at, random) => replaced(bytes, at, 1, random.of(WORDS)),
  (bytes, at, random) =>
    random.below(4) === 0 ? bytes.subarray(0, at) : Buffer.concat([bytes, bytes.subarray(at)]),
];

/** Bytes that mean something to one of the parsers. */
const WORDS = [
  '.',
  '..',
  '"',
  '{',
  '[',
  '\\u0000',
  '-1',
  '1e999',
  '__proto__',
  'null',
  '=',
  'OggS',
  'ID3',
  "';",
].map((word) => Buffer.from(word));

function replaced(bytes: Buffer, at: number, gone: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + gone)]);
}

/** A copy with one to eight changes, at most 128 KiB; never the same bytes. */
export function mutated(original: Uint8Array, random: Random): Buffer {
  const start = Buffer.from(original);
  let bytes: Buffer = start;
  for (let left = 1 + random.below(8); left > 0 || bytes.equals(start); left -= 1) {
    bytes = random
      .of(CHANGES)(bytes, random.below(bytes.length + 1), random)
      .subarray(0, 131_072);
  }
  return bytes;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A copy with one to eight characters changed for others of base64url; never the same text. */
export function mutatedText(original: string, random: Random): string {
  let text = original;
  for (let left = 1 + random.below(8); left > 0 || text === original; left -= 1) {
    const at = random.below(text.length);
    text = `${text.slice(0, at)}${BASE64URL[random.below(64)] ?? ''}${text.slice(at + 1)}`;
  }
  return text;
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e21,
  '',
  'A'.repeat(300),
  '2099-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  'tinh-01',
  'thon-01',
  'priority',
  [],
  {},
  { area: 'thon-01' },
  { receiver: 'loa-0001', epoch: 3 },
  '\u202e',
  'https://intruder.example/',
];

/** A copy of a JSON value with one to three members changed, taken away or added; the members named are let be. */
export function mutatedJson(
  value: Record<string, unknown>,
  random: Random,
  keep: readonly string[],
): Record<string, unknown> {
  const copy = structuredClone(value);
  const before = JSON.stringify(value);
  for (let left = 1 + random.below(3); left > 0 || JSON.stringify(copy) === before; left -= 1) {
    let object = copy;
    for (let depth = random.below(4); depth > 0; depth -= 1) {
      const inner = random.of(Object.values(object));
      if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) break;
      object = inner as Record<string, unknown>;
    }
    const names = Object.keys(object).filter((name) => object !== copy || !keep.includes(name));
    const name = names.length === 0 || random.below(8) === 0 ? 'extra' : random.of(names);
    if (random.below(4) === 0) Reflect.deleteProperty(object, name);
    else object[name] = structuredClone(random.of(VALUES));
  }
  return copy;
}
