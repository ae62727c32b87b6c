import { X509Certificate } from 'node:crypto';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { checkChain } from '../../certs/certificate-chain.js';
import { authorise } from '../../protocols/authorise.js';
import { readSigned } from '../../protocols/signed-message.js';
import { verifyTrust } from '../../protocols/trust-document.js';
import { signTrust } from '../fixtures/trust/signers.js';
import { makeCorpus, outOfScope, signedText, type Corpus } from './fuzz-corpus.js';
import { mutated, mutatedJson, mutatedText } from './mutation.js';
import { Random } from './random.js';

/** What the fuzzer found. */
export interface FuzzResult {
  readonly seed: number;
  readonly rounds: number;
  /** Inputs that are well formed and signed, by a wrong key or by one that may not say this. */
  readonly resigned: number;
  /** Inputs that were taken: must be none. Each with what it was, the first ten. */
  readonly accepted: readonly string[];
  /** Anything thrown that has no name of ours: must be none. The first ten. */
  readonly crashes: readonly string[];
  /** How often each refusal was given, by kind of input and code. */
  readonly histogram: Readonly<Record<string, number>>;
  /** Resident memory after a tenth of the rounds and at the end, MiB. */
  readonly rssMb: { readonly early: number; readonly late: number };
  readonly seconds: number;
}

/** One input: undefined where it was taken, otherwise the code of the refusal. */
type Trial = (corpus: Corpus, random: Random) => Promise<string | undefined>;

interface Kind {
  readonly name: string;
  /** Of a hundred. */
  readonly share: number;
  readonly resigned: boolean;
  readonly trial: Trial;
}

/** The envelope was changed, not what it holds: the very content that was signed. Nothing was forged. */
const SAME = 'nothing of its content changed';

async function judged(bytes: Uint8Array, corpus: Corpus): Promise<string | undefined> {
  const read = readSigned(bytes, corpus.ring);
  if (!read.ok) return read.refusal.code;
  const { assignment, nowMs } = corpus;
  const allowed = authorise(read.value.message, read.value.key, { receiver: 'loa-0001', assignment, nowMs });
  return allowed.ok ? undefined : allowed.refusal.code;
}

async function trustJudged(text: string, corpus: Corpus): Promise<string | undefined> {
  const outcome = await verifyTrust(text, { current: corpus.trust });
  if (!outcome.ok) return outcome.refusal.code;
  const honest = (JSON.parse(corpus.nextTrust) as { payload: string }).payload;
  const { payload } = JSON.parse(text) as { payload: string };
  return payload === honest ? SAME : undefined;
}

/** Refused by name, taken, or (thrown on) a crash. What OpenSSL reads as the very same certificate is no other one. */
function chainJudged(der: Uint8Array, corpus: Corpus): string | undefined {
  const { key, anchorsPem, honestPem } = corpus.certificates;
  const body = Buffer.from(der).toString('base64');
  const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  try {
    const chain = checkChain(pem, anchorsPem, key);
    return chain.leaf.raw.equals(new X509Certificate(honestPem).raw) ? SAME : undefined;
  } catch (error) {
    if (error instanceof LoaError) return error.code;
    throw error;
  }
}

