import { createInterface } from 'node:readline/promises';
import type { Language } from '../core/errors.js';
import { codeOf, messageOf } from '../core/errors.js';
import { askReceiver } from './client.js';
import type { Facts } from './diagnose/facts.js';

const TONE_MS = 3_000;
const ANSWER_MS = 30_000;

/** Plays a tone and asks the person below the horns. Undefined where there is no terminal, or nobody answers. */
export async function askHeard(socketPath: string, language: Language): Promise<Facts['tone']> {
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
