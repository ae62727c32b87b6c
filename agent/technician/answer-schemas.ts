import { z } from 'zod';
import { acceptanceRecord } from './accept/acceptance-record.js';
import { lineResult } from './line-view.js';

const text = z.string();
const count = z.number().min(0);
const code = z.string().regex(/^[EN]_[A-Z_]+$/);
const airClass = z.enum(['normal', 'priority', 'emergency', 'local']);
const step = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('ok'), detail: text }),
  z.looseObject({ kind: z.literal('failed'), code, detail: text }),
]);
const errorHere = z.looseObject({ code, detail: text });
const link = z.looseObject({
  kind: z.enum(['idle', 'connecting', 'up', 'waiting', 'closed']),
  since: text,
  broker: count,
  keepaliveS: count,
  lastError: errorHere.optional(),
  refusedTopics: z.array(text).optional(),
  roundTripMs: count.optional(),
});
const traffic = z.looseObject({
  day: text,
  today: z.looseObject({}),
  total: z.looseObject({}),
  billedTodayMb: count,
  overBudget: z.boolean(),
});
const gate = z.enum(['open', 'hours', 'minutes']);

const status = z.looseObject({
  receiver: text,
  version: text,
  startedAt: text,
  uptimeS: count,
  link,
  trustVersion: count,
  sink: z.looseObject({ kind: text, ok: z.boolean(), underruns: count }),
  onAir: z.looseObject({ playId: text, class: airClass, title: text, authority: text }).optional(),
  emergencies: z.array(z.looseObject({ id: text, title: text, authority: text })),
  outbox: z.looseObject({ messages: count, bytes: count, refused: count }),
  traffic,
  refused: z.record(text, count),
  certificate: z.looseObject({ notAfter: text, daysLeft: z.number() }),
});

