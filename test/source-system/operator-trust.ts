import { X509Certificate } from 'node:crypto';
import { LoaError } from '../../agent/core/errors.js';
import { assignmentPlace, type Assignment } from '../../protocols/messages/assignment.js';
import { identifier } from '../../protocols/messages/common.js';
import { readInput, send, targetOf, type Desk } from './operator-verbs.js';
import { TokenFolder } from './token-folder.js';
import { parseRecords, verifyRecords } from './verify-records.js';

/** `revoke`: the next trust document revokes an authority from now on. */
export async function revoke({ args, folder, say }: Desk): Promise<void> {
  const publications = await folder.province.revoke(args.word);
  say(`Signed trust document ${folder.province.trust.version}: ${args.word} is revoked.`);
  for (const publication of publications) {
    await send(folder, publication);
    say(`Published on ${publication.topic}`);
  }
}

/** `renew`: receivers renew their certificates. */
export async function renew({ args, folder, say }: Desk): Promise<void> {
  const withinS = Math.round(args.number('within', 0, 86_400) ?? 0);
  const by = args.text('as') ?? 'province';
  const publication = await folder.province.renew(by, targetOf(args), withinS);
  await send(folder, publication);
  say(`Sent on ${publication.topic}: command ${publication.message.id}`);
}

/** `assign`: where a receiver stands from now on. */
export async function assign({ args, folder, say }: Desk): Promise<void> {
  const id = receiverOf(args.word);
  const place = placeOf(args.text('position'), args.list('geocode'));
  const publication = await folder.province.assign(id, args.needed('home'), args.list('group'), place);
  await send(folder, publication);
  const { epoch, revision, body } = publication.message;
  say(`${id} stands in ${body.areas.join(', ')}: epoch ${epoch}, revision ${revision}`);
}

/** Where it stands on the earth. @throws LoaError `E_USAGE` */
function placeOf(position: string | undefined, geocodes: readonly string[]): Assignment['body']['place'] {
  if (position === undefined && geocodes.length === 0) return undefined;
  const [latitude, longitude] = position?.split(',').map(Number) ?? [];
  const parsed = assignmentPlace.safeParse({
    ...(position === undefined ? {} : { position: { latitude, longitude } }),
    geocodes: geocodes.map((one) => {
      const [name = '', ...value] = one.split('=');
      return { name, value: value.join('=') };
    }),
  });
  if (!parsed.success)
    throw new LoaError('E_USAGE', '--position is LATITUDE,LONGITUDE in degrees; --geocode is NAME=VALUE');
  return parsed.data;
}

function receiverOf(word: string): string {
  const id = identifier.safeParse(word);
  if (!id.success) throw new LoaError('E_USAGE', `no receiver id: ${word}`);
  return id.data;
}

/** `token`: lets one receiver enrol over the network, once. */
export async function token({ args, folder, clock, say }: Desk): Promise<void> {
  const hours = args.number('hours', 0.01, 24 * 30) ?? 24;
  // Alone on its line, so that a script can hand it on; it is shown this once.
  say(await new TokenFolder(folder.path, clock).make(receiverOf(args.word), Math.round(hours * 3_600_000)));
}

/** `retire`: a receiver wipes itself. */
export async function retire({ args, folder, say }: Desk): Promise<void> {
  const publication = await folder.province.retire(args.text('as') ?? 'province', args.needed('receiver'));
  await send(folder, publication);
  say(`Sent on ${publication.topic}: command ${publication.message.id}`);
}

/** `permit`: lets receivers sound on site outside the permitted hours; the file is carried to them. */
export async function permit({ args, folder, say }: Desk): Promise<void> {
  const [receivers, days] = [args.list('receiver'), args.list('day')];
  if (receivers.length === 0 || days.length === 0)
    throw new LoaError('E_USAGE', 'permit --receiver ID... --day YYYY-MM-DD...');
  say(await folder.province.permit(args.text('as') ?? 'province', receivers, days));
}

/** `trust`: who may speak. */
export async function trust({ folder, say }: Desk): Promise<void> {
  const { trust: document, trustVersions, rootFingerprint } = folder.province;
  say(
    `Version ${document.version} of ${document.issuedAt}; kept: ${trustVersions.map(({ version }) => version).join(', ')}`,
  );
  say(
    `Root ${document.root.threshold} of ${document.root.keys.length}, fingerprint of the first ${rootFingerprint}`,
  );
  for (const { id, name, homeArea, level, grants } of document.authorities) {
    const rights = grants.flatMap(({ messages }) => messages).join(', ');
    const state = folder.province.isRevoked(id) ? 'REVOKED' : rights;
    say(`  ${id} (${name.vi}), ${homeArea}, level ${level}: ${state}`);
  }
}

/** `verify`: signatures and chain of what receivers signed. @throws LoaError `E_SIGNATURE_INVALID` where something is wrong */
export async function verify({ args, folder, say }: Desk): Promise<void> {
  const file = parseRecords((await readInput(args.word)).toString('utf8'));
  const own = folder.ca.anchorsPem;
  const isOwn = file.anchors.trim() === own.trim();
  const found = await verifyRecords(file, isOwn ? own : file.anchors);
  let faults = 0;
  for (const { receiver, receipts, events, links, faults: wrong } of found) {
    faults += wrong.length;
    say(
      `${receiver}: ${receipts} receipts, ${events} events, ${links.linked} linked, ${links.gap} gaps, ${links.fork} forks`,
    );
    for (const fault of wrong) say(`  ${fault}`);
  }
  const { fingerprint256 } = new X509Certificate(file.anchors);
  say(
    isOwn
      ? 'The anchor is this province’s own.'
      : `The anchor is the file’s own; compare it: ${fingerprint256}`,
  );
  if (faults > 0) throw new LoaError('E_SIGNATURE_INVALID', `${faults} of what was signed does not hold`);
}
