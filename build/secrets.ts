/** Something in a text that looks like a secret. */
export interface Suspect {
  readonly where: string;
  readonly line: number;
  readonly kind: 'private key' | 'private JWK' | 'token' | 'assigned secret';
  /** The first characters, enough to find it. */
  readonly excerpt: string;
}

const PEM_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{40,}/g;
/** `d` of a private JWK (RFC 7518, 6.2.2 and 6.3.2): 32 bytes and more in base64url. */
const JWK_D = /["']?\bd\b["']?\s*:\s*["']([A-Za-z0-9_-]{43,})["']/g;
const TOKENS =
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20}|npm_[A-Za-z0-9]{36}|AKIA[0-9A-Z]{16}|xox[abpr]-[A-Za-z0-9-]{20,}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{40,})\b/g;
const ASSIGNED =
  /\b[\w.-]*(?:password|passwd|passphrase|secret|token|api_?key|private_?key|credential)[\w.-]*["']?\s*[:=]\s*["'`]([^"'`\s]{8,})["'`]/gi;
/** A mixed text of a key; words and identifiers stay below. Bits a character. */
const ENTROPY = 3.5;

/**
 * What in a text looks like a secret: private keys (PEM with a body, JWK), tokens of known forms (a compact JWS of an
 * unprotected kind too), and long mixed strings assigned to a name such as `password` or `token`.
 */
export function suspectsIn(text: string, where: string): Suspect[] {
  const found: Suspect[] = [];
  const add = (kind: Suspect['kind'], match: RegExpMatchArray): void => {
    const line = text.slice(0, match.index).split('\n').length;
    found.push({ where, line, kind, excerpt: match[0].replace(/\s+/g, ' ').slice(0, 60) });
  };
  for (const match of text.matchAll(PEM_KEY)) add('private key', match);
  for (const match of text.matchAll(JWK_D)) add('private JWK', match);
  for (const match of text.matchAll(TOKENS)) add('token', match);
  for (const match of text.matchAll(ASSIGNED)) {
    if (entropyOf(match[1] ?? '') >= ENTROPY) add('assigned secret', match);
  }
  return found;
}

/** Shannon's entropy of a text's characters, bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}
