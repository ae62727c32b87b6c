/** What of an MQTT packet tells which one it answers. */
export interface AnsweredPacket {
  readonly cmd: string;
  readonly messageId?: number | undefined;
}

const ANSWERS: Readonly<Record<string, string>> = {
  pingreq: 'pingresp',
  publish: 'puback',
  subscribe: 'suback',
};

/**
 * How long the broker takes to answer: from a ping, a message of QoS 1 or a SUBSCRIBE to its answer. One packet at a time is timed, those
 * sent meanwhile are not, so that a queue on the way counts once.
 */
export class RoundTrip {
  #timed: { readonly answer: string; readonly id: number | undefined; readonly sentMs: number } | undefined;
  #latestMs: number | undefined;

  /** The newest, milliseconds; undefined before the first answer. */
  get latestMs(): number | undefined {
    return this.#latestMs;
  }

  /** A packet goes out. @param nowMs monotonic */
  sent({ cmd, messageId }: AnsweredPacket, nowMs: number): void {
    const answer = ANSWERS[cmd];
    // A message of QoS 0 has no id, and no answer.
    if (this.#timed !== undefined || answer === undefined || (cmd !== 'pingreq' && !messageId)) return;
    this.#timed = { answer, id: cmd === 'pingreq' ? undefined : messageId, sentMs: nowMs };
  }

  /** A packet has come in. @param nowMs monotonic */
  received({ cmd, messageId }: AnsweredPacket, nowMs: number): void {
    const timed = this.#timed;
    if (timed?.answer !== cmd || (timed.id !== undefined && timed.id !== messageId)) return;
    this.#timed = undefined;
    this.#latestMs = Math.max(0, nowMs - timed.sentMs);
  }
}
