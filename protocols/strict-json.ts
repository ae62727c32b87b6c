import { accepted, refused, type Outcome } from '../agent/core/errors.js';
import { printable } from './printable.js';

const DEEPEST = 32;

/**
 * Parses JSON that somebody signed: UTF-8 without byte order mark, one value, no key twice in an object however it
 * is spelled and whether or not the values agree (RFC 8259, 4, leaves the meaning of a repeated key open, so two
 * readers could see two different commands), no key `__proto__`, at most 32 levels deep.
 */
export function parseStrictJson(bytes: Uint8Array | string): Outcome<unknown> {
  try {
    const text =
      typeof bytes === 'string'
        ? bytes
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const { deepest, members } = shapeOf(text);
    if (deepest > DEEPEST) return refused('E_MESSAGE_GARBAGE', 'JSON nested too deep');
    let distinct = 0;
    const value: unknown = JSON.parse(text, function (this: unknown, key: string, inner: unknown) {
      if (key === '__proto__') throw new SyntaxError('the key __proto__ is not allowed');
      if (!Array.isArray(this)) distinct += 1;
      return inner;
    });
    // The reviver is called once more, for the value as a whole.
    if (distinct - 1 !== members) return refused('E_MESSAGE_GARBAGE', 'a key stands twice in an object');
    return accepted(value);
  } catch (error) {
    const detail = error instanceof Error ? printable(error.message, 120) : 'not JSON';
    return refused('E_MESSAGE_GARBAGE', detail);
  }
}

/** Depth and number of object members (colons outside strings); right for any text that turns out to be JSON. */
function shapeOf(text: string): { deepest: number; members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === ':') members += 1;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, (depth += 1));
    else if (char === '}' || char === ']') depth -= 1;
  }
  return { deepest, members };
}
