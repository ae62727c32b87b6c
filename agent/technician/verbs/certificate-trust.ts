import { rootCertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { identityFolder } from '../../../certs/identity-folder.js';
import { readIdentity } from '../../../certs/load-identity.js';
import { mirrorPath } from '../../../protocols/mirror.js';
import { MESSAGE_LIMIT_BYTES } from '../../../protocols/signed-message.js';
import { downTopics } from '../../../protocols/topics.js';
import { keptTrust } from '../../../protocols/trust-document.js';
import { TrustFile } from '../../commands/document-folder.js';
import type { Config } from '../../config.js';
import { LoaError } from '../../core/errors.js';
import { openMirror } from '../../link/mirror-fetch.js';
import { say } from '../texts.js';
import { EXIT, type VerbContext } from '../verb.js';
import { checkTrust, checkTrustText, parsed, type CheckedTrust } from './certificate-arguments.js';
import { join } from 'node:path';
import { TRUST_FILE } from '../../state-files.js';

const ANSWER_LIMIT_MS = 20_000;

/** What a trust document is fetched with. */
export interface TrustRequest {
  readonly config: Config;
  /** Address of the mirror; the setting where left out. */
  readonly mirror: string | undefined;
  /** Of the province, as the identity has them. */
  readonly anchorsPem: readonly string[];
  readonly fingerprint: string;
}

/** The address of the mirror. @throws LoaError `E_USAGE` where there is none, or it is not https */
export function mirrorUrl(config: Config, given: string | undefined): string {
  const url = given ?? config.mirror.url;
  if (url === '')
    throw new LoaError('E_USAGE', 'give --trust FILE, or --mirror URL (or the setting mirror.url)');
  if (!URL.canParse(url) || !url.startsWith('https:'))
    throw new LoaError('E_USAGE', '--mirror: must be an https address');
  return url;
}

/**
 * Fetches the newest trust document from the mirror. Nothing of it is believed before its root has the fingerprint that was
 * given by another way; one that is older than what is installed is refused.
 * @throws LoaError `E_MIRROR_*`, `E_TRUST_*`, `E_USAGE`
 */
export async function fetchTrust(request: TrustRequest): Promise<CheckedTrust> {
  const { config, anchorsPem, fingerprint } = request;
  const access = {
    url: mirrorUrl(config, request.mirror),
    anchorsPem: [...anchorsPem, ...(config.mirror.publicAnchors ? rootCertificates : [])],
    ...{ limitBytes: MESSAGE_LIMIT_BYTES, timeoutMs: ANSWER_LIMIT_MS },
  };
  const connection = openMirror(access, new AbortController().signal);
  const answer = await connection.fetch(mirrorPath(downTopics.trust()), undefined);
  connection.close();
  if (answer.kind === 'failed') throw new LoaError(answer.why.code, answer.why.detail);
  if (answer.kind !== 'document') {
    const why = answer.kind === 'odd' ? answer.why : 'there is no trust document';
    throw new LoaError('E_MIRROR_ANSWER', `${access.url}: ${why}`);
  }
  const checked = await checkTrustText(Buffer.from(answer.bytes).toString('utf8'), fingerprint);
  const kept = keptTrust(await new TrustFile(join(config.stateFolder, TRUST_FILE)).read());
  if (kept.ok && kept.value.version > checked.version) {
    throw new LoaError('E_TRUST_OLD', `version ${checked.version}; ${kept.value.version} is installed`);
  }
  return checked;
}

/** `loa certificate trust`: the first trust document, from a file or the mirror, for a receiver that has its certificate. */
export async function trustGiven(
  { config, language, json, print }: VerbContext,
  args: string[],
): Promise<number> {
  const options = {
    trust: { type: 'string' },
    mirror: { type: 'string' },
    fingerprint: { type: 'string' },
  } as const;
  const { trust, mirror, fingerprint } = parsed(() => parseArgs({ args, options }));
  if (fingerprint === undefined) throw new LoaError('E_USAGE', '--fingerprint is missing');
  const checked =
    trust === undefined
      ? await fetchTrust({ config, mirror, fingerprint, anchorsPem: await anchorsOf(config) })
      : await checkTrust(trust, fingerprint);
  await checked.write(config.stateFolder);
  print(
    json
      ? JSON.stringify({ trustVersion: checked.version })
      : `${say('trustInstalled', language)} ${checked.version}`,
  );
  return EXIT.done;
}

async function anchorsOf(config: Config): Promise<readonly string[]> {
  return (await readIdentity(identityFolder(config.stateFolder))).anchorsPem;
}