const KINDS: readonly Kind[] = [
  {
    name: 'message mutated',
    share: 17,
    resigned: false,
    trial: (corpus, random) => judged(mutated(Buffer.from(random.of(corpus.signed)), random), corpus),
  },
  {
    name: 'message with other characters',
    share: 17,
    resigned: false,
    trial: (corpus, random) => judged(Buffer.from(mutatedText(random.of(corpus.signed), random)), corpus),
  },
  {
    name: 'message changed, under the old signature',
    share: 6,
    resigned: false,
    trial: (corpus, random) => {
      const at = random.below(corpus.messages.length);
      const [header = '', , signature = ''] = (corpus.signed[at] ?? '').split('.');
      const changed = mutatedJson({ ...corpus.messages[at] }, random, []);
      const payload = Buffer.from(JSON.stringify(changed)).toString('base64url');
      return judged(Buffer.from(`${header}.${payload}.${signature}`), corpus);
    },
  },
  {
    name: 'message re-signed out of scope',
    share: 30,
    resigned: true,
    trial: (corpus, random) => {
      const { message, signer, typ } = random.of(outOfScope(corpus));
      const changed =
        random.below(3) === 0 ? message : mutatedJson({ ...message }, random, ['type', 'authority']);
      return judged(Buffer.from(signedText(changed, signer, typ)), corpus);
    },
  },
  {
    name: "message re-signed under the province's kid",
    share: 12,
    resigned: true,
    trial: (corpus, random) => {
      const { commune, neighbour, stranger, province } = corpus.cast.signers;
      const signer = random.of([commune, neighbour, stranger]);
      const { message, typ } = random.of(outOfScope(corpus));
      const changed = mutatedJson({ ...message, authority: 'province' }, random, ['type', 'authority']);
      return judged(Buffer.from(signedText(changed, signer, typ, province.kid)), corpus);
    },
  },
  {
    name: 'trust document mutated',
    share: 5,
    resigned: false,
    trial: (corpus, random) => trustJudged(mutated(Buffer.from(corpus.nextTrust), random).toString(), corpus),
  },
  {
    name: 'trust document re-signed by too few or others',
    share: 3,
    resigned: true,
    trial: async (corpus, random) => {
      const { stranger, province } = corpus.cast.signers;
      const [one, two] = corpus.cast.roots;
      const foes = [
        stranger,
        province,
        ...(one === undefined || two === undefined ? [] : [random.of([one, two])]),
      ];
      const document = mutatedJson({ ...corpus.cast.trust({ version: 2 }) }, random, [
        'type',
        'root',
        'version',
      ]);
      return trustJudged(await signTrust(document, foes), corpus);
    },
  },
  {
    name: 'certificate mutated',
    share: 5,
    resigned: false,
    trial: async (corpus, random) =>
      chainJudged(mutated(new X509Certificate(corpus.certificates.honestPem).raw, random), corpus),
  },
  {
    name: 'certificate of a foreign authority',
    share: 5,
    resigned: true,
    trial: async (corpus, random) => {
      const { raw } = new X509Certificate(random.of(corpus.certificates.foreignPems));
      return chainJudged(random.below(4) === 0 ? raw : mutated(raw, random), corpus);
    },
  },
];

function kindAt(round: number): Kind {
  let left = round % 100;
  for (const kind of KINDS) {
    if (left < kind.share) return kind;
    left -= kind.share;
  }
  throw new RangeError('the shares do not add up to a hundred');
}

function rssMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}

/**
 * Throws mutated and wrongly signed messages, trust documents and certificates at the code that judges them.
 * @param tell called every ten thousand rounds
 */
export async function fuzzMessages(
  options: { readonly seed: number; readonly rounds: number },
  tell: (line: string) => void = () => undefined,
): Promise<FuzzResult> {
  const { seed, rounds } = options;
  const corpus = await makeCorpus();
  await mustTakeHonest(corpus);
  const random = new Random(seed);
  const startMs = performance.now();
  const histogram: Record<string, number> = {};
  const accepted: string[] = [];
  const crashes: string[] = [];
  let resigned = 0;
  let earlyMb = 0;
  for (let round = 0; round < rounds; round += 1) {
    // Spread, so that few rounds meet every kind.
    const kind = kindAt(round * 37);
    if (kind.resigned) resigned += 1;
    let found: string | undefined;
    try {
      found = await kind.trial(corpus, random);
    } catch (error) {
      found = 'CRASH';
      if (crashes.length < 10) crashes.push(`round ${round}, ${kind.name}: ${messageOf(error)}`);
    }
    if (found === undefined && accepted.length < 10) accepted.push(`round ${round}, ${kind.name}`);
    const name = `${kind.name}: ${found ?? 'ACCEPTED'}`;
    histogram[name] = (histogram[name] ?? 0) + 1;
    if (round === Math.floor(rounds / 10)) earlyMb = rssMb();
    if (round > 0 && round % 10_000 === 0) tell(`${round} of ${rounds}`);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const sorted = Object.fromEntries(Object.entries(histogram).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    seed,
    rounds,
    resigned,
    accepted,
    crashes,
    histogram: sorted,
    rssMb: { early: earlyMb, late: rssMb() },
    seconds,
  };
}

/** A judge that refuses everything would pass: what the fuzzer starts from must be taken. */
async function mustTakeHonest(corpus: Corpus): Promise<void> {
  for (const text of corpus.signed) {
    const code = await judged(Buffer.from(text), corpus);
    if (code !== undefined) throw new Error(`an honest message is refused: ${code}`);
  }
  const trust = await trustJudged(corpus.nextTrust, corpus);
  if (trust !== SAME) throw new Error(`an honest trust document is refused: ${trust}`);
  checkChain(corpus.certificates.honestPem, corpus.certificates.anchorsPem, corpus.certificates.key);
}
