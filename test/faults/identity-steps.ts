import { promoteAnchors, readAnchors, readStagedAnchors, stageAnchors } from '../../certs/anchors.js';
import { judgeOffer } from '../../certs/anchors-offer.js';
import { certificatesOf } from '../../certs/certificate-chain.js';
import { EstClient } from '../../certs/est/est-client.js';
import { readIdentity } from '../../certs/load-identity.js';
import { signTrust, newSigner } from '../fixtures/trust/signers.js';
import { openRig } from '../unit/commands/time-rig.js';

const nowMs = (): number => Date.now();

/** What the agent does where the EST server has other anchors: judge, stage, put in force. Nothing where they are in force. */
export async function rotateAnchors(folder: string, url: string): Promise<void> {
  const { anchorsPem } = await readIdentity(folder);
  const answer = await new EstClient({ url, anchorsPem, nowMs }).caCertificates();
  const offer = judgeOffer(certificatesOf(answer.join(''), '/cacerts'), await readAnchors(folder), nowMs());
  if (offer.kind === 'unvouched') throw new Error('not vouched for');
  if (offer.kind === 'changed') await stageAnchors(folder, offer.anchorsPem);
  if ((await readStagedAnchors(folder)) !== undefined) await promoteAnchors(folder);
}

/** Puts version 1 of a trust document in a folder. @returns version 2, signed */
export async function trustToCome(folder: string): Promise<string> {
  const root = await newSigner();
  const { trust } = await openRig({ folder, roots: [root] });
  return signTrust({ ...trust, version: 2 }, [root]);
}

/** Takes a trust document as the broker brings it. @returns the version in force afterwards */
export async function takeTrust(folder: string, text: string): Promise<number> {
  const rig = await openRig({ folder });
  const refusals = await rig.publish('loa/v1/trust', text);
  if (refusals.length > 0) throw new Error(refusals.join());
  return (await rig.restart()).intake.trust.version;
}
