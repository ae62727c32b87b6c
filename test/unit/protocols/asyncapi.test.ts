import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import t from 'tap';
import { parse } from 'yaml';
import { asyncApiSchemas } from '../../../protocols/asyncapi-schemas.js';
import { authorise, issuedAtOf } from '../../../protocols/authorise.js';
import { KeyRing } from '../../../protocols/key-ring.js';
import { messageSchemas, upSchemas, type MessageType } from '../../../protocols/messages/catalogue.js';
import { assignment } from '../../../protocols/messages/assignment.js';
import { readSigned, TYP } from '../../../protocols/signed-message.js';
import {
  downTopics,
  parseDownTopic,
  sameSlot,
  subscriptionsOf,
  upTopics,
} from '../../../protocols/topics.js';
import { TRUST_TYP, trustDocument, verifyTrust } from '../../../protocols/trust-document.js';

const RENEW =
  'renew it: npm run compile && node dist/test/fixtures/examples/make-examples.js && npx prettier --write protocols';
const protocols = fileURLToPath(new URL('../../../../protocols/', import.meta.url));

interface Reference {
  readonly $ref: string;
}
interface Message {
  readonly name: string;
  readonly contentType: string;
  readonly payload: Reference;
  readonly correlationId?: Reference;
  readonly examples?: readonly { name: string; summary: string; payload: object }[];
  readonly 'x-jws'?: { typ: string; serialization: string; signedBy: string };
}
interface Operation {
  readonly action: string;
  readonly channel: Reference;
  readonly bindings: Reference;
  readonly reply?: { channel: Reference; messages: readonly Reference[] };
}
interface Channel {
  readonly address: string;
  readonly parameters?: Record<string, Reference>;
  readonly messages?: Record<string, Reference>;
}
interface AsyncApi {
  readonly asyncapi: string;
  readonly info: { title: string; version: string; description: string };
  readonly servers: Record<string, { protocol: string; security: readonly Reference[] }>;
  readonly channels: Record<string, Channel>;
  readonly operations: Record<string, Operation>;
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly messages: Record<string, Message>;
    readonly operationBindings: Record<string, { mqtt: { qos: number; retain: boolean } }>;
  };
}
interface Example {
  readonly message: string;
  readonly summary: string;
  readonly topic: string;
  readonly payload: { readonly type?: string };
  readonly jws?: string;
  readonly document?: object;
}
interface Keys {
  readonly rootFingerprint: string;
  readonly root: readonly JWK[];
  readonly authorities: Record<string, JWK>;
  readonly receiver: JWK;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(`${protocols}examples/${name}.json`, 'utf8'));
}

const api = parse(readFileSync(`${protocols}asyncapi.yaml`, 'utf8')) as AsyncApi;
const keys = readJson('keys') as Keys;
const names = readdirSync(`${protocols}examples`).map((file) => file.replace('.json', ''));
const examples = new Map(
  names.filter((name) => name !== 'keys').map((name) => [name, readJson(name) as Example] as const),
);

/** What a local reference points to, or undefined. */
function resolve(reference: string): unknown {
  const steps = reference
    .replace(/^#\//, '')
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], api);
}

function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  );
}

