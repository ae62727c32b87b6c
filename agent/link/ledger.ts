import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import type { EventBody } from '../../protocols/messages/up.js';
import { keptJson, type KeptFile } from '../core/kept-file.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import { billedOn, charged, NO_BYTES, type ByteAccount, type Purpose } from './byte-ledger.js';

/** What was counted is written down this often: a power cut takes as much of the account at most. */
const KEEP_MS = 900_000;
/** The country's time, UTC+7: the day of the budget. */
const OFFSET_MS = 25_200_000;

const bytes = z.object({ received: z.number(), sent: z.number(), billed: z.number() });
const table = z.record(z.string().max(32), z.record(z.string().max(16), bytes));
const schema = z.object({ day: z.string().max(10), today: table, total: table });

/** What a ledger is made of. */
export interface LedgerOptions {
  /** The file that it is kept in. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Names of interfaces that cost money; `*` at the end stands for any ending. */
  readonly metered: readonly string[];
  /** MB (10^6 bytes) a day on those; 0 for no limit. */
  readonly budgetMb: number;
  readonly tell: (body: EventBody) => void;
  /** The name of the interface that has this address; by default the system is asked. */
  readonly networkOf?: (address: string) => string | undefined;
}

/** Counts what crosses the network, keeps it across reboots, and says when the day's budget is used up. */
export class Ledger {
  private account: ByteAccount;
  private dirty = false;
  private told = false;
  private cancel: () => void = () => undefined;
  private readonly names = new Map<string, string>();

  private constructor(
    private readonly options: LedgerOptions,
    private readonly file: KeptFile<ByteAccount>,
    kept: ByteAccount,
  ) {
    this.account = kept;
    this.keepLater();
  }

  /** Opens the account; one that cannot be read begins at nothing, and is told to the log. */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const file = keptJson<ByteAccount>({
      path: options.path,
      parse: (value) => schema.parse(value),
      factory: NO_BYTES,
      log: options.log,
    });
    return new Ledger(options, file, await file.read());
  }

  /** Counts a piece. @param address the receiver's own address on that connection */
  charge(purpose: Purpose, received: number, sent: number, address: string | undefined): void {
    const network = this.networkOf(address);
    this.account = charged(this.account, { purpose, network, day: this.day(), received, sent });
    this.dirty = true;
    this.watch();
  }

  /** The account so far. */
  read(): ByteAccount {
    return this.account;
  }

  /** MB billed today on the interfaces that cost money. */
  billedTodayMb(): number {
    return billedOn(this.account, this.day(), (network) => this.isMetered(network)) / 1e6;
  }

  /** The day's budget is used up: ordinary fetching waits until tomorrow. Emergencies do not ask. */
  overBudget(): boolean {
    const { budgetMb } = this.options;
    return budgetMb > 0 && this.billedTodayMb() >= budgetMb;
  }

  /** Writes down what was counted. @throws LoaError `E_STORE_WRITE` */
  async close(): Promise<void> {
    this.cancel();
    await this.keep();
    await this.file.idle();
  }

  private async keep(): Promise<void> {
    if (!this.dirty) return;
    this.dirty = false;
    await this.file.write(this.account);
  }

  private keepLater(): void {
    this.cancel = this.options.clock.after(KEEP_MS, () => {
      inBackground(this.keep(), this.options.log, 'the account of bytes is not kept');
      this.watch();
      this.keepLater();
    });
  }

  /** One alarm when the budget is used up, one clearing when a new day has begun. */
  private watch(): void {
    const over = this.overBudget();
    if (over === this.told) return;
    this.told = over;
    const fields = { billedMb: Math.round(this.billedTodayMb()), budgetMb: this.options.budgetMb };
    this.options.tell({
      kind: over ? 'alarm' : 'cleared',
      code: 'E_SIM_BUDGET',
      detail: over ? `${fields.billedMb} MB today` : 'a new day',
      fields,
    });
  }

  private day(): string {
    return new Date(this.options.clock.nowMs() + OFFSET_MS).toISOString().slice(0, 10);
  }

  private isMetered(network: string): boolean {
    return this.options.metered.some((pattern) =>
      pattern.endsWith('*') ? network.startsWith(pattern.slice(0, -1)) : network === pattern,
    );
  }

  private networkOf(address: string | undefined): string {
    if (address === undefined) return 'unknown';
    const known = this.names.get(address);
    if (known !== undefined) return known;
    const found = (this.options.networkOf ?? systemNetworkOf)(address) ?? 'unknown';
    // An address may come and go with a cell: a few are remembered, and only those that were found.
    if (found !== 'unknown' && this.names.size < 64) this.names.set(address, found);
    return found;
  }
}

function systemNetworkOf(address: string): string | undefined {
  const plain = address.replace(/^::ffff:/, '');
  return Object.entries(networkInterfaces()).find(([, own]) =>
    own?.some((one) => one.address === plain),
  )?.[0];
}
