import { parseArgs } from 'node:util';
import { readFile } from 'node:fs/promises';
import { CompactSign } from 'jose';
import { z } from 'zod';
import { readIfPresent, writeAtomic } from '../../agent/core/atomic-file.js';
import { instant, systemClock } from '../../agent/core/clock.js';
import { codeOf, explain, LoaError, messageOf } from '../../agent/core/errors.js';
import {
  keptTrust,
  rootFingerprint,
  TRUST_TYP,
  trustDocument,
  trustEnvelope,
  verifyTrust,
  type PublicKey,
  type TrustDocument,
} from '../../protocols/trust-document.js';
import { newPrivateJwk, signerOf } from './signer.js';

const USAGE = `Usage: node trust-tool.js VERB …      (files only, no network: for the machine that holds the root keys)

  key FILE                                   a new key: FILE (private, mode 0600) and FILE.pub
  first --threshold N --root PUB… --out DRAFT
  admit TRUST --authority FILE --public PUB [--days N] --out DRAFT      in the place of one of that id, or new
  revoke TRUST (--id AUTHORITY | --kid KID) --out DRAFT
  exchange-root TRUST --old PUB --new PUB --out DRAFT
  sign DRAFT --key FILE --to SIGNED          adds a signature; each holder of a root key on a machine of their own
  check SIGNED (--after TRUST | --fingerprint HEX)      as a receiver would
`;
const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ threshold: text, authority: text, public: text, days: text, id: text, kid: text, old: text },
  ...{ new: text, out: text, key: text, to: text, after: text, fingerprint: text },
  root: { type: 'string', multiple: true },
} as const;
const YEAR_DAYS = 365;

type Values = Readonly<Record<Exclude<keyof typeof OPTIONS, 'root'>, string | undefined>> & {
  readonly root?: string[];
};
type Option = Exclude<keyof Values, 'root'>;

/** A call: the file that the verb is about, and its options. */
class Call {
  readonly file: string;
  readonly values: Values;

  constructor(file: string, values: Values) {
    this.file = file;
    this.values = values;
  }

  needed(name: Option): string {
    const value = this.values[name];
    if (value === undefined) throw new LoaError('E_USAGE', `--${name} is missing`);
    return value;
  }

