import { createInterface } from 'node:readline/promises';
import type { Language } from '../core/errors.js';
import { codeOf, messageOf } from '../core/errors.js';
import { askReceiver } from './client.js';
import type { Facts } from './diagnose/facts.js';
import { lineResult } from './line-view.js';

const TONE_MS = 3_000;
const ANSWER_MS = 30_000;

/** The slowest amplifier, the tone, and what is heard after it. */
const SENSED_LIMIT_MS = 180_000;

/**
 * Is a tone heard? By the board's sensor of the loudspeaker line, where it has one that was calibrated, else by a person.
 * @param mayAsk false where nobody is to be asked
 * @returns undefined where neither tells
 */
export async function toneHeard(
  socketPath: string,
  language: Language,
  mayAsk: boolean,
): Promise<Facts['tone']> {
  return (await toneSensed(socketPath)) ?? (mayAsk ? askHeard(socketPath, language) : undefined);
}

/** By microphone or current. Undefined: there is no sensor, it was never calibrated, or it is too noisy to tell. */
async function toneSensed(socketPath: string): Promise<Facts['tone']> {
  const answer = await askReceiver(socketPath, 'POST', '/v1/line/test', {}, SENSED_LIMIT_MS).catch(
    () => undefined,
  );
  const result = lineResult.safeParse(answer);
  if (!result.success) return undefined;
  const { verdict, sharePercent = 0, loudspeakers = 0 } = result.data;
  if (verdict === 'silent') return 'unheard';
  if (verdict === 'missing')
    return { kind: 'failed', code: 'E_LINE_LOAD', detail: `${sharePercent} %, ${loudspeakers}` };
  return verdict === 'unsure' ? undefined : 'heard';
}

/** Plays a tone and asks the person below the horns. Undefined where there is no terminal, or nobody answers. */
async function askHeard(socketPath: string, language: Language): Promise<Facts['tone']> {
  if (!process.stdin.isTTY) return undefined;
  try {
    await askReceiver(socketPath, 'POST', '/v1/tone', {
      frequencyHz: 1_000,
      durationMs: TONE_MS,
      levelDb: -20,
    });
  } catch (error) {
    return { kind: 'failed', code: codeOf(error), detail: messageOf(error) };
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question =
      language === 'vi'
        ? '\nCó nghe tiếng tút 3 giây từ loa không? (c/k) '
        : '\nDid you hear a tone of 3 s from the horns? (y/n) ';
    const answer = await asking.question(question, { signal: AbortSignal.timeout(ANSWER_MS) });
    return /^[cy]/i.test(answer.trim()) ? 'heard' : 'unheard';
  } catch {
    return undefined;
  } finally {
    asking.close();
  }
}
