import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthView } from '../../agent/compose-health.js';
import { askReceiver } from '../../agent/technician/client.js';
import { startAssigned } from '../faults/input-bench.js';
import { startMosquittoProvince, type MosquittoProvince } from '../faults/mosquitto-province.js';
import { freePort } from '../support/free-port.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { waitUntil } from '../support/wait-until.js';
import { FakeSystemd } from './fake-systemd.js';
import { Saboteur, type Sabotage } from './saboteur.js';

/** `WatchdogSec=` in the test, and how long a part may stand still. */
export const WATCHDOG_MS = 6_000;
const STUCK_S = 6;
/** Looks and meals have their own rhythm. */
export const WITHIN_MS = STUCK_S * 1_000 + WATCHDOG_MS + 12_000;

/** What became of a receiver of which one part stood still. */
export interface Standstill {
  readonly part: Sabotage;
  /** From the standstill until the service manager ended it, milliseconds; undefined: it never did. */
  readonly resetMs: number | undefined;
  /** What the next run says of why it was started. */
  readonly start: HealthView['start'];
}

interface World {
  readonly province: MosquittoProvince;
  readonly folder: string;
}

async function withReceiver<T>(
  { province, folder }: World,
  id: string,
  run: (parts: { receiver: ReceiverProcess; systemd: FakeSystemd; saboteur: Saboteur }) => Promise<T>,
  port = province.mosquitto.port,
): Promise<T> {
  const own = join(folder, id);
  await mkdir(own, { recursive: true });
  const systemd = await FakeSystemd.make(join(own, 'systemd'), WATCHDOG_MS);
  const saboteur = await Saboteur.hire(own);
  const receiver = await ReceiverProcess.enrol({
    ...{ id, folder: own, env: { ...systemd.env, ...saboteur.env } },
    broker: { host: 'localhost', port },
    settings: { sound: { sink: 'null' }, watchdog: { stuckS: STUCK_S } },
    admit: (csrPem) => province.enrol({ id, csrPem, home: 'ap-1' }),
  });
  try {
    return await run({ receiver, systemd, saboteur });
  } finally {
    await receiver.stop('SIGKILL');
  }
}

async function standstill(world: World, part: Sabotage): Promise<Standstill> {
  return withReceiver(world, `stuck-${part}`, async ({ receiver, systemd, saboteur }) => {
    await startAssigned(receiver);
    await waitUntil('food', async () => (await systemd.meals()) >= 2, { deadlineMs: 30_000 });
    await saboteur.stop(part);
    // An event to keep: an outbox without work does not stand still.
    if (part === 'outbox') await receiver.loa(['tone', '--seconds', '1']);
    const resetMs = await systemd.starvesWithin(WITHIN_MS);
    await receiver.stop('SIGKILL');
    await saboteur.relent(part);
    await receiver.start();
    const { start } = await healthOf(receiver);
    return { part, resetMs, start };
  });
}

/** The receiver's health as a technician is shown it. */
async function healthOf(receiver: ReceiverProcess): Promise<HealthView> {
  return (await askReceiver(receiver.socketPath, 'GET', '/v1/health')) as HealthView;
}

/** The main loop, the sound thread and the outbox of a real process stand still, one after the other. */
export async function standstills(folder: string, progress: (line: string) => void): Promise<Standstill[]> {
  const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
  try {
    const found: Standstill[] = [];
    for (const part of ['main', 'sound', 'outbox'] as const) {
      progress(`${part} stands still`);
      found.push(await standstill({ province, folder }, part));
    }
    return found;
  } finally {
    await province.close();
  }
}

/** What became of a receiver whose main loop stood still while an emergency sounded. */
export interface HeldEmergency {
  /** From the standstill to the reset, milliseconds; undefined: none within the time. */
  readonly resetMs: number | undefined;
}

/** Spoken slowly, so many of them take longer than half a minute. */
const SENTENCE = 'Nước sông đang lên nhanh, đề nghị bà con sơ tán ngay đến nơi an toàn. ';
const SENTENCES = 10;
const SPOKEN_LIMIT_MS = 120_000;

/** The main loop stands still in the middle of an emergency: the sound thread keeps it fed until the sound is over. */
export async function heldEmergency(folder: string): Promise<HeldEmergency> {
  const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
  try {
    return await withReceiver({ province, folder }, 'held', async ({ receiver, systemd, saboteur }) => {
      await startAssigned(receiver);
      const content = [{ kind: 'text' as const, text: SENTENCE.repeat(SENTENCES), lang: 'vi' as const }];
      const request = { title: 'held', content, repeatEveryMs: 600_000, forMs: 900_000 };
      await province.send(await province.province.emergencySet('province', { area: 'ap-1' }, [request]));
      await receiver.waitFor('the emergency is on air', ({ onAir }) => onAir?.class === 'emergency');
      await sleep(1_500);
      await saboteur.stop('main');
      const resetMs = await systemd.starvesWithin(SPOKEN_LIMIT_MS + WITHIN_MS);
      return { resetMs };
    });
  } finally {
    await province.close();
  }
}

/** A receiver without a broker: how often it was fed, and whether it would have been reset. */
export async function withoutBroker(
  folder: string,
  forMs: number,
): Promise<{ readonly meals: number; readonly starvedMs: number | undefined }> {
  const province = await startMosquittoProvince(join(folder, 'province'), new KeptLog());
  try {
    const closed = await freePort();
    return await withReceiver(
      { province, folder },
      'alone',
      async ({ receiver, systemd }) => {
        await receiver.start();
        await waitUntil('food', async () => (await systemd.meals()) >= 1, { deadlineMs: 30_000 });
        const before = await systemd.meals();
        const starvedMs = await systemd.starvesWithin(forMs);
        return { meals: (await systemd.meals()) - before, starvedMs };
      },
      closed,
    );
  } finally {
    await province.close();
  }
}
