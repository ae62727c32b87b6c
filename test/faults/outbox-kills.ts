import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { Mosquitto, provinceCertificate } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls } from '../fakes/broker-tls.js';
import { waitUntil } from '../support/wait-until.js';
import type { OutboxChildSetUp } from './outbox-kill-child.js';

/** What a row of deaths of a receiver that reports all the time led to. */
export interface OutboxKills {
  readonly kills: number;
  /** Records that the receiver had said to be on the disk. */
  readonly accepted: number;
  /** Different records (receiver, boot, sequence) that mosquitto handed to the province. */
  readonly arrived: number;
  /** Accepted and never arrived. */
  readonly lost: number;
  /** Arrived again: known by receiver, boot and sequence. */
  readonly repeats: number;
  /** Pairs of one boot and class whose first arrivals are in another order than they were accepted in. */
  readonly outOfOrder: number;
  readonly elapsedMs: number;
}

/** How the deaths are dealt. */
export interface KillPlan {
  /** A folder for the store; what keeps files through a cut of its own kind gives that. */
  readonly storeFolder: string;
  readonly kills: number;
  /** Records to be accepted in all. */
  readonly records: number;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Called after each kill: a power cut takes more than the process. */
  readonly afterKill?: () => Promise<void>;
  readonly progress?: (line: string) => void;
}

const RECEIVER = 'bt-001';
/** A life is killed this long after its store is open, at most. */
const LONGEST_LIFE_MS = 700;

/** Kills a receiver at random moments while it produces records, lets the last life deliver, and counts. */
export async function outboxKills(plan: KillPlan): Promise<OutboxKills> {
  const tls = await makeBrokerTls(RECEIVER);
  const broker = await Mosquitto.prepare(tls);
  const started = Date.now();
  try {
    await broker.start();
    const heard = await listen(broker.port, tls);
    const accepted: string[] = [];
    const setUp = (records: number): OutboxChildSetUp => ({
      ...{ receiver: RECEIVER, port: broker.port, storeFolder: plan.storeFolder, records },
      ca: join(tls.folder, 'ca.pem'),
      cert: join(tls.folder, 'client.pem'),
      key: join(tls.folder, 'client.key'),
    });
    let kills = 0;
    while (kills < plan.kills || accepted.length < plan.records) {
      const share = Math.ceil((plan.records - accepted.length) / Math.max(1, plan.kills - kills));
      const life = await Life.begin(setUp(Math.max(1, share * 2)), accepted);
      // The share first, then death at a chance moment: while it writes, while it sends, or while it deletes.
      await life.until(() => life.accepted >= share || life.ended, 60_000);
      await sleep(plan.random() * LONGEST_LIFE_MS * plan.random());
      await life.kill();
      await plan.afterKill?.();
      kills += 1;
      if (kills % 50 === 0) plan.progress?.(`${kills} kills, ${accepted.length} records`);
    }
    const last = await Life.begin(setUp(0), accepted);
    await last.until(() => last.empty, 300_000);
    await waitUntil('the province has heard the rest', async () => heard.quietMs() > 1_500 || undefined, {
      deadlineMs: 60_000,
      everyMs: 100,
    });
    await last.kill();
    await heard.close();
    return { kills, ...heard.judge(accepted), elapsedMs: Date.now() - started };
  } finally {
    await broker.remove();
    await tls.remove();
  }
}

/** One run of the light receiver. */
class Life {
  accepted = 0;
  empty = false;
  ended = false;

  private constructor(private readonly child: ChildProcess) {}

  static async begin(setUp: OutboxChildSetUp, accepted: string[]): Promise<Life> {
    const program = fileURLToPath(new URL('./outbox-kill-child.js', import.meta.url));
    const child = spawn(process.execPath, [program, JSON.stringify(setUp)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const life = new Life(child);
    let rest = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [word, boot = '', sequence = ''] = line.split(' ');
        if (word === '+') {
          life.accepted += 1;
          accepted.push(`${boot} ${sequence}`);
        }
        life.empty = word === 'empty';
        if (word === 'open') life.opened = true;
      }
    });
    child.on('exit', () => (life.ended = true));
    await life.until(() => life.opened || life.ended, 60_000);
    if (life.ended) throw new Error(`the light receiver ended by itself: ${errors}`);
    return life;
  }

  private opened = false;

  async until(wanted: () => boolean, deadlineMs: number): Promise<void> {
    await waitUntil('the light receiver', async () => wanted() || undefined, { deadlineMs, everyMs: 5 });
  }

  /** SIGKILL; what it had said until then is read to its end. */
  async kill(): Promise<void> {
    if (this.ended) throw new Error('the light receiver ended by itself');
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

interface Heard {
  quietMs(): number;
  judge(accepted: readonly string[]): Omit<OutboxKills, 'kills' | 'elapsedMs'>;
  close(): Promise<void>;
}

async function listen(port: number, tls: Awaited<ReturnType<typeof makeBrokerTls>>): Promise<Heard> {
  const client = await connectAsync({
    ...{ protocol: 'mqtts', host: 'localhost', port, ca: tls.ca, ...(await provinceCertificate(tls)) },
    ...{ protocolVersion: 5, clientId: 'province-ears', reconnectPeriod: 100 },
  });
  const counts = new Map<string, number>();
  let newest = Date.now();
  let repeats = 0;
  let outOfOrder = 0;
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
  await client.subscribeAsync(['loa/v1/receiver/+/receipt', 'loa/v1/receiver/+/event'], { qos: 1 });
  return {
    quietMs: () => Date.now() - newest,
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
