/** What stands where a secret was. */
const MARK = '[removed]';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Any private key in PEM, also where a log has put its lines into one.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MARK],
  [
    /(\b(?:authorization|proxy-authorization|cookie|set-cookie)["']?\s*[:=]\s*["']?)[^"'\r\n]+/gi,
    `$1${MARK}`,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MARK}`],
  // An account in an address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi, `$1${MARK}@`],
  // name=value and "name": "value", whatever the name around the word.
  [
    /(["']?[\w.-]*(?:pass(?:word|phrase|wd)?|secret|token|api[_-]?key|private[_-]?key|pin|puk|mật khẩu)[\w.-]*["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}]+)/giu,
    `$1"${MARK}"`,
  ],
  // The words of a command line: --token abc.
  [/(--(?:token|password|passphrase|secret|pin)[\w-]*[ =])\S+/gi, `$1${MARK}`],
  // A private part of a JSON Web Key (RFC 7518, 6.2.2 and 6.3.2).
  [/("(?:d|p|q|dp|dq|qi|k)"\s*:\s*)"[\w-]{20,}"/g, `$1"${MARK}"`],
];

/** Shorter pieces of a secret are words that stand anywhere. */
const LEAST_PIECE = 12;

/**
 * A text without secrets: by what they look like, and by those that are known (whole, and each line of them, in the forms in which they
 * travel: as they are, and as base64 and hexadecimal). Pure but for Buffer.
 */
export function redacted(text: string, known: readonly string[]): string {
  let clean = text;
  for (const piece of piecesOf(known)) clean = clean.replaceAll(piece, MARK);
  for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
  return clean;
}

/** True where nothing of the known secrets is in a text. */
export function isClean(text: string, known: readonly string[]): boolean {
  return piecesOf(known).every((piece) => !text.includes(piece));
}

function piecesOf(known: readonly string[]): string[] {
  const whole = known.flatMap((secret) => [
    ...secret.split(/\r?\n/).filter((line) => !line.startsWith('-----')),
    secret.replaceAll('\n', '\\n'),
  ]);
  const forms = whole.flatMap((piece) => {
    const bytes = Buffer.from(piece, 'utf8');
    return [piece, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
  });
  return [...new Set(forms)]
    .filter((piece) => piece.length >= LEAST_PIECE)
    .sort((a, b) => b.length - a.length);
}
