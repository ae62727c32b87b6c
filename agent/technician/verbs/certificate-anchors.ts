import { identityFolder } from '../../../certs/identity-folder.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { codeOf, LoaError } from '../../core/errors.js';
import type { Config } from '../../config.js';
import { askReceiver } from '../client.js';
import { folded } from '../columns.js';
import { say } from '../texts.js';
import { EXIT, wantNoMore, type VerbContext } from '../verb.js';
import { readGiven } from './certificate-arguments.js';

/**
 * `loa certificate anchors [FILE]`: a new set of certificate authorities that a technician brings, or, without a file, a look at
 * what the province offers now. A running receiver tries the set and puts it in force by itself; where none runs, that is done here.
 */
export async function anchors(
  { config, language, json, print }: VerbContext,
  args: string[],
): Promise<number> {
  const [path, ...more] = args;
  wantNoMore(more);
  if (path !== undefined) await stage(config, await readGiven(path));
  try {
    await askReceiver(config.socketPath, 'POST', '/v1/anchors', {});
    print(json ? JSON.stringify({ looking: true }) : folded(say('lookingAtAnchors', language)));
  } catch (error) {
    if (path === undefined || codeOf(error) !== 'E_NOT_RUNNING') throw error;
    const count = await tryAndInstall(config);
    print(json ? JSON.stringify({ anchors: count }) : `${say('anchorsInstalled', language)} ${count}`);
  }
  return EXIT.done;
}

async function stage(config: Config, text: string): Promise<void> {
  const { checkAnchors, stageAnchors } = await import('../../../certs/anchors.js');
  const folder = identityFolder(config.stateFolder);
  // There is nothing to rotate on a device that was never enrolled: its first anchors come with its certificate.
  await readIdentity(folder);
  await stageAnchors(folder, checkAnchors(text, Date.now()));
}

async function tryAndInstall({ stateFolder, broker, enrolment }: Config): Promise<number> {
  const { promoteAnchors, readStagedAnchors } = await import('../../../certs/anchors.js');
  const { tryAnchors } = await import('../../../certs/anchors-trial.js');
  const folder = identityFolder(stateFolder);
  const anchorsPem = await readStagedAnchors(folder);
  if (anchorsPem === undefined) throw new LoaError('E_IDENTITY_ANCHORS', 'nothing is staged');
  const trial = await tryAnchors({
    ...{ identity: await readIdentity(folder), anchorsPem, url: enrolment.url, nowMs: () => Date.now() },
    broker: { host: broker.host, port: broker.port },
  });
  // It stays staged: the receiver tries it again when it runs.
  if (trial.kind !== 'holds') throw trial.why;
  await promoteAnchors(folder);
  return (await readIdentity(folder)).anchorsPem.length;
}
