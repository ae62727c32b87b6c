import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { SwitchBoard } from '../support/switch-board.js';
import { HOSTILE_BROKERS, type HostileBroker } from './hostile-brokers.js';
import { startAssigned } from './input-bench.js';
import { startMosquittoProvince, type MosquittoProvince } from './mosquitto-province.js';

/** What one hostile broker did to a receiver. */
export interface HostileReport {
  readonly name: string;
  /** Connections that the hostile broker had. */
  readonly visits: number;
  /** The same process before and after. */
  readonly survived: boolean;
  /** Most memory that the process had, above what it had before the first hostile broker, MB. */
  readonly aboveBaseMb: number;
  /** From the change back to the good broker until it was connected there, milliseconds; undefined where it never was. */
  readonly backMs: number | undefined;
  /** What the receiver said of it. */
  readonly said: string;
}

const RECEIVER = 'bt-001';
/** So long a receiver is left with each of them. */
const EXPOSED_MS = 2_500;

/** Leads one receiver, the real program, to each hostile broker in turn and back to mosquitto. */
export async function hostileBrokers(
  folder: string,
  tell: (line: string) => void = () => undefined,
  brokers: readonly HostileBroker[] = HOSTILE_BROKERS,
): Promise<HostileReport[]> {
  const province = await startMosquittoProvince(folder, new KeptLog());
  const board = await SwitchBoard.listen(province.mosquitto.port);
  const receiver = await enrolled(folder, province, board.port);
  try {
    await startAssigned(receiver);
    const baseMb = await settledMb(receiver, board, province);
    tell(`base ${baseMb.toFixed(1)} MB`);
    const reports: HostileReport[] = [];
    for (const broker of brokers) {
      const report = await expose({ receiver, board, province, baseMb }, broker);
      tell(
        `${report.name}: ${report.said}; ${report.aboveBaseMb.toFixed(1)} MB, back ${report.backMs ?? '-'} ms`,
      );
      reports.push(report);
    }
    return reports;
  } finally {
    await receiver.stop();
    await board.close();
    await province.close();
  }
}

function enrolled(folder: string, province: MosquittoProvince, port: number): Promise<ReceiverProcess> {
  return ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, RECEIVER),
    broker: { host: 'localhost', port },
    settings: { sound: { sink: 'null' } },
    admit: (csrPem) => province.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
}

/** Memory after a few connections: what any link needs once is no fault of a hostile broker. */
async function settledMb(
  receiver: ReceiverProcess,
  board: SwitchBoard,
  province: MosquittoProvince,
): Promise<number> {
  let mostMb = 0;
  for (let n = 0; n < 5; n += 1) {
    board.lead(province.mosquitto.port);
    await sleep(300);
    await receiver.waitFor('back', ({ link }) => link.kind === 'up', 30_000);
    await sleep(700);
    mostMb = Math.max(mostMb, await memoryMb(receiver.pid));
  }
  return mostMb;
}

interface Exposure {
  readonly receiver: ReceiverProcess;
  readonly board: SwitchBoard;
  readonly province: MosquittoProvince;
  readonly baseMb: number;
}

async function expose(exposure: Exposure, broker: HostileBroker): Promise<HostileReport> {
  const { receiver, board, province, baseMb } = exposure;
  const { pid } = receiver;
  const hostile = await Hostile.start(broker, province);
  let mostMb = 0;
  const endMs = performance.now() + EXPOSED_MS;
  board.lead(hostile.port);
  // At least one visit, however slowly the machine goes today.
  while (performance.now() < endMs || (hostile.visits === 0 && performance.now() < endMs + 20_000)) {
    mostMb = Math.max(mostMb, await memoryMb(pid));
    await sleep(50);
  }
  const { link } = await receiver.status().catch(() => ({ link: undefined }));
  const fromMs = performance.now();
  board.lead(province.mosquitto.port);
  await hostile.close();
  const back = await receiver
    .waitFor('back', (status) => status.link.kind === 'up', 150_000)
    .catch(() => undefined);
  mostMb = Math.max(mostMb, await memoryMb(pid));
  const { code = '-', detail = '' } = link?.lastError ?? {};
  return {
    name: broker.name,
    visits: hostile.visits,
    survived: receiver.pid === pid && back !== undefined,
    aboveBaseMb: mostMb - baseMb,
    backMs: back === undefined ? undefined : Math.round(performance.now() - fromMs),
    said: `${code} ${detail}`.slice(0, 120),
  };
}

/** Resident memory, MB (proc(5)); 0 where the process is gone. */
async function memoryMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

/** A hostile broker on a free port. */
class Hostile {
  visits = 0;
  private readonly open = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(broker: HostileBroker, { folder }: MosquittoProvince): Promise<Hostile> {
    const { keyPem, certificatePem } = await folder.ca.issueServer();
    const server = createServer();
    const hostile = new Hostile(server);
    server.on('connection', (socket) => {
      hostile.visits += 1;
      hostile.open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => hostile.open.delete(socket));
      if (broker.raw !== undefined) {
        broker.raw(socket);
        return;
      }
      const secured = new TLSSocket(socket, { isServer: true, key: keyPem, cert: certificatePem });
      secured.on('error', () => undefined);
      secured.once('data', () => {
        secured.resume();
        broker.secured?.(secured);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
