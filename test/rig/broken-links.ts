import { randomBytes } from 'node:crypto';
import { downTopics } from '../../protocols/topics.js';
import { waitUntil } from '../support/wait-until.js';
import { inBatches, latencyOf, nowMs, type BrokenWorld, type Scene } from './broken-world.js';
import { BENCH_RECEIVER } from './sound-bench.js';

const AREA = { area: 'ap-1' } as const;
const FLOOD_BYTES = 10 << 20;
const FLOOD_PIECE = 50_000;
const COMMANDS = 10_000;
const REPEAT_MS = 30_000;
/** Asked every 4 s on average: a minute in the field. */
const MIRROR = { afterS: 2, everyS: 4 } as const;
/** The longest time between two rounds: half as much again, by chance. */
const MIRROR_ROUND_MS = 1_500 * MIRROR.everyS;
/** Long enough to be installed and started with. */
const CERTIFICATE_LIFE_MS = 20_000;

/** The broker dies as soon as the receiver has the message: heard at once, and the first of them again at its repeat. It is there for the next. */
function brokerLost(): NonNullable<BrokenWorld['measure']> {
  let isFirst = true;
  return async (scene) => {
    const { receiver, record, rig } = scene.bench;
    await receiver.waitFor('the broker is back', ({ link }) => link.kind === 'up', 30_000);
    await record.untilQuiet(200, 20_000);
    const content = [{ kind: 'stored', name: 'chime' } as const];
    const request = { title: 'last words', content, repeatEveryMs: REPEAT_MS };
    const set = await rig.province.emergencySet('province', AREA, [request]);
    const sentMs = nowMs();
    await rig.send(set);
    const delivered = async (): Promise<true | undefined> =>
      (await receiver.status()).emergencies.length > 0 || undefined;
    await waitUntil('delivered', delivered, { deadlineMs: 5_000, everyMs: 2 });
    await rig.mosquitto.stop('SIGKILL');
    const latencyMs = await latencyOf(scene.bench, sentMs);
    const isRepeated = !isFirst || (await repeats(scene, sentMs + latencyMs));
    isFirst = false;
    await rig.mosquitto.start();
    await scene.bench.endEmergencies();
    return isRepeated ? latencyMs : Infinity;
  };
}

async function repeats({ bench }: Scene, firstMs: number): Promise<boolean> {
  const againMs = await bench.record.firstSound(firstMs + REPEAT_MS - 2_000, 5_000).catch(() => Infinity);
  return Math.abs(againMs - firstMs - REPEAT_MS) < 1_000;
}

/** Nothing is left but the mirror: a new emergency stands there, and is taken down again. */
async function byMirror({ bench }: Scene): Promise<number> {
  const { province, home } = bench.rig;
  await bench.record.untilQuiet(200, 20_000);
  const content = [{ kind: 'stored', name: 'siren' } as const];
  await province.emergencySet('province', AREA, [{ title: 'mirror', content, repeatEveryMs: 3_600_000 }]);
  await home.writeMirror();
  const sentMs = nowMs();
  const first = await bench.record.firstSound(sentMs, 3 * MIRROR_ROUND_MS).catch(() => Infinity);
  await province.emergencySet('province', AREA, []);
  await home.writeMirror();
  const over = async (): Promise<true | undefined> =>
    (await bench.receiver.status()).emergencies.length === 0 || undefined;
  await waitUntil('it is over', over, { deadlineMs: 3 * MIRROR_ROUND_MS });
  return first - sentMs;
}

async function certificateExpires({ bench }: Scene): Promise<void> {
  await waitUntil(
    'its certificate has expired',
    async () => (await bench.receiver.status()).certificate.daysLeft < 0 || undefined,
    { deadlineMs: 2 * CERTIFICATE_LIFE_MS },
  );
}

/** Then the broker acknowledges the emergency: from there it is the receiver's. */
async function afterAcknowledged(scene: Scene): Promise<number> {
  const { bench } = scene;
  await bench.emergency([{ kind: 'stored', name: 'siren' }]);
  const acknowledgedMs = nowMs();
  const first = await bench.record.firstSound(acknowledgedMs - 1_000, 60_000).catch(() => Infinity);
  await bench.endEmergencies();
  await bench.record.untilQuiet(500, 60_000);
  return Math.max(0, first - acknowledgedMs);
}

async function manyCommands({ bench }: Scene): Promise<void> {
  const stop = await bench.rig.province.playStop('province', {
    target: AREA,
    playId: '01890a5d-ac96-774b-bcce-b302099a8057',
  });
  await inBatches(COMMANDS, 250, () => bench.rig.send(stop));
}

async function flood({ bench }: Scene): Promise<void> {
  const topic = downTopics.schedule({ receiver: BENCH_RECEIVER }, 'province');
  const send = (): Promise<void> =>
    bench.rig.send({
      topic,
      payload: randomBytes((FLOOD_PIECE / 4) * 3).toString('base64'),
      retain: false,
      message: undefined,
    });
  await inBatches(Math.ceil(FLOOD_BYTES / FLOOD_PIECE), 20, send);
}

/** Worlds in which the way to the receiver is broken, or full. */
export function brokenLinks(times: number): readonly BrokenWorld[] {
  const alive = { sinkAlive: true, times };
  return [
    { name: 'broker lost right after delivery', ...alive, measure: brokerLost() },
    {
      ...{ name: 'device certificate expired while connected', ...alive },
      bench: async () => ({ certificateLifeMs: CERTIFICATE_LIFE_MS }),
      break: certificateExpires,
    },
    {
      ...{ name: 'broker gone for good and device certificate expired: the mirror', sinkAlive: false },
      ...{ times: 5, limitMs: MIRROR_ROUND_MS + 1_000, measure: byMirror },
      bench: async () => ({ mirror: MIRROR, certificateLifeMs: CERTIFICATE_LIFE_MS }),
      async break(scene) {
        await scene.bench.rig.mosquitto.stop();
        await certificateExpires(scene);
      },
    },
    {
      ...{ name: `${COMMANDS} commands before it`, ...alive, from: 'acknowledgement' },
      before: manyCommands,
      measure: afterAcknowledged,
    },
    {
      ...{ name: 'a flood of 10 MB on another topic', ...alive, from: 'acknowledgement' },
      before: flood,
      measure: afterAcknowledged,
    },
  ];
}
