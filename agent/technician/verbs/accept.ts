import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { identityFiles, identityFolder } from '../../../certs/identity-folder.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { acceptanceAnswer } from '../accept/acceptance-answer.js';
import { verdictCounts, type AcceptanceWords } from '../accept/acceptance-record.js';
import { askWords, scriptedWords } from '../accept/acceptance-questions.js';
import { acceptanceText } from '../accept/acceptance-text.js';
import { verifyAcceptance } from '../accept/acceptance-signature.js';
import { askReceiver } from '../client.js';
import { folded } from '../columns.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';

/** Longer than the silent test, the slowest measurement of the line and the connections together. */
const ANSWER_LIMIT_MS = 240_000;

/** `loa accept`: proves on site what a receiver can prove of itself, and leaves a record that it has signed. */
export const acceptVerb: Verb = {
  summary: {
    vi: 'nghiệm thu tại chỗ: thử từng phần, để lại biên bản có chữ ký; --verify: kiểm tra một biên bản',
    en: 'acceptance on site: tries each part, leaves a signed record; --verify checks one',
  },
  usage: 'accept [--answers FILE | --yes] [--verify FILE [--anchors FILE]]',
  async run(context) {
    const given = givenOf(context.args);
    if (given.verify !== undefined) return verify(context, given.verify, given.anchors);
    if (given.anchors !== undefined) throw new LoaError('E_USAGE', '--anchors goes with --verify');
    return accept(context, given.answers, given.yes === true);
  },
};

function givenOf(args: readonly string[]) {
  try {
    const options = {
      answers: { type: 'string' },
      yes: { type: 'boolean' },
      verify: { type: 'string' },
      anchors: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args: [...args], options, strict: true });
    const ways = [values.answers, values.yes, values.verify].filter((one) => one !== undefined);
    if (ways.length > 1) throw new Error('one of --answers, --yes and --verify');
    return values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}

async function accept(context: VerbContext, answers: string | undefined, yes: boolean): Promise<number> {
  const { config, language, json, print } = context;
  const words: AcceptanceWords =
    answers === undefined && !yes
      ? await askWords(config.socketPath, language, json)
      : await scriptedWords(config.socketPath, answers === undefined ? undefined : await textOf(answers));
  const answer = acceptanceAnswer.parse(
    await askReceiver(config.socketPath, 'POST', '/v1/accept', words, ANSWER_LIMIT_MS),
  );
  const { record, file, trouble, digest } = answer;
  if (json) print(JSON.stringify(answer));
  else {
    const vi = language === 'vi';
    print(acceptanceText(record, language));
    print(`SHA-256 ${digest}`);
    if (file !== undefined)
      print(
        `${vi ? 'Biên bản có chữ ký (và trang in .html)' : 'Signed record (and page to print, .html)'}:\n  ${file}`,
      );
    else print(`${vi ? 'Không lưu được biên bản' : 'The record could not be kept'}: ${trouble ?? '?'}`);
  }
  if (file === undefined) return EXIT.failed;
  return verdictCounts(record).failed === 0 ? EXIT.done : EXIT.found;
}

async function verify(
  { config, language, json, print }: VerbContext,
  path: string,
  anchors: string | undefined,
): Promise<number> {
  const own = identityFiles(identityFolder(config.stateFolder)).anchors;
  const checked = await verifyAcceptance(await textOf(path), await textOf(anchors ?? own));
  if (!checked.ok) throw new LoaError(checked.refusal.code, checked.refusal.detail);
  const { record, digest, fingerprint } = checked.value;
  if (json) print(JSON.stringify({ verified: true, digest, fingerprint, record }));
  else {
    print(acceptanceText(record, language));
    print(
      folded(
        language === 'vi'
          ? `Chữ ký đúng: bộ thu ${record.receiver}, chứng thư ${fingerprint}`
          : `The signature holds: receiver ${record.receiver}, certificate ${fingerprint}`,
      ),
    );
    print(`SHA-256 ${digest}`);
  }
  return EXIT.done;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  });
}
