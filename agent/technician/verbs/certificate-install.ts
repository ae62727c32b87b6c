import { parseArgs } from 'node:util';
import { identityFolder } from '../../../certs/identity-folder.js';
import { LoaError } from '../../core/errors.js';
import { say } from '../texts.js';
import { EXIT, type VerbContext } from '../verb.js';
import { checkTrust, parsed, readGiven } from './certificate-arguments.js';

/** `loa certificate install`: what the province answered to a request, and the first trust document. */
export async function installGiven(
  { config, language, json, print }: VerbContext,
  args: string[],
): Promise<number> {
  const options = {
    certificate: { type: 'string' },
    anchors: { type: 'string' },
    trust: { type: 'string' },
    fingerprint: { type: 'string' },
  } as const;
  const given = parsed(() => parseArgs({ args, options }));
  const { certificate, anchors, trust, fingerprint } = given;
  if (
    certificate === undefined ||
    anchors === undefined ||
    trust === undefined ||
    fingerprint === undefined
  ) {
    throw new LoaError('E_USAGE', '--certificate, --anchors, --trust and --fingerprint are wanted');
  }
  const checked = await checkTrust(trust, fingerprint);
  const { installCertificate } = await import('../../../certs/install-certificate.js');
  const identity = await installCertificate({
    folder: identityFolder(config.stateFolder),
    certificatePem: await readGiven(certificate),
    anchorsPem: await readGiven(anchors),
    nowMs: Date.now(),
  });
  await checked.write(config.stateFolder);
  if (json) print(JSON.stringify({ receiver: identity.receiverId, trustVersion: checked.version }));
  else {
    print(`${say('installed', language)} ${identity.receiverId}`);
    print(`${say('trustInstalled', language)} ${checked.version}`);
  }
  return EXIT.done;
}
