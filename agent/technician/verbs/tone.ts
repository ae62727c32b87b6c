import { parseArgs } from 'node:util';
import { LoaError, messageOf } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { say } from '../texts.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa tone`: a test tone, of the lowest class and within the local limits. */
export const toneVerb: QuickVerb = {
  summary: { vi: 'phát âm thử (tối đa 30 giây, −20 dB)', en: 'play a test tone (at most 30 s, −20 dB)' },
  usage: 'tone [--hz 1000] [--seconds 3] [--db -20]',
  async run({ args, config, language, json, print }) {
    const asked = numbersOf(args);
    const answer = await askReceiver(config.socketPath, 'POST', '/v1/tone', {
      frequencyHz: asked('hz', 1_000),
      durationMs: Math.round(asked('seconds', 3) * 1_000),
      levelDb: asked('db', -20),
    });
    print(json ? JSON.stringify(answer) : say('toneStarted', language));
    return EXIT.done;
  },
};

function numbersOf(args: readonly string[]): (name: 'hz' | 'seconds' | 'db', otherwise: number) => number {
  let values: { hz?: string; seconds?: string; db?: string };
  try {
    const options = { hz: { type: 'string' }, seconds: { type: 'string' }, db: { type: 'string' } } as const;
    // parseArgs takes `--db -20` for two options unless they are joined.
    const joined = args
      .join(' ')
      .replace(/(--\w+) (-?[\d.])/g, '$1=$2')
      .split(' ')
      .filter(Boolean);
    values = parseArgs({ args: joined, options, strict: true }).values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
  return (name, otherwise) => {
    const given = values[name];
    const value = given === undefined ? otherwise : Number(given);
    if (!Number.isFinite(value)) throw new LoaError('E_USAGE', `--${name} wants a number`);
    return value;
  };
}