t.test('it is AsyncAPI 3 with mutual TLS, and every reference in it resolves', (t) => {
  t.equal(api.asyncapi, '3.0.0');
  t.match(api.info, { title: /./, version: /^\d+\.\d+\.\d+$/, description: /Tóm tắt/ });
  for (const server of Object.values(api.servers)) {
    t.equal(server.protocol, 'secure-mqtt');
    t.same(
      server.security.map(({ $ref }) => resolve($ref)),
      [{ ...(resolve('#/components/securitySchemes/deviceCertificate') as object), type: 'X509' }],
    );
  }
  const references = referencesIn(api);
  t.ok(references.length > 100);
  for (const reference of references) {
    t.match(reference, /^#\//, 'nothing points out of the document');
    if (resolve(reference) === undefined) t.fail(`${reference} points nowhere`);
  }
  t.end();
});

/** Every topic of the code, with names of parameters in place of ids. */
function codeAddresses(): { down: string[]; up: string[] } {
  const area = { area: '{areaId}' };
  const receiver = { receiver: '{receiverId}' };
  const down: Record<keyof typeof downTopics, string[]> = {
    trust: [downTopics.trust()],
    trustVersion: ['loa/v1/trust/{version}'],
    beat: [downTopics.beat('{areaId}')],
    receiverBeat: [downTopics.receiverBeat('{receiverId}')],
    assignment: [downTopics.assignment('{receiverId}')],
    desired: [downTopics.desired('{receiverId}')],
    schedule: [area, receiver].map((slot) => downTopics.schedule(slot, '{authorityId}')),
    emergency: [area, receiver].map((slot) => downTopics.emergency(slot, '{authorityId}')),
    receiverCommand: [downTopics.receiverCommand('{receiverId}')],
    areaCommand: [downTopics.areaCommand('{areaId}')],
    groupCommand: [downTopics.groupCommand('{groupId}')],
  };
  return {
    down: Object.values(down).flat(),
    up: Object.values(upTopics).map((topic) => topic('{receiverId}')),
  };
}

function addressesOf(action: string): string[] {
  return Object.values(api.operations)
    .filter((operation) => operation.action === action)
    .map((operation) => (resolve(operation.channel.$ref) as Channel).address);
}

t.test('channels are the topics of the code, both ways, and each has one operation of its direction', (t) => {
  const { down, up } = codeAddresses();
  t.same(
    Object.values(api.channels)
      .map(({ address }) => address)
      .sort(),
    [...down, ...up].sort(),
  );
  t.same(addressesOf('receive').sort(), down.sort());
  t.same(addressesOf('send').sort(), up.sort());
  for (const [name, { address, parameters = {} }] of Object.entries(api.channels)) {
    t.same(
      Object.keys(parameters).sort(),
      [...address.matchAll(/\{(\w+)\}/g)].map(([, id]) => id).sort(),
      name,
    );
  }
  const subscribed = subscriptionsOf('R', ['A'], ['G'], 6).sort();
  const named = down.map((address) =>
    address
      .replace('{areaId}', 'A')
      .replace('{receiverId}', 'R')
      .replace('{groupId}', 'G')
      .replace('{authorityId}', '+')
      .replace('{version}', '7'),
  );
  t.same(subscribed, named.sort(), 'a receiver subscribes to all that is sent');
  t.end();
});

t.test('what is retained, and at which quality of service, is said for every operation', (t) => {
  const retained =
    /\/(trust|trust\/\{version\}|assignment|desired|state|(emergency|schedule)\/\{authorityId\})$/;
  for (const [name, operation] of Object.entries(api.operations)) {
    const { mqtt } = resolve(operation.bindings.$ref) as { mqtt: { qos: number; retain: boolean } };
    const { address } = resolve(operation.channel.$ref) as Channel;
    t.same([mqtt.qos, mqtt.retain], [1, retained.test(address)], name);
    const isCommand = address.endsWith('/command');
    t.equal(operation.reply?.channel.$ref, isCommand ? '#/channels/reply' : undefined, name);
  }
  t.end();
});

t.test(`schemas are those of the code (if not, ${RENEW})`, (t) => {
  t.same(api.components.schemas, asyncApiSchemas(), RENEW);
  t.end();
});

t.test('every message of the code is there, with its schema, content type and typ', (t) => {
  const { Trust, ...messages } = api.components.messages;
  t.same(
    Object.values(messages)
      .map(({ name }) => name)
      .sort(),
    Object.keys(messageSchemas).sort(),
  );
  for (const [key, message] of Object.entries(messages)) {
    t.equal(message.payload.$ref, `#/components/schemas/${key}`);
    const typ = (TYP as Record<string, string>)[message.name];
    t.equal(message['x-jws']?.typ, typ, `${key}: typ`);
    t.equal(message.contentType, typ === undefined ? 'application/json' : 'application/jose', key);
    const signedBy = typ === undefined ? undefined : message.name in upSchemas ? 'receiver' : 'authority';
    t.equal(message['x-jws']?.signedBy, signedBy, key);
  }
  t.match(Trust, { contentType: 'application/jose+json', 'x-jws': { typ: TRUST_TYP, signedBy: 'root' } });
  const used = Object.values(api.channels).flatMap((channel) => Object.values(channel.messages ?? {}));
  const unused = Object.keys(api.components.messages).filter(
    (key) => !used.some(({ $ref }) => $ref === `#/components/messages/${key}`),
  );
  t.same(unused, [], 'a message that no channel carries');
  t.end();
});

t.test(`examples of the document are the files beside it (if not, ${RENEW})`, (t) => {
  const embedded = Object.entries(api.components.messages).flatMap(([message, { examples: own = [] }]) => {
    t.ok(own.length > 0, `${message} has an example`);
    return own.map(({ name, summary, payload }) => [name, { message, summary, payload }] as const);
  });
  const files = [...examples].map(
    ([name, { message, summary, payload }]) => [name, { message, summary, payload }] as const,
  );
  t.same(new Map([...embedded].sort()), new Map(files.sort()), RENEW);
  t.end();
});

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addKeyword('components');
ajv.addSchema({ $id: 'loa', components: { schemas: api.components.schemas } });

function ajvErrors(schema: string, value: unknown): unknown {
  const validate = ajv.getSchema(`loa#/components/schemas/${schema}`);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  return validate(value) === true ? [] : validate.errors;
}

for (const [name, example] of examples) {
  t.test(
    `example ${name} is what the published schema and the code accept, on a topic that carries it`,
    (t) => {
      const message = api.components.messages[example.message];
      if (message === undefined) throw new Error(`no message ${example.message}`);
      t.same(ajvErrors(message.payload.$ref.split('/').at(-1) ?? '', example.payload), []);
      if (example.document === undefined) {
        t.equal(messageSchemas[message.name as MessageType].safeParse(example.payload).error, undefined);
      } else {
        t.same(ajvErrors('TrustDocument', example.document), []);
        t.equal(trustDocument.safeParse(example.document).error, undefined);
      }
      const carriers = Object.values(api.channels).filter(({ address }) =>
        new RegExp(`^${address.replace(/\{\w+\}/g, '[A-Za-z0-9_-]+')}$`).test(example.topic),
      );
      t.equal(carriers.length, 1, example.topic);
      const references = Object.values(carriers[0]?.messages ?? {}).map(({ $ref }) => $ref);
      t.ok(references.includes(`#/components/messages/${example.message}`));
      t.equal(
        example.jws !== undefined || example.document !== undefined,
        message['x-jws'] !== undefined,
        'signed or not',
      );
      t.end();
    },
  );
}

t.test('an example with any field taken away or added is refused by the published schema', (t) => {
  for (const [name, { message, payload }] of examples) {
    const schema = api.components.messages[message]?.payload.$ref.split('/').at(-1) ?? '';
    t.not((ajvErrors(schema, { ...payload, extra: 1 }) as unknown[]).length, 0, name);
    for (const key of Object.keys(payload)) {
      // A beat of an area answers no birth.
      if (name === 'beat' && key === 'nonce') continue;
      const rest = Object.fromEntries(Object.entries(payload).filter(([other]) => other !== key));
      t.not((ajvErrors(schema, rest) as unknown[]).length, 0, `${name} without ${key}`);
    }
  }
  t.end();
});

const trustExample = examples.get('trust');
const trusted = await verifyTrust(JSON.stringify(trustExample?.payload), {
  fingerprint: keys.rootFingerprint,
});

t.test('the example trust document verifies by the published fingerprint', (t) => {
  t.equal(trusted.ok, true);
  if (trusted.ok) t.same(trusted.value, trustExample?.document);
  t.end();
});

t.test(
  'examples signed by an authority verify, are allowed at their time, and name their topic',
  async (t) => {
    if (!trusted.ok) throw new Error(trusted.refusal.detail);
    const ring = await KeyRing.of(trusted.value);
    const assigned = assignment.parse(examples.get('assignment')?.payload);
    let seen = 0;
    for (const [name, { message, jws, payload, topic }] of examples) {
      if (jws === undefined || api.components.messages[message]?.['x-jws']?.signedBy !== 'authority')
        continue;
      seen += 1;
      const outcome = readSigned(Buffer.from(jws), ring);
      t.equal(outcome.ok, true, name);
      if (!outcome.ok) continue;
      const { message: read, key } = outcome.value;
      t.match(read, payload, name);
      t.equal(key.kid, keys.authorities[key.authority.id]?.kid);
      const standing = { receiver: 'loa-0001', assignment: assigned, nowMs: Date.parse(issuedAtOf(read)) };
      t.same(authorise(read, key, standing), { ok: true, value: undefined }, name);
      const place = parseDownTopic(topic);
      if ('slot' in read)
        t.ok(place !== undefined && 'slot' in place && sameSlot(place.slot, read.slot), topic);
      else t.equal(place?.kind, 'command');
    }
    t.equal(seen, 15);
  },
);

t.test('examples signed by the receiver verify with its key and are chained by hash', async (t) => {
  let previous = '';
  const signed = [...examples.values()].filter(
    ({ jws, message }) => jws !== undefined && ['Event', 'Receipt'].includes(message),
  );
  t.equal(signed.length, 2);
  for (const { jws = '', payload, message } of signed) {
    const { payload: bytes } = await compactVerify(jws, await importJWK(keys.receiver, 'ES256'), {
      algorithms: ['ES256'],
    });
    t.same(JSON.parse(Buffer.from(bytes).toString()), payload);
    t.same(decodeProtectedHeader(jws), {
      alg: 'ES256',
      kid: keys.receiver.kid,
      typ: api.components.messages[message]?.['x-jws']?.typ,
    });
    t.match(payload, { previous });
    previous = createHash('sha256').update(jws).digest('base64url');
  }
});

t.test('no private key is published', (t) => {
  for (const name of names)
    t.notMatch(readFileSync(`${protocols}examples/${name}.json`, 'utf8'), /"d":|PRIVATE/);
  t.end();
});
