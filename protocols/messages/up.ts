import { z } from 'zod';
import { airClass, identifier, instantText, messageId, sha256Hex, shortText, upEnvelope } from './common.js';

const errorCode = z.string().regex(/^E_[A-Z_]{2,40}$/);
const decibels = z.number().min(-200).max(60);

/** Birth (`online: true`), farewell and will (`online: false`), retained. */
export const state = z
  .strictObject({
    type: z.literal('state'),
    ...upEnvelope,
    body: z.discriminatedUnion('online', [
      z.strictObject({
        online: z.literal(true),
        version: z.string().max(40),
        startedAt: instantText,
        trustVersion: z.int().min(0),
        assignmentRevision: z.int().min(0),
        areas: z.array(identifier).max(16),
        mqttVersion: z.union([z.literal(4), z.literal(5)]),
        safeMode: z.enum(['crashes', 'store']).optional().meta({
          description: 'Why link, verification, sound and emergencies run alone; left out where all runs',
        }),
        start: z
          .strictObject({
            reason: z.enum(['first', 'boot', 'power', 'restart', 'crash', 'watchdog']).meta({
              description:
                'What came before: nothing; an orderly end and a boot; a loss of power; an orderly end; a death; a watchdog',
            }),
            part: z
              .string()
              .max(20)
              .optional()
              .meta({ description: 'What stood still, where a watchdog struck' }),
            resets: z.int().min(0).meta({ description: 'Starts since enrolment that nobody asked for' }),
          })
          .optional(),
        nonce: z.string().min(16).max(64).meta({ description: 'To be answered in a signed beat' }),
      }),
      z.strictObject({ online: z.literal(false), reason: z.enum(['will', 'stopped']) }),
    ]),
  })
  .meta({ id: 'State', title: 'Birth, farewell and will' });

/** The one terminal answer to a command. */
export const reply = z
  .strictObject({
    type: z.literal('reply'),
    ...upEnvelope,
    body: z.strictObject({
      commandId: messageId,
      outcome: z.enum(['done', 'refused', 'failed']),
      code: errorCode.optional(),
      detail: z.string().max(300).optional(),
    }),
  })
  .meta({ id: 'Reply', title: 'Answer to a command' });

/** An alarm, its clearing, or a security event. Counted: repeats within a minute are one event. */
export const event = z
  .strictObject({
    type: z.literal('event'),
    ...upEnvelope,
    previous: z.string().max(64).meta({ description: 'SHA-256 (base64url) of the signed record before it' }),
    body: z.strictObject({
      kind: z.enum(['alarm', 'cleared', 'security', 'notice']),
      code: z.string().regex(/^[EN]_[A-Z_]{2,40}$/),
      detail: z.string().max(300),
      count: z.int().min(1),
      fields: z
        .record(z.string().max(40), z.union([z.string().max(200), z.number(), z.boolean()]))
        .optional(),
    }),
  })
  .meta({ id: 'Event', title: 'Alarm or security event' });

