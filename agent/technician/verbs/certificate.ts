import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyTrust } from '../../../protocols/trust-document.js';
import { identityFolder } from '../../../certs/identity-folder.js';
import { TrustFile } from '../../commands/document-folder.js';
import { LoaError, messageOf } from '../../core/errors.js';
import { TRUST_FILE } from '../../state-files.js';
import { say } from '../texts.js';
import { EXIT, type Verb, type VerbContext } from '../verb.js';

/** `loa certificate request|install`: the device's identity without a network. */
export const certificateVerb: Verb = {
  summary: { vi: 'xin và cài chứng thư của bộ thu', en: "request and install the receiver's certificate" },
  usage:
    'certificate request --id ID [--replace] | certificate install --certificate FILE --anchors FILE --trust FILE --fingerprint HEX',
  async run(context) {
    const [what, ...args] = context.args;
    if (what === 'request') return request(context, args);
    if (what === 'install') return install(context, args);
    throw new LoaError('E_USAGE', 'loa certificate request | install');
  },
};

async function request({ config, language, json, print }: VerbContext, args: string[]): Promise<number> {
  const { id, replace } = parsed(() =>
    parseArgs({ args, options: { id: { type: 'string' }, replace: { type: 'boolean', default: false } } }),
  );
  if (id === undefined) throw new LoaError('E_USAGE', '--id is missing');
  // Loaded when needed: it costs 330 ms and 16 MB.
  const { makeKeyAndRequest } = await import('../../../certs/make-identity.js');
  const made = await makeKeyAndRequest({
    folder: identityFolder(config.stateFolder),
    receiverId: id,
    replace,
  });
  if (json) print(JSON.stringify({ requestPath: made.requestPath, requestPem: made.requestPem }));
  else print(`${say('requestMade', language)}\n${made.requestPath}`);
  return EXIT.done;
}

async function install({ config, language, json, print }: VerbContext, args: string[]): Promise<number> {
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
  const trustText = await readGiven(trust);
  const verified = await verifyTrust(trustText, { fingerprint });
  if (!verified.ok) throw new LoaError(verified.refusal.code, verified.refusal.detail);
  const { installCertificate } = await import('../../../certs/install-certificate.js');
  const identity = await installCertificate({
    folder: identityFolder(config.stateFolder),
    certificatePem: await readGiven(certificate),
    anchorsPem: await readGiven(anchors),
    nowMs: Date.now(),
  });
  await new TrustFile(join(config.stateFolder, TRUST_FILE)).write(trustText);
  if (json) print(JSON.stringify({ receiver: identity.receiverId, trustVersion: verified.value.version }));
  else {
    print(`${say('installed', language)} ${identity.receiverId}`);
    print(`${say('trustInstalled', language)} ${verified.value.version}`);
  }
  return EXIT.done;
}

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LoaError('E_USAGE', `${path}: ${messageOf(cause)}`, { cause });
  }
}

function parsed<T>(parse: () => { values: T }): T {
  try {
    return parse().values;
  } catch (cause) {
    throw new LoaError('E_USAGE', messageOf(cause), { cause });
  }
}