  number(name: Option, instead: number): number {
    const value = Number(this.values[name] ?? instead);
    if (!Number.isInteger(value) || value < 1) throw new LoaError('E_USAGE', `--${name} is no number`);
    return value;
  }
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<string>>> = {
  async key({ file }) {
    if ((await readIfPresent(file)) !== undefined) throw new LoaError('E_USAGE', `${file} is there already`);
    const jwk = await newPrivateJwk();
    const { kid, publicJwk } = await signerOf(jwk);
    await writeAtomic(file, `${JSON.stringify(jwk)}\n`);
    await writeAtomic(`${file}.pub`, `${JSON.stringify(publicJwk)}\n`, 0o644);
    return `kid ${kid}`;
  },
  async first(call) {
    const keys = await Promise.all((call.values.root ?? []).map(readPublic));
    const root = { threshold: call.number('threshold', 1), keys };
    if (root.threshold > keys.length)
      throw new LoaError('E_USAGE', 'the threshold is above the number of keys');
    await writeDraft(call, {
      type: 'trust',
      version: 1,
      issuedAt: now(),
      root,
      authorities: [],
      revoked: [],
    });
    return `Root fingerprint, to be read aloud to every installer: ${await rootFingerprint(root)}`;
  },
  async admit(call) {
    const parts = (await readJson(call.needed('authority'))) as { id?: unknown };
    const jwk = await readPublic(call.needed('public'));
    const nowMs = systemClock.nowMs();
    const notAfter = instant(nowMs + call.number('days', YEAR_DAYS) * 86_400_000);
    const authority = { ...parts, keys: [{ jwk, notBefore: now(), notAfter }] };
    return next(call, (trust) => ({
      ...trust,
      authorities: [...trust.authorities.filter(({ id }) => id !== parts.id), authority],
      revoked: trust.revoked.filter((one) => !('authority' in one && one.authority === parts.id)),
    }));
  },
  async revoke(call) {
    const { id, kid } = call.values;
    if ((id === undefined) === (kid === undefined)) throw new LoaError('E_USAGE', 'give one of --id, --kid');
    const since = now();
    const entry = id === undefined ? { kid, since } : { authority: id, since };
    return next(call, (trust) => {
      if (id !== undefined && !trust.authorities.some((one) => one.id === id))
        throw new LoaError('E_USAGE', `no such authority: ${id}`);
      return { ...trust, revoked: [...trust.revoked, entry] };
    });
  },
  async 'exchange-root'(call) {
    const [old, young] = [await readPublic(call.needed('old')), await readPublic(call.needed('new'))];
    return next(call, (trust) => {
      const keys = trust.root.keys.map((key) => (sameKey(key, old) ? young : key));
      if (!keys.includes(young)) throw new LoaError('E_USAGE', 'the old key is none of the root');
      return { ...trust, root: { ...trust.root, keys } };
    });
  },
  async sign(call) {
    const signer = await signerOf(await readJson(call.needed('key')));
    const draft = new TextEncoder().encode(JSON.stringify(await readDraft(call.file)));
    const header = { alg: signer.algorithm, kid: signer.kid, typ: TRUST_TYP };
    const jws = await new CompactSign(draft).setProtectedHeader(header).sign(signer.key);
    const [head = '', payload = '', signature = ''] = jws.split('.');
    const to = call.needed('to');
    const found = await readIfPresent(to);
    const before = found === undefined ? undefined : trustEnvelope.parse(JSON.parse(found));
    if (before !== undefined && before.payload !== payload)
      throw new LoaError('E_TRUST_DOCUMENT', `${to} carries another document`);
    const signatures = [...(before?.signatures ?? []), { protected: head, signature }];
    await writeAtomic(to, `${JSON.stringify({ payload, signatures })}\n`, 0o644);
    return `${signatures.length} signatures on ${to}`;
  },
  async check(call) {
    const { after, fingerprint } = call.values;
    const trusted =
      after === undefined
        ? { fingerprint: fingerprint ?? call.needed('fingerprint') }
        : { current: await readTrust(after) };
    const verified = await verifyTrust(await readFile(call.file, 'utf8'), trusted);
    if (!verified.ok) throw new LoaError(verified.refusal.code, verified.refusal.detail);
    const { version, authorities, revoked, root } = verified.value;
    const who = authorities.map(({ id }) => id).join(', ');
    return `Holds: version ${version}, root ${root.threshold} of ${root.keys.length}; authorities: ${who || 'none'}; revoked: ${revoked.length}`;
  },
};

/** Drafts the version that follows a signed one. */
async function next(call: Call, change: (trust: TrustDocument) => object): Promise<string> {
  const trust = await readTrust(call.file);
  const version = trust.version + 1;
  await writeDraft(call, { ...change(trust), version, issuedAt: now() });
  return `Draft of version ${version}. Show it to every holder of a root key, then let each sign it.`;
}

async function writeDraft(call: Call, draft: object): Promise<void> {
  const parsed = trustDocument.safeParse(draft);
  if (!parsed.success) throw new LoaError('E_TRUST_DOCUMENT', z.prettifyError(parsed.error));
  await writeAtomic(call.needed('out'), `${JSON.stringify(parsed.data, undefined, 2)}\n`, 0o644);
}

async function readDraft(path: string): Promise<TrustDocument> {
  const parsed = trustDocument.safeParse(await readJson(path));
  if (!parsed.success) throw new LoaError('E_TRUST_DOCUMENT', `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function readTrust(path: string): Promise<TrustDocument> {
  const trust = keptTrust(await readFile(path, 'utf8'));
  if (!trust.ok) throw new LoaError(trust.refusal.code, `${path}: ${trust.refusal.detail}`);
  return trust.value;
}

async function readPublic(path: string): Promise<PublicKey> {
  const parsed = trustDocument.shape.root.shape.keys.element.safeParse(await readJson(path));
  if (!parsed.success) throw new LoaError('E_IDENTITY_KEY', `${path}: no public key`);
  return parsed.data;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new LoaError('E_USAGE', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

function sameKey(one: PublicKey, other: PublicKey): boolean {
  return one.x === other.x && (one.kty !== 'EC' || (other.kty === 'EC' && one.y === other.y));
}

function now(): string {
  return instant(systemClock.nowMs());
}

/** Exit code 0, 1 for a failure, 2 for a wrong command line. */
async function main([verb = '', ...rest]: readonly string[]): Promise<number> {
  try {
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (run === undefined) throw new LoaError('E_USAGE', `unknown verb: ${verb}`);
    const { values, positionals } = parseArgs({ args: rest, options: OPTIONS, allowPositionals: true });
    const wanted = verb === 'first' ? 0 : 1;
    if (positionals.length !== wanted) throw new LoaError('E_USAGE', `${verb} takes ${wanted} file`);
    process.stdout.write(`${await run(new Call(positionals[0] ?? '', values as Values))}\n`);
    return 0;
  } catch (error) {
    const isUsage = codeOf(error) === 'E_USAGE' || error instanceof TypeError;
    process.stderr.write(`${messageOf(error)}\n`);
    process.stderr.write(isUsage ? USAGE : `${explain(codeOf(error), 'en').remedy}\n`);
    return isUsage ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
