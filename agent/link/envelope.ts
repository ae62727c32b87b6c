import { instant, type Clock } from '../core/clock.js';
import { upTopics } from '../../protocols/topics.js';
import type { OutgoingMessage } from './client-options.js';

/** What every message of the receiver carries (see upEnvelope in protocols). */
export interface EnvelopeFields {
  readonly receiver: string;
  readonly boot: string;
  readonly sequence: number;
  readonly at: string;
}

/** Numbers the messages of one run of the process. */
export interface Envelope {
  readonly receiver: string;
  /** The fields of the next message; the sequence counts from 1. A number that never arrives is a message lost. */
  next(): EnvelopeFields;
  /** The fields of a will: sequence 0, because most wills are never sent and would look like losses. */
  uncounted(): EnvelopeFields;
}

/** @param boot a random UUID made when the process starts */
export function createEnvelope(receiver: string, boot: string, clock: Clock): Envelope {
  let sequence = 0;
  const fields = (number: number): EnvelopeFields => ({
    receiver,
    boot,
    sequence: number,
    at: instant(clock.nowMs()),
  });
  return {
    receiver,
    next: () => fields((sequence += 1)),
    uncounted: () => fields(0),
  };
}

/** The retained `state` with `online: false`: as the will of a connection, or as the farewell of a stop. */
export function lastWords(envelope: Envelope, reason: 'will' | 'stopped'): OutgoingMessage {
  const fields = reason === 'will' ? envelope.uncounted() : envelope.next();
  const state = { type: 'state', ...fields, body: { online: false, reason } };
  return {
    topic: upTopics.state(envelope.receiver),
    payload: new TextEncoder().encode(JSON.stringify(state)),
    retain: true,
  };
}
