import type { MqttVersion } from './link-state.js';

/** MQTT 5.0, 2.4: what a broker may give as the reason of a CONNACK, PUBACK or DISCONNECT. */
const REASONS_5: Readonly<Record<number, string>> = {
  0x00: 'normal',
  0x80: 'unspecified error',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x83: 'implementation specific error',
  0x84: 'unsupported protocol version',
  0x85: 'client id not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized: the access list does not let this receiver do it',
  0x88: 'server unavailable',
  0x89: 'server busy',
  0x8a: 'banned',
  0x8b: 'server shutting down',
  0x8c: 'bad authentication method',
  0x8d: 'keep alive timeout',
  0x8e: 'session taken over: another client has connected under the same id',
  0x90: 'topic name invalid',
  0x93: 'receive maximum exceeded',
  0x95: 'packet too large',
  0x96: 'message rate too high',
  0x97: 'quota exceeded',
  0x98: 'administrative action',
  0x99: 'payload format invalid',
  0x9c: 'use another server',
  0x9d: 'server moved',
  0x9f: 'connection rate exceeded',
  0xa0: 'maximum connect time',
};

/** MQTT 3.1.1, 3.2.2.3. */
const REASONS_4: Readonly<Record<number, string>> = {
  1: 'unacceptable protocol version',
  2: 'client id rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
};

/** MQTT 5.0, 2.4: the session was taken over by another client with the same id. */
export const TAKEN_OVER = 0x8e;

/** A reason code in words, for a person: `not authorized (reason 135)`. */
export function reasonText(code: number, mqttVersion: MqttVersion): string {
  const words = mqttVersion === 5 ? REASONS_5[code] : REASONS_4[code];
  return words === undefined ? `reason ${code}` : `${words} (reason ${code})`;
}
