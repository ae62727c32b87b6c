import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Mosquitto } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls, type BrokerTls } from '../fakes/broker-tls.js';
import { waitUntil } from '../support/wait-until.js';
import type { HerdSetUp } from './herd-child.js';

/** How a fleet came back after its broker had been restarted. */
export interface Herd {
  readonly receivers: number;
  readonly retry: HerdSetUp['retry'];
  /** The broker ran for one fifth of the time only. */
  readonly slow: boolean;
  /** Back within the limit. */
  readonly back: number;
  /** From the broker's restart until half of them, and all of them, were back; undefined where they were not. */
  readonly halfMs: number | undefined;
  readonly allMs: number | undefined;
  /** Attempts that failed after the restart, by code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** How long the broker is away. */
const AWAY_MS = 10_000;

/**
 * Restarts a mosquitto that has so many receivers, and counts how they come back.
 * @param limitMs how long is waited
 */
export async function herd(
  plan: {
    readonly receivers: number;
    readonly retry: HerdSetUp['retry'];
    readonly slow: boolean;
    readonly limitMs: number;
  },
  tell: (line: string) => void = () => undefined,
): Promise<Herd> {
  const tls = await makeBrokerTls('herd');
  const broker = await Mosquitto.prepare(tls, 'topic readwrite #\n');
  const fleet = new Fleet();
  let slowing: NodeJS.Timeout | undefined;
  try {
    await broker.start();
    fleet.begin(plan, broker.port, tls);
    await waitUntil('the fleet is there', () => fleet.up === plan.receivers, {
      deadlineMs: 60_000 + plan.receivers * 100,
      everyMs: 50,
    });
    tell(`${plan.receivers} there; the broker goes`);
    await broker.stop('SIGKILL');
    await sleep(AWAY_MS);
    fleet.failures.clear();
    await broker.start();
    if (plan.slow) slowing = slowed(broker);
    const fromMs = performance.now();
    let halfMs: number | undefined;
    let allMs: number | undefined;
    while (performance.now() - fromMs < plan.limitMs && allMs === undefined) {
      if (fleet.up >= plan.receivers / 2) halfMs ??= Math.round(performance.now() - fromMs);
      if (fleet.up >= plan.receivers) allMs = Math.round(performance.now() - fromMs);
      await sleep(20);
    }
    const { receivers, retry, slow } = plan;
    return {
      receivers,
      retry,
      slow,
      back: fleet.up,
      halfMs,
      allMs,
      failures: Object.fromEntries(fleet.failures),
    };
  } finally {
    clearInterval(slowing);
    broker.thaw();
    await fleet.close();
    await broker.remove();
    await tls.remove();
  }
}

/** Stops it for four fifths of each half second. */
function slowed(broker: Mosquitto): NodeJS.Timeout {
  return setInterval(() => {
    broker.freeze();
    setTimeout(() => broker.thaw(), 400);
  }, 500);
}

class Fleet {
  up = 0;
  readonly failures = new Map<string, number>();
  private readonly children: ChildProcess[] = [];

  begin(
    { receivers, retry }: { receivers: number; retry: HerdSetUp['retry'] },
    port: number,
    tls: BrokerTls,
  ): void {
    const program = fileURLToPath(new URL('./herd-child.js', import.meta.url));
    const share = Math.ceil(receivers / 2);
    for (let first = 0; first < receivers; first += share) {
      const setUp: HerdSetUp = {
        ...{ port, first, retry, count: Math.min(share, receivers - first) },
        ca: join(tls.folder, 'ca.pem'),
        cert: join(tls.folder, 'client.pem'),
        key: join(tls.folder, 'client.key'),
      };
      const child = spawn(process.execPath, [program, JSON.stringify(setUp)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      this.children.push(child);
      this.listen(child);
    }
  }

  private listen(child: ChildProcess): void {
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [word, code = ''] = line.split(' ');
        if (word === 'u') this.up += 1;
        if (word === 'l') this.up -= 1;
        if (word === 'd') this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
      }
    });
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
