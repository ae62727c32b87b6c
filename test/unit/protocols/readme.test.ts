import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';
import { authorise } from '../../../protocols/authorise.js';
import { KeyRing } from '../../../protocols/key-ring.js';
import { assignment } from '../../../protocols/messages/assignment.js';
import { readSigned, signMessage, TYP } from '../../../protocols/signed-message.js';
import { parseDownTopic } from '../../../protocols/topics.js';
import { verifyTrust } from '../../../protocols/trust-document.js';
import { newSigner } from '../../fixtures/trust/signers.js';

type Published = readonly [topic: string, payload: string, options: { readonly retain: boolean }];
interface Program {
  readonly fingerprint: string;
  readonly assignment: object;
  readonly readReport: (jws: string, key: object, algorithm: string, typ: string) => Promise<unknown>;
  readonly hashOf: (jws: string) => string;
}

const readme = readFileSync(
  fileURLToPath(new URL('../../../../protocols/README.md', import.meta.url)),
  'utf8',
);

t.test('a source system written from the README is understood and obeyed', async (t) => {
  const blocks = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  t.equal(blocks.length, 8);
  const published: Published[] = [];
  const globals = globalThis as { publish?: (...args: Published) => void };
  globals.publish = (...args) => void published.push(args);
  t.teardown(() => delete globals.publish);
  const file = join(t.testdir({}), 'source-system.mjs');
  await writeFile(file, `${blocks.join('\n')}\nexport { fingerprint, assignment, readReport, hashOf };\n`);
  const program = (await import(pathToFileURL(file).href)) as Program;

  const trusted = await verifyTrust(published[0]?.[1] ?? '', { fingerprint: program.fingerprint });
  if (!trusted.ok) throw new Error(trusted.refusal.detail);
  const ring = await KeyRing.of(trusted.value);
  const standing = {
    receiver: 'loa-0001',
    assignment: assignment.parse(program.assignment),
    nowMs: Date.now(),
  };
  t.same(published[1], ['loa/v1/trust/1', published[0]?.[1], { retain: true }], 'the same under its number');
  const types: string[] = [];
  for (const [topic, jws] of published.slice(2)) {
    const outcome = readSigned(Buffer.from(jws), ring);
    if (!outcome.ok) throw new Error(outcome.refusal.detail);
    const { message, key } = outcome.value;
    t.same(authorise(message, key, standing), { ok: true, value: undefined }, message.type);
    t.not(parseDownTopic(topic), undefined, topic);
    types.push(message.type);
  }
  const beats = ['beat', 'beat', 'beat'];
  t.same(types, ['assignment', ...beats, 'play.start', 'play.stop', 'emergency.set', 'emergency.set']);
  t.same(
    published.map(([, , { retain }]) => retain),
    [true, true, true, false, false, false, false, false, true, true],
  );

  const device = await newSigner();
  const receipt = { type: 'receipt', previous: '' };
  const jws = await signMessage(receipt, TYP.receipt, device);
  const { createPublicKey } = await import('node:crypto');
  const deviceKey = createPublicKey(device.key);
  t.same(await program.readReport(jws, deviceKey, 'ES256', TYP.receipt), receipt);
  await t.rejects(program.readReport(jws, deviceKey, 'ES256', TYP.event), /not a loa-event/);
  t.equal(program.hashOf(jws), createHash('sha256').update(jws).digest('base64url'));
});
