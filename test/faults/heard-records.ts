import { connectAsync, type IClientOptions } from 'mqtt';

/** What arrived of what had been accepted. */
export interface Delivery {
  /** Records that the receiver had said to be on the disk. */
  readonly accepted: number;
  /** Different records (receiver, boot, sequence) that mosquitto handed to the province. */
  readonly arrived: number;
  /** Accepted and never arrived. */
  readonly lost: number;
  /** Arrived again: known by receiver, boot and sequence. */
  readonly repeats: number;
  /** Records of one boot and class whose first arrival is after that of a later one. */
  readonly outOfOrder: number;
}

/** The province's ears for receipts and security events of light receivers (`outbox-kill-child.ts`). */
export interface HeardRecords {
  /** Time since something new or old arrived, milliseconds. */
  quietMs(): number;
  /** Connected and subscribed. */
  readonly isListening: boolean;
  /** Sends a message at QoS 1. */
  publish(topic: string, payload: string): Promise<unknown>;
  /** @param accepted `BOOT SEQUENCE` of each */
  judge(accepted: readonly string[]): Delivery;
  close(): Promise<void>;
}

/** Listens on a broker. */
export async function hearRecords(broker: IClientOptions): Promise<HeardRecords> {
  const client = await connectAsync({
    ...broker,
    ...{ protocolVersion: 5, clientId: 'province-ears', reconnectPeriod: 100, resubscribe: false },
  });
  const counts = new Map<string, number>();
  let newest = Date.now();
  let repeats = 0;
  let outOfOrder = 0;
  let isListening = false;
  /** The highest sequence of each boot and class so far. */
  const highest = new Map<string, number>();
  client.on('message', (topic, payload) => {
    if (!/\/(receipt|event)$/.test(topic)) return;
    newest = Date.now();
    const { boot, sequence, kind } = JSON.parse(payload.toString()) as Record<string, string | number>;
    const id = `${boot} ${sequence}`;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    if (count > 1) {
      repeats += 1;
      return;
    }
    const row = `${boot} ${kind}`;
    if (Number(sequence) < (highest.get(row) ?? 0)) outOfOrder += 1;
    highest.set(row, Math.max(Number(sequence), highest.get(row) ?? 0));
  });
  const subscribe = async (): Promise<void> => {
    await client.subscribeAsync(['loa/v1/receiver/+/receipt', 'loa/v1/receiver/+/event'], { qos: 1 });
    isListening = true;
  };
  await subscribe();
  client.on('close', () => (isListening = false));
  // A subscription that fails is seen: nobody is listening then.
  client.on('connect', () => void subscribe().catch(() => undefined));
  return {
    quietMs: () => Date.now() - newest,
    get isListening() {
      return isListening;
    },
    publish: (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }),
    judge: (accepted) => ({
      accepted: accepted.length,
      arrived: counts.size,
      lost: accepted.filter((id) => !counts.has(id)).length,
      repeats,
      outOfOrder,
    }),
    close: () => client.endAsync(true),
  };
}
