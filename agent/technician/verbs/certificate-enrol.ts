import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EstCredentials } from '../../../certs/est/est-client.js';
import { identityFolder } from '../../../certs/identity-folder.js';
import type { Config } from '../../config.js';
import { LoaError } from '../../core/errors.js';
import { secretOfDescriptor, secretOfFile } from '../secret-input.js';
import { say } from '../texts.js';
import { EXIT, type VerbContext } from '../verb.js';
import { checkTrustIfGiven, parsed, readGiven } from './certificate-arguments.js';
import { fetchTrust, mirrorUrl } from './certificate-trust.js';

const OPTIONS = {
  id: { type: 'string' },
  url: { type: 'string' },
  'ca-fingerprint': { type: 'string' },
  'token-file': { type: 'string' },
  'token-fd': { type: 'string' },
  'factory-key': { type: 'string' },
  'factory-certificate': { type: 'string' },
  trust: { type: 'string' },
  mirror: { type: 'string' },
  fingerprint: { type: 'string' },
  wait: { type: 'string', default: '60' },
  replace: { type: 'boolean', default: false },
} as const;

type Given = ReturnType<typeof givenOf>;

function givenOf(args: string[]) {
  return parsed(() => parseArgs({ args, options: OPTIONS }));
}

/** `loa certificate enrol`: a certificate over the network (EST), with a one-time token or a factory certificate. */
export async function enrol({ config, language, json, print }: VerbContext, args: string[]): Promise<number> {
  const given = givenOf(args);
  const { id } = given;
  const url = given.url ?? config.enrolment.url;
  const fingerprint = given['ca-fingerprint'] ?? config.enrolment.fingerprint;
  if (id === undefined || url === '' || fingerprint === '') {
    throw new LoaError('E_USAGE', '--id, --url and --ca-fingerprint (or the settings) are wanted');
  }
  const fromMirror = given.fingerprint !== undefined && given.trust === undefined;
  if (fromMirror) mirrorUrl(config, given.mirror);
  const carried = fromMirror ? undefined : await checkTrustIfGiven(given.trust, given.fingerprint);
  const credentials = await credentialsOf(id, given);
  const { enrolOverNetwork } = await import('../../../certs/est/enrol.js');
  const identity = await enrolOverNetwork({
    ...{ folder: identityFolder(config.stateFolder), receiverId: id, url, fingerprint, credentials },
    replace: given.replace,
    nowMs: () => Date.now(),
    wait: waitingFor(given.wait),
  });
  if (!json) print(`${say('installed', language)} ${identity.receiverId}`);
  const trust = fromMirror ? await trustOf(config, given, identity.anchorsPem) : carried;
  await trust?.write(config.stateFolder);
  if (json) print(JSON.stringify({ receiver: identity.receiverId, trustVersion: trust?.version }));
  else if (trust !== undefined) print(`${say('trustInstalled', language)} ${trust.version}`);
  return EXIT.done;
}

/** The certificate is there by now; `loa certificate trust` gets the document where this fails. */
function trustOf(config: Config, { mirror, fingerprint = '' }: Given, anchorsPem: readonly string[]) {
  return fetchTrust({ config, mirror, fingerprint, anchorsPem });
}

async function credentialsOf(receiverId: string, given: Given): Promise<EstCredentials> {
  const { 'token-file': file, 'token-fd': descriptor } = given;
  const { 'factory-key': key, 'factory-certificate': certificate } = given;
  const ways = [file, descriptor, key].filter((one) => one !== undefined).length;
  if (ways !== 1 || (key === undefined) !== (certificate === undefined)) {
    throw new LoaError(
      'E_USAGE',
      'one of --token-file, --token-fd, --factory-key with --factory-certificate',
    );
  }
  if (file !== undefined) return { kind: 'token', receiverId, token: await secretOfFile(file) };
  if (descriptor !== undefined)
    return { kind: 'token', receiverId, token: await secretOfDescriptor(descriptor) };
  return {
    kind: 'certificate',
    keyPem: await readGiven(key ?? ''),
    certificatePem: await readGiven(certificate ?? ''),
  };
}

/** Waits as often as it takes, for at most so many seconds in all. */
function waitingFor(seconds: string): (afterMs: number) => Promise<boolean> {
  if (!/^\d{1,5}$/.test(seconds)) throw new LoaError('E_USAGE', '--wait is a number of seconds');
  let leftMs = Number(seconds) * 1000;
  return async (afterMs) => {
    if (afterMs > leftMs) return false;
    leftMs -= afterMs;
    await sleep(afterMs);
    return true;
  };
}
