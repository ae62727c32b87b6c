import type { Language } from '../core/errors.js';
import { wrapped } from './columns.js';
import { say, type TEXTS } from './texts.js';
import { VERB_NAMES, verbOf } from './verbs.js';

/** The usages of a verb, a form each: a bar within brackets is a choice inside one. */
export function formsOf(usage: string): string[] {
  const forms: string[] = [''];
  let depth = 0;
  for (const sign of usage) {
    if ('[('.includes(sign)) depth += 1;
    if ('])'.includes(sign)) depth -= 1;
    if (sign === '|' && depth === 0) forms.push('');
    else forms[forms.length - 1] += sign;
  }
  return forms.map((form) => form.trim());
}

/** What `loa --help` prints: lines of at most 80 columns. */
export async function helpText(language: Language): Promise<string> {
  const t = (text: keyof typeof TEXTS): string => say(text, language);
  const lines = [
    t('tagline'),
    '',
    `${t('usage')}: loa ${language === 'vi' ? '<lệnh>' : '<verb>'} [--config FILE] [--lang vi|en] [--json]`,
    '',
    `${t('verbs')}:`,
  ];
  for (const name of VERB_NAMES) {
    const verb = await verbOf(name);
    if (verb === undefined) continue;
    for (const usage of formsOf(verb.usage)) lines.push(...indented(usage));
    lines.push(...wrapped(verb.summary[language], 72).map((line) => `      ${line}`));
  }
  lines.push(
    ...['', `${t('options')}:`],
    `  --config FILE   ${t('optionConfig')}`,
    `  --lang vi|en    ${t('optionLang')}`,
    `  --json          ${t('optionJson')}`,
    '',
    ...wrapped(t('exitCodes'), 80),
  );
  return lines.join('\n');
}

/** A usage in lines of at most 80 columns, what continues further in. */
function indented(usage: string): string[] {
  return wrapped(usage, 70).map((line, i) => `  ${i === 0 ? '' : '      '}${line}`);
}

/** The manual page (man(7) macros) of the same texts. */
export async function manualPage(language: Language, version: string): Promise<string> {
  const t = (text: keyof typeof TEXTS): string => say(text, language);
  const vi = language === 'vi';
  const lines = [
    `.TH LOA 1 "" "loa ${version}"`,
    `.SH ${vi ? 'TÊN' : 'NAME'}`,
    `loa \\- ${escaped(t('tagline'))}`,
    `.SH ${vi ? 'CÚ PHÁP' : 'SYNOPSIS'}`,
    '.B loa',
    'VERB [\\-\\-config FILE] [\\-\\-lang vi|en] [\\-\\-json]',
    `.SH ${vi ? 'LỆNH' : 'COMMANDS'}`,
  ];
  for (const name of VERB_NAMES) {
    const verb = await verbOf(name);
    if (verb === undefined) continue;
    for (const usage of formsOf(verb.usage)) lines.push('.TP', `.B loa ${escaped(usage)}`);
    lines.push(escaped(verb.summary[language]));
  }
  lines.push(`.SH ${vi ? 'MÃ THOÁT' : 'EXIT STATUS'}`, escaped(t('exitCodes')));
  return lines.join('\n');
}

/** A hyphen is typed as one, and no line begins with a macro (groff_man(7)). */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^\./, '\\&.');
}
