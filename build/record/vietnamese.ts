import { ARM_VI } from './vietnamese/arm.js';
import { BASELINE_VI } from './vietnamese/baseline.js';
import { EMERGENCY_VI } from './vietnamese/emergency.js';
import { HARDWARE_VI } from './vietnamese/hardware.js';
import { LINK_VI } from './vietnamese/link.js';
import { MAIN_VI } from './vietnamese/main.js';
import { PROGRAMME_VI } from './vietnamese/programme.js';
import { SOUND_VI } from './vietnamese/sound.js';
import { TECHNICIAN_VI } from './vietnamese/technician.js';
import { TRUST_VI } from './vietnamese/trust.js';
import { UPDATE_VI } from './vietnamese/update.js';

/** English texts of claims, bounds and baseline to Vietnamese. `#` stands for a number, `{1}` for the first, `{=1}` for it as it is. */
export type Dictionary = Readonly<Record<string, string>>;

const ALL: Dictionary = {
  ...MAIN_VI,
  ...TRUST_VI,
  ...SOUND_VI,
  ...ARM_VI,
  ...PROGRAMME_VI,
  ...EMERGENCY_VI,
  ...LINK_VI,
  ...HARDWARE_VI,
  ...TECHNICIAN_VI,
  ...UPDATE_VI,
  ...BASELINE_VI,
};

const NUMBER = /\d+(?:[.,]\d+)*/g;

/** A text with its numbers taken out: what stands in the dictionary. Pure. */
export function templateOf(text: string): string {
  return text.replace(NUMBER, '#');
}

/**
 * The Vietnamese of a claim, a bound or a text of the baseline; undefined where nobody has written it yet. Numbers are those of the
 * text itself, so a bound cannot say one thing in one language and another in the other. Pure.
 */
export function vietnamese(text: string, words: Dictionary = ALL): string | undefined {
  if (text === '') return '';
  const template = templateOf(text);
  const found = Object.hasOwn(words, template) ? words[template] : undefined;
  if (found === undefined) return undefined;
  const numbers = text.match(NUMBER) ?? [];
  return found.replace(/\{(=?)(\d+)\}/g, (_, raw: string, at: string) => {
    const number = numbers[Number(at) - 1] ?? '?';
    return raw === '=' ? number : vietnameseNumber(number);
  });
}

/** 12,345 as 12.345, and 0.25 as 0,25. Pure. */
function vietnameseNumber(number: string): string {
  if (/^\d{1,3}(?:,\d{3})+$/.test(number)) return number.replaceAll(',', '.');
  return /^\d+\.\d+$/.test(number) ? number.replace('.', ',') : number;
}

/** Every entry of the dictionary, for its test. */
export const DICTIONARY = ALL;