/** What was really heard of one play, built from what the sink consumed. */
export const receipt = z
  .strictObject({
    type: z.literal('receipt'),
    ...upEnvelope,
    previous: z.string().max(64).meta({ description: 'SHA-256 (base64url) of the signed record before it' }),
    body: z.strictObject({
      playId: messageId,
      commandId: messageId.optional(),
      scheduled: z
        .strictObject({ entry: identifier, startsAt: instantText })
        .optional()
        .meta({ description: 'The entry of its authority’s schedule that it was played for' }),
      emergencyId: messageId.optional().meta({ description: 'The emergency that this is a sounding of' }),
      authority: identifier,
      class: airClass,
      title: shortText,
      source: z.strictObject({
        kind: z.enum(['live', 'file', 'stored', 'text', 'capture']),
        url: z.string().max(1000).optional(),
        sha256: sha256Hex.optional(),
        binding: z
          .enum(['sha256', 'tls-host', 'tls-pin', 'plain-local-list', 'stored', 'message', 'none'])
          .meta({
            description:
              'What bound the sound to the signed command: its digest, the TLS host, that and the key of the command, nothing but the local list of plain hosts, the device itself, that it is in the message, or nothing (line in)',
          }),
      }),
      askedAt: instantText,
      firstSampleAt: instantText.optional(),
      endedAt: instantText,
      outcome: z.enum(['completed', 'stopped', 'lease-ended', 'failed', 'dropped']),
      code: errorCode.optional(),
      framesHeard: z
        .int()
        .min(0)
        .meta({ description: 'Frames at 48 kHz that the sink consumed while it had the air' }),
      spans: z
        .array(
          z.strictObject({
            fromFrame: z.int().min(0),
            toFrame: z.int().min(0),
            fromAt: instantText,
            part: z.enum(['chime', 'main']),
          }),
        )
        .max(256)
        .meta({ description: 'When it had the air, in frames of the sink' }),
      peakDb: decibels.optional(),
      rmsDbBySecond: z.array(decibels).max(900),
      peakDbBySecond: z.array(decibels).max(900).optional(),
      lufsBySecond: z
        .array(decibels)
        .max(900)
        .optional()
        .meta({ description: 'ITU-R BS.1770-4 loudness of each second alone, LUFS' }),
      gaps: z
        .array(
          z.strictObject({
            cause: z.enum(['underrun', 'sink']),
            fromAt: instantText,
            durationMs: z.number().min(0),
          }),
        )
        .max(64)
        .optional()
        .meta({ description: 'Holes while it had the air: the card ran dry, or the sink was lost' }),
      sinkBufferMs: z.number().min(0).optional().meta({ description: 'Sound that the card held at its end' }),
      underruns: z.int().min(0),
      reconnects: z.int().min(0),
      sourcesHeard: z.array(z.int().min(0).max(8)).max(32).optional().meta({
        description:
          'Which sources of its chain were heard, in turn: 0 is the first; absent where only that was',
      }),
      pcmSha256: sha256Hex.optional().meta({ description: 'Of the 16-bit samples consumed, little endian' }),
      sensedBySecond: z.array(z.number().min(-1).max(1).nullable()).max(900).optional().meta({
        description:
          'How alike what was sent and what a sensor of the loudspeaker line heard are, by the second (correlation of levels); null where a second shows nothing',
      }),
      evidence: z.enum(['none', 'decoded', 'consumed', 'sensed']).meta({
        description:
          'Nothing; sound was made; the sink consumed it; a sensor of the loudspeaker line heard it',
      }),
    }),
  })
  .meta({ id: 'Receipt', title: 'Proof of play' });

/**
 * Readings of the receiver. After a birth all there are (absent sensors are absent fields); then what has changed, with
 * `full: false`.
 */
