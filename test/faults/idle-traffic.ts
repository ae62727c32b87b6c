import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeptLog } from '../support/kept-log.js';
import { missingTool } from '../support/external-tool.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { SwitchBoard } from '../support/switch-board.js';
import { AREAS, lineOf } from '../source-system/cast.js';
import { startAssigned } from './input-bench.js';
import { startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';

/** What one idle receiver put on the wire. */
export interface IdleTraffic {
  readonly keepaliveS: number;
  /** IP bytes in both directions within the time of the capture: headers and acknowledgements counted. */
  readonly ipBytes: number;
  readonly packets: number;
  /** The same, for a day. */
  readonly kbADay: number;
  /** What the receiver's own ledger says for the time of the capture, billed bytes. */
  readonly ledgerBytes: number;
  /** Bytes that the process wrote to the disk meanwhile, /proc/PID/io, for a day. */
  readonly writtenMbADay: number;
}

/** What was measured, and how. */
export interface IdleMeasure {
  readonly minutes: number;
  /** Beats that the province sent: one for each of its areas, every 15 minutes; a receiver hears those that it must. */
  readonly beats: number;
  /** Documents that a beat of the home area names. */
  readonly named: number;
  readonly receivers: readonly IdleTraffic[];
}

const HOME = 'ap-1';

/** Why this cannot be measured here; false where it can. */
export function withoutCapture(): string | false {
  return missingTool('tcpdump') || missingTool('mosquitto');
}

/**
 * Two idle receivers, the real program, one with a keepalive of 60 s and one that has learned 240 s, on mosquitto, with
 * everything that a day has: pings, heartbeats, and a signed beat for each area of the province every 15 minutes, which names a
 * document in each area of the receiver. tcpdump counts. Beats of all areas
 * are heard until the home area's first covers them: that is before the capture.
 * @param minutes a multiple of 15
 */
export async function idleTraffic(folder: string, minutes: number): Promise<IdleMeasure> {
  const province = await startMosquittoProvince(folder, new KeptLog());
  const idle: Idle[] = [];
  const areas = lineOf(HOME) ?? [];
  try {
    for (const keepaliveS of [60, 240]) idle.push(await Idle.start(folder, province, keepaliveS));
    for (const area of areas)
      await province.send(await province.province.emergencySet('province', { area }, []));
    await beatAll(province);
    await sleep(70_000);
    const path = join(folder, 'idle.pcap');
    const capture = await startCapture(
      path,
      idle.map(({ port }) => port),
    );
    for (const one of idle) await one.begin();
    const beats = await liveThrough(province, minutes);
    const { documents } = (await province.province.beat({ area: HOME })).message;
    const ends = await Promise.all(idle.map((one) => one.end()));
    await capture.stop();
    const counted = countPcap(await readFile(path));
    const days = minutes / 1_440;
    const receivers = idle.map(({ keepaliveS, port }, index) => {
      const { bytes = 0, packets = 0 } = counted.get(port) ?? {};
      const { ledgerBytes = 0, written = 0 } = ends[index] ?? {};
      return {
        ...{ keepaliveS, ipBytes: bytes, packets, ledgerBytes },
        kbADay: bytes / days / 1_000,
        writtenMbADay: written / days / 1e6,
      };
    });
    return { minutes, beats, named: documents.length, receivers };
  } finally {
    for (const one of idle) await one.close();
    await province.close();
  }
}

/** A beat for each area in the middle of each quarter of an hour. */
async function liveThrough(province: MosquittoProvince, minutes: number): Promise<number> {
  let beats = 0;
  for (let quarter = 0; quarter < minutes / 15; quarter += 1) {
    await sleep(7.5 * 60_000);
    beats += await beatAll(province);
    await sleep(7.5 * 60_000);
  }
  return beats;
}

async function beatAll(from: MosquittoProvince): Promise<number> {
  const { province } = from;
  await province.refresh();
  for (const { id } of AREAS) await from.send(await province.beat({ area: id }));
  return AREAS.length;
}

class Idle {
  private ledgerBefore = 0;
  private writtenBefore = 0;

  private constructor(
    readonly keepaliveS: number,
    private readonly receiver: ReceiverProcess,
    private readonly board: SwitchBoard,
  ) {}

  static async start(folder: string, province: MosquittoProvince, keepaliveS: number): Promise<Idle> {
    const board = await SwitchBoard.listen(province.mosquitto.port);
    const id = `idle-${keepaliveS}`;
    const receiver = await ReceiverProcess.enrol({
      ...{ id, folder: join(folder, id) },
      broker: { host: 'localhost', port: board.port, ...{ keepaliveS, keepaliveMaxS: keepaliveS } },
      settings: { sound: { sink: 'null' } },
      admit: (csrPem) => province.enrol({ id, csrPem, home: HOME }),
    });
    await startAssigned(receiver);
    return new Idle(keepaliveS, receiver, board);
  }

  get port(): number {
    return this.board.port;
  }

  async begin(): Promise<void> {
    this.ledgerBefore = await this.billed();
    this.writtenBefore = await this.written();
  }

  async end(): Promise<{ ledgerBytes: number; written: number }> {
    return {
      ledgerBytes: (await this.billed()) - this.ledgerBefore,
      written: (await this.written()) - this.writtenBefore,
    };
  }

  async close(): Promise<void> {
    await this.receiver.stop();
    await this.board.close();
  }

  private async billed(): Promise<number> {
    const { traffic } = await this.receiver.status();
    return Object.values(traffic.total)
      .flatMap((purposes) => Object.values(purposes))
      .reduce((sum, { billed }) => sum + billed, 0);
  }

  private async written(): Promise<number> {
    const text = await readFile(`/proc/${this.receiver.pid}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? NaN);
  }
}

/** Captures what the ports carry on the loopback, from now until it is stopped. */
export async function startCapture(
  path: string,
  ports: readonly number[],
): Promise<{ stop(): Promise<void> }> {
  const filter = ports.map((port) => `tcp port ${port}`).join(' or ');
  const child = spawn('tcpdump', ['-i', 'lo', '-U', '-s', '96', '-w', path, filter], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
    child.on('exit', () => reject(new Error(`tcpdump ended: ${said}`)));
  });
  return {
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** IPv4 bytes and packets by the port that is one of the capture's: libpcap's own format, Ethernet frames. */
export function countPcap(file: Buffer): Map<number, { bytes: number; packets: number }> {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a capture of this machine');
  const counted = new Map<number, { bytes: number; packets: number }>();
  for (let at = 24; at + 16 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const frame = file.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    if (frame.length < 38 || frame.readUInt16BE(12) !== 0x0800) continue;
    const headerBytes = ((frame[14] ?? 0) & 15) * 4;
    const ipBytes = frame.readUInt16BE(16);
    for (const port of [frame.readUInt16BE(14 + headerBytes), frame.readUInt16BE(16 + headerBytes)]) {
      const { bytes, packets } = counted.get(port) ?? { bytes: 0, packets: 0 };
      counted.set(port, { bytes: bytes + ipBytes, packets: packets + 1 });
    }
  }
  return counted;
}
