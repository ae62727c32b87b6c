import { LoaError } from '../../core/errors.js';
import { formsOf } from '../help-text.js';
import { EXIT, type QuickVerb } from '../verb.js';

/** `loa completion bash|zsh`: a script for the shell, made of the same texts as the help. */
export const completionVerb: QuickVerb = {
  summary: { vi: 'in tập lệnh gợi ý cho bash hoặc zsh', en: 'print the completion script for bash or zsh' },
  usage: 'completion bash | completion zsh',
  async run({ args, json, print }) {
    const [shell, ...more] = args;
    if ((shell !== 'bash' && shell !== 'zsh') || more.length > 0)
      throw new LoaError('E_USAGE', 'completion bash|zsh');
    const script = await completionScript(shell);
    print(json ? JSON.stringify({ shell, script }) : script);
    return EXIT.done;
  },
};

const COMMON = ['--config', '--lang', '--json', '--help'];

/** The script: verbs first, then the words that stand in a verb's usage. */
export async function completionScript(shell: 'bash' | 'zsh'): Promise<string> {
  // Loaded late: the table of verbs holds this one.
  const { VERB_NAMES, verbOf } = await import('../verbs.js');
  const cases: string[] = [];
  for (const name of VERB_NAMES) {
    const usage = (await verbOf(name))?.usage ?? '';
    const words = new Set(
      formsOf(usage).flatMap((form) =>
        [...form.matchAll(/(?:^|[\s([])(--?[a-z][\w-]*|[a-z][\w-]+)/g)].map(([, word = '']) => word),
      ),
    );
    words.delete(name);
    for (const word of ['or', 'and']) words.delete(word);
    cases.push(`    ${name}) words="${[...words, ...COMMON].join(' ')}" ;;`);
  }
  const body = [
    '_loa() {',
    '  local words current',
    '  current="${COMP_WORDS[COMP_CWORD]}"',
    `  if [ "$COMP_CWORD" -eq 1 ]; then words="${VERB_NAMES.join(' ')} --help --version"`,
    '  else case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) words="${COMMON.join(' ')}" ;;`,
    '  esac; fi',
    '  case "$current" in -*|"") ;; */*) words="" ;; esac',
    '  COMPREPLY=( $(compgen -W "$words" -- "$current") )',
    '  [ "${#COMPREPLY[@]}" -gt 0 ] || COMPREPLY=( $(compgen -f -- "$current") )',
    '}',
    'complete -o filenames -F _loa loa',
  ];
  if (shell === 'bash') return body.join('\n');
  return [
    ...['#compdef loa', 'autoload -U +X bashcompinit && bashcompinit'],
    ...body,
    // Loaded by the first TAB as a function, it answers that one too; read by `source` there is nothing to answer.
    '[ -z "${compstate+x}" ] || _bash_complete -o filenames -F _loa',
  ].join('\n');
}
