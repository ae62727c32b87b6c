import { parseArgs } from 'node:util';
import { identityFolder } from '../../../certs/identity-folder.js';
import { LoaError } from '../../core/errors.js';
import { secretOfDescriptor, secretOfTerminal } from '../secret-input.js';
import { say } from '../texts.js';
import { EXIT, type VerbContext } from '../verb.js';
import { checkTrustIfGiven, parsed, readGiven, readGivenBytes } from './certificate-arguments.js';

/** `loa certificate import`: key and certificate from a PKCS#12 file. */
export async function importGiven(
  { config, language, json, print }: VerbContext,
  args: string[],
): Promise<number> {
  const options = {
    file: { type: 'string' },
    'passphrase-fd': { type: 'string' },
    anchors: { type: 'string' },
    trust: { type: 'string' },
    fingerprint: { type: 'string' },
  } as const;
  const given = parsed(() => parseArgs({ args, options }));
  if (given.file === undefined) throw new LoaError('E_USAGE', '--file is missing');
  const trust = await checkTrustIfGiven(given.trust, given.fingerprint);
  const file = await readGivenBytes(given.file);
  const descriptor = given['passphrase-fd'];
  const passphrase =
    descriptor === undefined
      ? await secretOfTerminal(say('passphrase', language))
      : await secretOfDescriptor(descriptor);
  const { importPkcs12 } = await import('../../../certs/pkcs12.js');
  const identity = await importPkcs12({
    ...{ folder: identityFolder(config.stateFolder), file, passphrase, nowMs: Date.now() },
    ...(given.anchors === undefined ? {} : { anchorsPem: await readGiven(given.anchors) }),
  });
  await trust?.write(config.stateFolder);
  if (json) print(JSON.stringify({ receiver: identity.receiverId, trustVersion: trust?.version }));
  else print(`${say('installed', language)} ${identity.receiverId}`);
  return EXIT.done;
}
