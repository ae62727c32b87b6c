import { parseArgs } from 'node:util';
import { identityFolder } from '../../../certs/identity-folder.js';
import { LoaError } from '../../core/errors.js';
import { say } from '../texts.js';
import { EXIT, type VerbContext } from '../verb.js';
import { parsed } from './certificate-arguments.js';

/** `loa certificate request`: key and request on the device, to be carried to the province. */
export async function requestCertificate(
  { config, language, json, print }: VerbContext,
  args: string[],
): Promise<number> {
  const options = {
    id: { type: 'string' },
    replace: { type: 'boolean', default: false },
    rsa: { type: 'boolean', default: false },
  } as const;
  const { id, replace, rsa } = parsed(() => parseArgs({ args, options }));
  if (id === undefined) throw new LoaError('E_USAGE', '--id is missing');
  // Loaded when needed, as all that writes certificates is.
  const { makeKeyAndRequest } = await import('../../../certs/make-identity.js');
  const made = await makeKeyAndRequest({
    folder: identityFolder(config.stateFolder),
    receiverId: id,
    replace,
    kind: rsa ? 'rsa-2048' : 'ec-p256',
  });
  if (json) print(JSON.stringify({ requestPath: made.requestPath, requestPem: made.requestPem }));
  else print(`${say('requestMade', language)}\n${made.requestPath}`);
  return EXIT.done;
}