/** What a verb prints with `--json`, by its name. Fields may be added; none is taken away or changes its meaning. */
export const ANSWERS = {
  status,
  why: z.looseObject({
    ...{
      nowMs: z.number(),
      waiting: z.array(text),
      assigned: z.boolean(),
      sinkOk: z.boolean(),
      schedules: count,
    },
    gate: z.looseObject({ normal: gate, priority: gate }),
  }),
  alarms: z.looseObject({ alarms: z.array(z.looseObject({ code })) }),
  schedule: z.looseObject({
    ...{ day: text, nowMs: z.number(), hours: z.looseObject({}) },
    rows: z.array(
      z.looseObject({ startMs: z.number(), endMs: z.number(), title: text, class: airClass, state: text }),
    ),
  }),
  cache: z.looseObject({
    wanted: z.array(z.looseObject({ sha256: text, state: text })),
    files: count,
    bytes: count,
    quotaBytes: count,
  }),
  trust: z.looseObject({
    version: count,
    issuedAt: text,
    clock: text,
    freshness: text,
    authorities: z.array(z.looseObject({ id: text, level: z.number(), here: z.boolean() })),
  }),
  link: z.looseObject({
    link,
    traffic,
    history: z.looseObject({
      minutes: z.array(
        z.looseObject({
          ...{ atMs: z.number(), up: z.boolean(), bytes: z.number() },
          roundTripMs: count.optional(),
          signalDbm: z.number().optional(),
        }),
      ),
    }),
  }),
  top: z.looseObject({ status, alarms: z.array(z.looseObject({ code })), health: z.looseObject({}) }),
  tone: z.looseObject({ playId: text }),
  play: z.looseObject({ offered: z.enum(['accepted', 'refused', 'failed']) }),
  permit: z.looseObject({ id: text, authority: text, days: z.array(text), expiresAt: text }),
  stop: z.looseObject({ stopped: count }),
  test: z.looseObject({ ok: z.boolean() }),
  safe: z.looseObject({}),
  update: z.looseObject({
    ...{ on: z.boolean(), version: text, heldHere: z.boolean(), heldByProvince: z.boolean() },
    running: z.enum(['a', 'b', 'floor']).optional(),
    stage: text,
    offered: z.looseObject({ version: text, bytes: count }).optional(),
    why: text.optional(),
    spentTodayBytes: count,
  }),
  receipts: z.looseObject({
    day: text,
    entries: z.array(z.looseObject({ atMs: z.number(), title: text, outcome: text, heardMs: count })),
  }),
  report: z.looseObject({ from: text, to: text, days: count, availability: z.number() }),
  volume: z.looseObject({
    normalDb: z.number(),
    priorityDb: z.number(),
    emergencyDb: z.number(),
    controls: z.array(z.looseObject({ name: text, muted: z.boolean() })),
  }),
  'config show': z.looseObject({ from: z.enum(['file', 'good', 'defaults']), settings: z.looseObject({}) }),
  'config check': z.looseObject({ file: text, ok: z.literal(true) }),
  'config set': z.looseObject({ key: text, file: text }),
  'certificate show': z.looseObject({
    current: z.looseObject({ receiverId: text, fingerprint: text, notAfter: text }),
    anchorsInForce: z.array(text).min(1),
  }),
  'certificate request': z.looseObject({ requestPath: text, requestPem: text }),
  'certificate install': z.looseObject({ receiver: text, trustVersion: count }),
  /** The trust document may come later. */
  'certificate enrol': z.looseObject({ receiver: text, trustVersion: count.optional() }),
  'certificate import': z.looseObject({ receiver: text, trustVersion: count.optional() }),
  'certificate trust': z.looseObject({ trustVersion: count }),
  'certificate renew': z.looseObject({ renewing: z.literal(true) }),
  /** The running receiver looks at them; where none runs, how many the verb itself has put in force. */
  'certificate anchors': z.union([
    z.looseObject({ looking: z.literal(true) }),
    z.looseObject({ anchors: count }),
  ]),
  'board check': z.looseObject({
    board: text,
    running: z.boolean(),
    rows: z.array(z.looseObject({ what: text, ok: z.boolean(), detail: text })),
  }),
  calibrate: lineResult,
  diagnose: z.looseObject({
    first: z.looseObject({ check: text, code }).optional(),
    tookMs: count,
    checks: z
      .array(
        z.looseObject({
          id: text,
          title: z.looseObject({ vi: text, en: text }),
          verdict: z.looseObject({
            kind: z.enum(['ok', 'broken', 'weak', 'unknown', 'skipped']),
            code: code.optional(),
          }),
        }),
      )
      .min(20),
    facts: z.looseObject({ nowMs: z.number(), disk: z.looseObject({ write: step.optional() }).optional() }),
  }),
  support: z.looseObject({ file: text, bytes: z.number().max(5 << 20), contents: z.array(text) }),
  'factory-reset': z.looseObject({
    receiver: text,
    files: count,
    bytes: count,
    left: z.array(text),
    clean: z.boolean(),
  }),
  install: z.looseObject({
    settings: text,
    enrolment: z.enum(['network', 'files', 'request']),
    open: z.array(text),
  }),
  /** One a line. */
  log: z.looseObject({ msg: text.optional() }),
  'accept verify': z.looseObject({
    ...{ verified: z.literal(true), digest: text, fingerprint: text },
    record: acceptanceRecord,
  }),
  accept: z.looseObject({ digest: text, record: acceptanceRecord, file: text.optional() }),
  completion: z.looseObject({ shell: z.enum(['bash', 'zsh']), script: text }),
  man: z.looseObject({ page: text }),
  /** Any verb that fails. */
  error: z.looseObject({ code, detail: text, cause: text, remedy: text }),
} as const;

/** The schemas as one JSON document (JSON Schema 2020-12 under each name): what `agent/technician/answers.json` must hold. */
export function answersDocument(): string {
  const schemas = Object.entries(ANSWERS).map(([name, schema]) => [name, z.toJSONSchema(schema)] as const);
  return `${JSON.stringify(Object.fromEntries(schemas), undefined, 1)}\n`;
}
