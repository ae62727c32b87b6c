import { LONGEST_TEXT, type TextSound } from '../messages/sound-source.js';
import type { CapInfo, CapResponse } from './alert.js';

/** Languages that a receiver can speak. */
export type SpokenLanguage = TextSound['lang'];

/** Infos spoken of one message in one language. */
const SPOKEN_AT_MOST = 3;

const EXERCISE: Readonly<Record<SpokenLanguage, string>> = {
  vi: 'Đây là diễn tập, không phải tình huống thật.',
  en: 'This is an exercise, not a real emergency.',
};

/** Said where the message asks for an action but gives no instruction. */
const RESPONSES: Readonly<Record<SpokenLanguage, Partial<Record<CapResponse, string>>>> = {
  vi: {
    Shelter: 'Hãy trú ẩn tại chỗ.',
    Evacuate: 'Hãy sơ tán theo hướng dẫn của chính quyền.',
    Prepare: 'Hãy chuẩn bị sẵn sàng ứng phó.',
    Execute: 'Hãy thực hiện phương án đã chuẩn bị.',
    Avoid: 'Hãy tránh xa khu vực nguy hiểm.',
    Monitor: 'Hãy theo dõi các thông báo tiếp theo.',
    Assess: 'Hãy theo dõi các thông báo tiếp theo.',
    AllClear: 'Tình huống nguy hiểm đã kết thúc.',
  },
  en: {
    Shelter: 'Take shelter where you are.',
    Evacuate: 'Leave the area as the authorities direct.',
    Prepare: 'Make preparations now.',
    Execute: 'Carry out what has been prepared.',
    Avoid: 'Keep away from the danger.',
    Monitor: 'Listen for further announcements.',
    Assess: 'Listen for further announcements.',
    AllClear: 'The danger is over.',
  },
};

/**
 * What is spoken of a message's infos, one text each: in every language asked for that the message has, gravest first as the
 * message has them; where it has none of them, in one that can be spoken at all. Pure.
 * @param languages wanted, in this order
 * @param nowMs infos that are not in effect now are left out, unless none would remain
 */
export function capTexts(
  infos: readonly CapInfo[],
  languages: readonly SpokenLanguage[],
  exercise: boolean,
  nowMs: number,
): TextSound[] {
  const inEffect = infos.filter(
    ({ effectiveMs = -Infinity, expiresMs = Infinity }) => effectiveMs <= nowMs && nowMs < expiresMs,
  );
  const from = inEffect.length === 0 ? infos : inEffect;
  const of = (lang: SpokenLanguage): TextSound[] =>
    from
      .filter(({ language }) => primaryOf(language) === lang)
      .slice(0, SPOKEN_AT_MOST)
      .map((info) => ({ kind: 'text', lang, text: textOf(info, lang, exercise) }));
  const wanted = languages.flatMap(of);
  if (wanted.length > 0) return wanted;
  return (['vi', 'en'] as const).map(of).find((texts) => texts.length > 0) ?? [];
}

/** What a message is called, for people: at most 200 characters in one line. */
export function capTitle(
  infos: readonly CapInfo[],
  languages: readonly SpokenLanguage[],
): string | undefined {
  const info =
    languages
      .map((lang) => infos.find(({ language }) => primaryOf(language) === lang))
      .find((one) => one !== undefined) ?? infos[0];
  return info === undefined ? undefined : clean(info.headline ?? info.event).slice(0, 200);
}

function primaryOf(language: string): string {
  return language.split('-')[0]?.toLowerCase() ?? '';
}

function textOf(
  { headline, event, description, instruction, responses }: CapInfo,
  lang: SpokenLanguage,
  exercise: boolean,
): string {
  const action = [...new Set(responses.map((one) => RESPONSES[lang][one] ?? ''))].filter((one) => one !== '');
  const words = [
    exercise ? EXERCISE[lang] : '',
    clean(headline ?? event),
    clean(description ?? ''),
    clean(instruction ?? action.join(' ')),
  ];
  return cut(words.filter((one) => one !== '').join('\n'));
}

/** White space of a document that was set for reading is one space; nothing else below it is spoken. */
function clean(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
}

/** At most as much as may be spoken, up to the end of a word. */
function cut(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const head = text.slice(0, LONGEST_TEXT);
  const end = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n'));
  return head.slice(0, end > 0 ? end : LONGEST_TEXT);
}
