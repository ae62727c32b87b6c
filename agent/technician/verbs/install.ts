import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { identityFiles, identityFolder } from '../../../certs/identity-folder.js';
import { loadIdentity } from '../../../certs/load-identity.js';
import { keptTrust } from '../../../protocols/trust-document.js';
import { TrustFile } from '../../commands/document-folder.js';
import { codeOf, LoaError, messageOf } from '../../core/errors.js';
import { checkConfig } from '../../config.js';
import { TRUST_FILE } from '../../state-files.js';
import { enrolmentWords, settingsOf, type InstallAnswers } from '../install-answers.js';
import { wrapped } from '../columns.js';
import { askDecisions, INSTALL_TEXTS, parsedAnswers } from '../install-questions.js';
import { readSettings, withSettings, writeSettings } from '../settings-file.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';

/** `loa install`: the first set-up in three decisions, by questions or from a file. */
export const installVerb: Verb = {
  summary: {
    vi: 'cài đặt lần đầu: mạng, chứng thư, bo mạch; --replace để thay bộ thu cũ',
    en: 'first set-up: network, enrolment, board; --replace swaps an old receiver',
  },
  usage: 'install [--answers FILE] [--replace OLD-ID]',
  async run(context) {
    const { language, json, print, configPath } = context;
    if (configPath === undefined) throw new LoaError('E_USAGE', 'no settings file is named: --config FILE');
    const { answers: file, replace } = givenOf(context.args);
    const answers = file === undefined ? await askDecisions(language, replace) : await fromFile(file);
    const settings = withSettings(await readSettings(configPath), settingsOf(answers));
    const config = checkConfig(settings);
    await writeSettings(configPath, settings);
    const said = await enrolled({ ...context, config }, answers, replace);
    const open = answers.enrolment.kind === 'request' ? [] : await notSecure(config.stateFolder);
    if (json)
      print(
        JSON.stringify({
          settings: configPath,
          enrolment: answers.enrolment.kind,
          said,
          open,
          ...(replace === undefined ? {} : { replaces: replace }),
        }),
      );
    else {
      const t = (text: keyof typeof INSTALL_TEXTS): string => INSTALL_TEXTS[text][language];
      if (answers.enrolment.kind === 'request')
        print(
          `${wrapped(t('asked'), 80).join('\n')}\n  ${identityFiles(identityFolder(config.stateFolder)).request}`,
        );
      else if (open.length === 0) print(t('done'));
      else open.forEach((line) => print(`${t('open')}: ${line}`));
      if (replace !== undefined) print(`${t('revoke')} ${replace}`);
      print(t('next'));
    }
    return open.length === 0 ? EXIT.done : EXIT.failed;
  },
};

function givenOf(args: readonly string[]) {
  try {
    const options = { answers: { type: 'string' }, replace: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

async function fromFile(path: string): Promise<InstallAnswers> {
  try {
    return parsedAnswers(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof LoaError) throw cause;
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Carries the second decision out by the verb that does it by hand. @returns what it said, as JSON */
async function enrolled(
  context: VerbContext,
  answers: InstallAnswers,
  replaces: string | undefined,
): Promise<unknown> {
  const { verb, args } = enrolmentWords(answers, replaces);
  let said = '';
  const quiet: VerbContext = { ...context, json: true, print: (line) => (said += line) };
  if (verb === 'enrol') await (await import('./certificate-enrol.js')).enrol(quiet, args);
  else if (verb === 'install') await (await import('./certificate-install.js')).installGiven(quiet, args);
  else await (await import('./certificate-request.js')).requestCertificate(quiet, args);
  return JSON.parse(said === '' ? '{}' : said) as unknown;
}

/** What is missing for a secure set-up; nothing where all is there. */
async function notSecure(stateFolder: string): Promise<string[]> {
  const folder = identityFolder(stateFolder);
  const open: string[] = [];
  await loadIdentity(folder, Date.now()).catch((error: unknown) => open.push(codeOf(error)));
  const { mode } = (await stat(folder).catch(() => undefined)) ?? { mode: 0 };
  if ((mode & 0o007) !== 0) open.push(`${folder}: open to others`);
  const trust = keptTrust(await new TrustFile(join(stateFolder, TRUST_FILE)).read());
  if (!trust.ok) open.push(trust.refusal.code);
  return open;
}
