import { createInterface, type Interface } from 'node:readline/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { codeOf, LoaError, messageOf, type Language } from '../../core/errors.js';
import { askReceiver } from '../client.js';
import { hardwareOf } from '../hardware-told.js';
import type { Text } from '../texts.js';
import type { AcceptanceWords } from './acceptance-record.js';

const TONE_MS = 3_000;
const TONE = { frequencyHz: 1_000, durationMs: TONE_MS, levelDb: -20 };
const ANSWER_MS = 120_000;
/** How long the mains may be away, and how long their return may take. */
const MAINS_LIMIT_MS = 180_000;
const LOOK_MS = 1_000;

/** Everything that the verb asks and says on the way. */
export const ACCEPTANCE_QUESTIONS = {
  head: {
    vi: 'NGHIỆM THU TẠI CHỖ. Ctrl-C để thôi. Trả lời c (có), k (không), Enter: bỏ qua.',
    en: 'ACCEPTANCE ON SITE. Ctrl-C gives up. Answer y (yes), n (no), Enter: pass over.',
  },
  heard: {
    vi: 'Vừa phát âm thử 3 giây. Người đứng dưới loa có nghe rõ không? (c/k) ',
    en: 'A tone of 3 s was just played. Did the person below the horns hear it clearly? (y/n) ',
  },
  line: {
    vi: 'Đo đường dây loa bằng âm thử, nếu có cảm biến? (c/k) ',
    en: 'Measure the loudspeaker line by a tone, where there is a sensor? (y/n) ',
  },
  mains: {
    vi: 'Thử báo mất điện: có cắt được điện lưới của bộ thu lúc này không? (c/k) ',
    en: 'Message of lost mains: can the mains of the receiver be cut now? (y/n) ',
  },
  cut: { vi: 'Hãy cắt điện lưới ngay; tối đa 3 phút.', en: 'Cut the mains now; at most 3 minutes.' },
  restore: {
    vi: 'Bộ thu đã thấy mất điện. Hãy đóng điện lại.',
    en: 'The receiver has noticed. Switch the mains on again.',
  },
  unseen: { vi: 'Bộ thu không thấy mất điện.', en: 'The receiver noticed nothing.' },
  tone: { vi: 'Không phát được âm thử:', en: 'The tone could not be played:' },
  trying: { vi: 'Đang thử các phần còn lại…', en: 'The rest is being tried…' },
} as const satisfies Record<string, Text>;

const scripted = z.strictObject({
  heard: z.boolean().optional(),
  mainsCut: z.boolean().optional(),
  line: z.boolean().optional(),
});

/**
 * The words of a script in place of a person: the record says that they are. The tone is played all the same.
 * @param text JSON `{heard?, mainsCut?, line?}`; yes to what makes a sound where left out
 * @throws LoaError `E_USAGE`, `E_NOT_RUNNING`
 */
export async function scriptedWords(socketPath: string, text: string | undefined): Promise<AcceptanceWords> {
  const given = scripted.safeParse(text === undefined ? { heard: true, line: true } : parsed(text));
  if (!given.success) throw new LoaError('E_USAGE', 'answers: {"heard": …, "mainsCut": …, "line": …}');
  const { heard, mainsCut, line = false } = given.data;
  if (heard !== undefined) await playTone(socketPath);
  return {
    ...{ words: 'script', line },
    ...(heard === undefined ? {} : { heard }),
    ...(mainsCut === undefined ? {} : { mainsCut }),
  };
}

/** Asks the person at the terminal; without one nobody is asked, and what hangs on a person is not tried. @throws LoaError */
export async function askWords(
  socketPath: string,
  language: Language,
  quiet: boolean,
): Promise<AcceptanceWords> {
  if (!process.stdin.isTTY || quiet) return { words: 'none', line: false };
  const say = (text: keyof typeof ACCEPTANCE_QUESTIONS): void =>
    void process.stderr.write(`${ACCEPTANCE_QUESTIONS[text][language]}\n`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    say('head');
    const trouble = await playTone(socketPath);
    if (trouble !== undefined) process.stderr.write(`${ACCEPTANCE_QUESTIONS.tone[language]} ${trouble}\n`);
    const heard = trouble === undefined ? await yesOrNo(asking, 'heard', language) : undefined;
    const line = await yesOrNo(asking, 'line', language);
    const mainsCut = await mainsTried(asking, socketPath, language, say);
    say('trying');
    return {
      ...{ words: 'terminal', line: line === true },
      ...(heard === undefined ? {} : { heard }),
      ...(mainsCut === undefined ? {} : { mainsCut }),
    };
  } finally {
    asking.close();
  }
}

/** Has the tone played, and waits until it is over. @returns why it was not; throws only where nobody answers */
async function playTone(socketPath: string): Promise<string | undefined> {
  try {
    await askReceiver(socketPath, 'POST', '/v1/tone', TONE);
  } catch (error) {
    if (codeOf(error) === 'E_NOT_RUNNING') throw error;
    return `${codeOf(error)} ${messageOf(error)}`;
  }
  await wait(TONE_MS + 500);
  return undefined;
}

/** Undefined where it is passed over. */
async function yesOrNo(
  asking: Interface,
  question: 'heard' | 'line' | 'mains',
  language: Language,
): Promise<boolean | undefined> {
  const answer = await asking
    .question(ACCEPTANCE_QUESTIONS[question][language], { signal: AbortSignal.timeout(ANSWER_MS) })
    .catch(() => '');
  if (/^[cy]/i.test(answer.trim())) return true;
  return /^[kn]/i.test(answer.trim()) ? false : undefined;
}

/** Goes through the cut with the person, where something on the board tells of the mains. */
async function mainsTried(
  asking: Interface,
  socketPath: string,
  language: Language,
  say: (text: keyof typeof ACCEPTANCE_QUESTIONS) => void,
): Promise<boolean | undefined> {
  if ((await mainsLost(socketPath)) !== false) return undefined;
  const may = await yesOrNo(asking, 'mains', language);
  if (may !== true) return may;
  say('cut');
  if (!(await comes(socketPath, true))) {
    say('unseen');
    return true;
  }
  say('restore');
  await comes(socketPath, false);
  return true;
}

async function comes(socketPath: string, lost: boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < MAINS_LIMIT_MS; waitedMs += LOOK_MS) {
    if ((await mainsLost(socketPath)) === lost) return true;
    await wait(LOOK_MS);
  }
  return false;
}

async function mainsLost(socketPath: string): Promise<boolean | undefined> {
  return hardwareOf(await askReceiver(socketPath, 'GET', '/v1/health')).mainsLost;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
