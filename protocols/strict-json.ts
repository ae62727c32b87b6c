import { parse } from 'lossless-json';
import { accepted, refused, type Outcome } from '../agent/core/errors.js';

/**
 * Parses JSON that somebody signed: UTF-8, one value, no key twice in an object (RFC 8259 leaves the meaning of a
 * repeated key open, so two readers could see two different commands), at most 32 levels deep.
 */
export function parseStrictJson(bytes: Uint8Array | string): Outcome<unknown> {
  try {
    const text =
      typeof bytes === 'string'
        ? bytes
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (depthOf(text) > 32) return refused('E_MESSAGE_GARBAGE', 'JSON nested too deep');
    parse(text, undefined, {
      parseNumber: Number,
      onDuplicateKey: ({ key }) => {
        throw new SyntaxError(`key twice: ${key.slice(0, 40)}`);
      },
    });
    return accepted(JSON.parse(text) as unknown);
  } catch (error) {
    return refused('E_MESSAGE_GARBAGE', error instanceof Error ? error.message.slice(0, 120) : 'not JSON');
  }
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, (depth += 1));
    else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}
