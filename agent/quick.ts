import { LoaError, type Language } from './core/errors.js';
import { ASKING_VERBS } from './technician/asking-verbs.js';
import { commonOf, failed } from './technician/command-line.js';
import { quickConfig } from './technician/quick-config.js';
import { chooseLanguage } from './technician/texts.js';

/**
 * The verbs that only ask the running receiver, alone: packages hold them as one small CommonJS file, because Node takes half as long again to
 * start on modules. What it cannot do goes the long way, through `main.ts`, with the same words.
 */
async function quick(argv: readonly string[]): Promise<number | undefined> {
  let language: Language = chooseLanguage(undefined, process.env, 'vi');
  const json = argv.includes('--json');
  try {
    const { verb = '', args, config: configPath, lang, help, version } = commonOf(argv);
    const load = Object.hasOwn(ASKING_VERBS, verb) ? ASKING_VERBS[verb] : undefined;
    const config = quickConfig(configPath);
    if (load === undefined || config === undefined || help || version) return undefined;
    language = chooseLanguage(lang, process.env, config.language);
    if (lang !== undefined && lang !== language) return undefined;
    const print = (line: string): void => void process.stdout.write(`${line}\n`);
    return await (await load()).run({ args, config, language, json, print, configPath });
  } catch (error) {
    // Nobody answers there: the long way says whether the settings are at fault. One that is there and silent is not asked twice.
    const gone =
      error instanceof LoaError && error.code === 'E_NOT_RUNNING' && error.fields['reason'] !== 'silent';
    return gone ? undefined : failed(error, language, json);
  }
}

void quick(process.argv.slice(2)).then(async (code) => {
  if (code === undefined) await import('./main.js');
  else process.exitCode = code;
});
