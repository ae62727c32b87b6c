import { parseArgs } from 'node:util';
import { LoaError, messageOf, type Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { signedFile } from '../signed-file.js';
import { say } from '../texts.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa tone`: a test tone, a sweep or the test sentence, of the lowest class and within the local limits. */
export const toneVerb: QuickVerb = {
  summary: {
    vi: 'phát âm thử, quét tần số hoặc câu "một hai ba" (tối đa 30 giây, −20 dB)',
    en: 'play a test tone, a sweep or a spoken sentence (at most 30 s, −20 dB)',
  },
  usage: 'tone [--hz 1000 | --sweep [100-8000] | --speech] [--seconds 3] [--db -20] [--permit FILE]',
  async run({ args, config, language, json, print }) {
    const { permit, ...wish } = askedBy(args, language);
    const answer = await askReceiver(config.socketPath, 'POST', '/v1/tone', {
      ...wish,
      ...(permit === undefined ? {} : { permit: await signedFile(permit) }),
    });
    print(json ? JSON.stringify(answer) : say('toneStarted', language));
    return EXIT.done;
  },
};

const SWEEP = '100-8000';
const SWEEP_S = 10;

interface Words {
  readonly hz?: string | undefined;
  readonly sweep?: string | undefined;
  readonly speech?: boolean | undefined;
  readonly seconds?: string | undefined;
  readonly db?: string | undefined;
  readonly permit?: string | undefined;
}

function askedBy(args: readonly string[], language: Language): { readonly permit: string | undefined } {
  const words = wordsOf(args);
  const kinds = [words.hz, words.sweep, words.speech].filter((one) => one !== undefined);
  if (kinds.length > 1) throw new LoaError('E_USAGE', 'one of --hz, --sweep, --speech');
  const level = words.db === undefined ? {} : { levelDb: numberOf('db', words.db) };
  const { permit } = words;
  if (words.speech === true) {
    if (words.seconds !== undefined) throw new LoaError('E_USAGE', '--speech has a length of its own');
    return { ...{ speech: language, permit }, ...level };
  }
  const [from, to] = words.sweep === undefined ? [words.hz ?? '1000'] : words.sweep.split('-');
  if (words.sweep !== undefined && to === undefined) throw new LoaError('E_USAGE', '--sweep wants FROM-TO');
  const seconds = words.seconds ?? String(words.sweep === undefined ? 3 : SWEEP_S);
  const lasts = { durationMs: Math.round(numberOf('seconds', seconds) * 1_000) };
  const ends = to === undefined ? {} : { toHz: numberOf('sweep', to) };
  return { ...{ frequencyHz: numberOf('hz', from ?? ''), permit }, ...ends, ...lasts, ...level };
}

function wordsOf(args: readonly string[]): Words {
  try {
    const text = { type: 'string' } as const;
    const options = {
      ...{ hz: text, sweep: text, seconds: text, db: text, permit: text },
      speech: { type: 'boolean' },
    } as const;
    return parseArgs({ args: joined(args), options, strict: true }).values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

/** parseArgs takes `--db -20` for two options unless they are joined; a sweep may stand without its span. */
function joined(args: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const [word = '', next] = [args[i], args[i + 1]];
    if (word === '--sweep' && !/^\d/.test(next ?? '')) out.push(`--sweep=${SWEEP}`);
    else if (/^--\w+$/.test(word) && next !== undefined && /^-?[\d.]/.test(next)) {
      out.push(`${word}=${next}`);
      i += 1;
    } else out.push(word);
  }
  return out;
}

function numberOf(name: string, given: string): number {
  const value = Number(given);
  if (given === '' || !Number.isFinite(value)) throw new LoaError('E_USAGE', `--${name} wants a number`);
  return value;
}
