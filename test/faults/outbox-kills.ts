import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mosquitto, provinceCertificate } from '../fakes/broker-mosquitto.js';
import { makeBrokerTls } from '../fakes/broker-tls.js';
import { waitUntil } from '../support/wait-until.js';
import { hearRecords, type Delivery } from './heard-records.js';
import { LightReceiver } from './light-receiver.js';
import type { OutboxChildSetUp } from './outbox-kill-child.js';

/** What a row of deaths of a receiver that reports all the time led to. */
export interface OutboxKills extends Delivery {
  readonly kills: number;
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
/** No figure of the claim: on a busy machine a share of records may take its time. */
const LIFE_LIMIT_MS = 600_000;
/** A life is killed this long after its store is open, at most. */
const LONGEST_LIFE_MS = 700;

/** Kills a receiver at random moments while it produces records, lets the last life deliver, and counts. */
export async function outboxKills(plan: KillPlan): Promise<OutboxKills> {
  const tls = await makeBrokerTls(RECEIVER);
  const broker = await Mosquitto.prepare(tls);
  const started = Date.now();
  try {
    await broker.start();
    const heard = await hearRecords({
      ...{ protocol: 'mqtts', host: 'localhost', port: broker.port, ca: tls.ca },
      ...(await provinceCertificate(tls)),
    });
    const accepted: string[] = [];
    const setUp = (records: number): OutboxChildSetUp => ({
      ...{ receiver: RECEIVER, host: 'localhost', port: broker.port, keepaliveS: 60 },
      ...{ storeFolder: plan.storeFolder, records, everyMs: 0 },
      ca: join(tls.folder, 'ca.pem'),
      cert: join(tls.folder, 'client.pem'),
      key: join(tls.folder, 'client.key'),
    });
    let kills = 0;
    while (kills < plan.kills || accepted.length < plan.records) {
      const share = Math.ceil((plan.records - accepted.length) / Math.max(1, plan.kills - kills));
      const life = await LightReceiver.begin(setUp(Math.max(1, share * 2)), accepted);
      // The share first, then death at a chance moment: while it writes, while it sends, or while it deletes.
      await life.until(() => life.accepted >= share || life.ended, LIFE_LIMIT_MS);
      await sleep(plan.random() * LONGEST_LIFE_MS * plan.random());
      await life.kill();
      await plan.afterKill?.();
      kills += 1;
      if (kills % 50 === 0) plan.progress?.(`${kills} kills, ${accepted.length} records`);
    }
    const last = await LightReceiver.begin(setUp(0), accepted);
    await last.until(() => last.empty, LIFE_LIMIT_MS);
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