export const telemetry = z
  .strictObject({
    type: z.literal('telemetry'),
    ...upEnvelope,
    body: z.strictObject({
      full: z
        .literal(false)
        .optional()
        .meta({ description: 'Only what has left its dead band; what is absent is as it was' }),
      uptimeS: z.number().min(0),
      processUptimeS: z.number().min(0).optional(),
      load1: z.number().min(0).optional(),
      memoryAvailableMb: z.number().min(0).optional(),
      processRssMb: z.number().min(0).optional(),
      diskFreeMb: z.number().min(0).optional(),
      temperatureC: z.number().min(-60).max(200).optional(),
      interfaces: z
        .array(
          z.strictObject({
            name: z.string().max(32),
            up: z.boolean(),
            receivedBytes: z.int().min(0),
            sentBytes: z.int().min(0),
          }),
        )
        .max(16)
        .optional(),
      onAir: z
        .strictObject({ playId: messageId, class: airClass, title: shortText })
        .nullable()
        .optional()
        .meta({ description: 'null: silent again' }),
      levelDb: decibels.optional(),
      secondsOnAirToday: z.number().min(0).optional(),
      sink: z
        .strictObject({
          kind: z.string().max(20),
          ok: z.boolean(),
          underruns: z.int().min(0),
          bufferMs: z.number().min(0).max(2_000).optional().meta({
            description: 'Sound that the card holds: the setting, or more for a time after underruns',
          }),
          cardPpm: z.number().optional().meta({
            description: 'By how many millionths the card is faster than the clock of the receiver',
          }),
          position: z.enum(['card', 'player', 'clock']).optional().meta({
            description:
              "What frames' instants stand on: the card's position, its player's first reading, or the clock",
          }),
        })
        .optional(),
      queued: z.int().min(0).optional().meta({ description: 'Messages in the outbox' }),
      plan: z
        .strictObject({ schedules: z.int().min(0), sha256: sha256Hex })
        .optional()
        .meta({
          description:
            'The schedules in force: how many, and the SHA-256 over a line `key epoch revision` (ending in a line feed) for each, sorted by key; a key is that of the beat, such as schedule/area/xa-001/province',
        }),
      certificateDaysLeft: z.number().optional(),
      beatAgeS: z.int().min(0).optional().meta({
        description: 'Since the newest beat of the province, or since the start where none has come',
      }),
      pathTest: z
        .strictObject({ at: instantText, ok: z.boolean() })
        .optional()
        .meta({ description: 'The newest silent test from verification to the sound output' }),
      power: z
        .strictObject({
          mains: z.boolean().optional(),
          supply: z.enum(['ok', 'between', 'low']).optional(),
          supplyV: z.number().min(0).max(1_000).optional(),
          batteryV: z.number().min(0).max(1_000).optional(),
          batteryPercent: z.number().min(0).max(100).optional(),
          charging: z.boolean().optional(),
        })
        .optional(),
      temperatures: z
        .record(z.string().max(32), z.number().min(-60).max(200))
        .optional()
        .meta({ description: 'By sensor, °C; temperatureC is the one nearest to its limit' }),
      update: z
        .strictObject({
          stage: z.enum([
            ...(['idle', 'announced', 'waiting', 'downloading', 'verifying', 'unpacking'] as const),
            ...(['trial-ready', 'trial', 'committed', 'back'] as const),
          ]),
          version: z.string().max(40).optional(),
          why: z.string().max(20).optional(),
        })
        .optional()
        .meta({
          description:
            'Where an update of the program stands: the version that it is of, and why it waits where it does',
        }),
      fanRpm: z.number().min(0).max(100_000).optional(),
      doorOpen: z.boolean().optional(),
      disk: z
        .strictObject({
          readOnly: z.boolean(),
          errors: z.int().min(0).optional(),
          wornPercent: z.number().min(0).max(100).optional(),
        })
        .optional(),
      modem: z
        .strictObject({
          state: z.string().max(20),
          sim: z.enum(['ready', 'missing', 'locked', 'failed', 'unknown']),
          operator: z.string().max(60).optional(),
          technology: z.string().max(10).optional(),
          band: z.string().max(10).optional(),
          signalPercent: z.number().min(0).max(100).optional(),
          rsrpDbm: z.number().optional(),
          rsrqDb: z.number().optional(),
          sinrDb: z.number().optional(),
          usedMb: z.number().min(0).optional(),
          imei: z.string().max(60).optional(),
        })
        .optional()
        .meta({ description: 'IMEI only where the receiver is set to tell it: it identifies the device' }),
      position: z
        .strictObject({
          latitude: z.number().min(-90).max(90),
          longitude: z.number().min(-180).max(180),
          uncertaintyM: z.number().min(0).optional(),
        })
        .optional()
        .meta({ description: 'By satellites; only where the receiver is set to tell it' }),
      clock: z.enum(['trusted', 'unconfirmed', 'behind', 'ahead']).optional(),
      cache: z
        .strictObject({ files: z.int().min(0), mb: z.number().min(0), missing: z.int().min(0) })
        .optional()
        .meta({ description: 'Sound fetched ahead, and what is wanted and not there yet' }),
      billedTodayMb: z.number().min(0).optional().meta({ description: 'On interfaces that cost money' }),
      dropped: z
        .int()
        .min(0)
        .optional()
        .meta({ description: 'Messages dropped for want of room or refused by the broker, since the start' }),
      lastReceiptAt: instantText.optional(),
      alarms: z
        .array(errorCode)
        .max(40)
        .optional()
        .meta({ description: 'Codes of the alarms in force that the province was told of' }),
      board: z
        .strictObject({
          model: z.string().max(120).optional(),
          os: z.string().max(120).optional(),
          kernel: z.string().max(120).optional(),
          cpu: z.string().max(120).optional(),
          memoryMb: z.number().optional(),
        })
        .optional(),
    }),
  })
  .meta({ id: 'Telemetry', title: 'Readings' });

/** A `state` message. */
export type State = z.infer<typeof state>;
/** A `reply` message. */
export type Reply = z.infer<typeof reply>;
/** An `event` message. */
export type EventMessage = z.infer<typeof event>;
/** A `receipt` message. */
export type Receipt = z.infer<typeof receipt>;
/** A `telemetry` message. */
export type Telemetry = z.infer<typeof telemetry>;
/** What happened, before it is counted. */
export type EventBody = Omit<EventMessage['body'], 'count'>;
