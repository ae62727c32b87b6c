/** The part of the wiring that proves the receiver on site: gathers, judges, signs, keeps and tells. */
import { connect } from 'node:net';
import { join } from 'node:path';
import type { AmplifierStatus } from '../hardware/types.js';
import type { Desired } from '../protocols/messages/desired.js';
import { DEFAULT_HOURS } from '../protocols/messages/desired.js';
import type { EventBody } from '../protocols/messages/up.js';
import type { Held } from './compose-identity.js';
import type { Config } from './config.js';
import { instant, type Clock } from './core/clock.js';
import { accepted, codeOf, refused, type Outcome } from './core/errors.js';
import type { Log } from './core/log.js';
import type { PathTestResult } from './programme/path-test.js';
import { ACCEPTANCE_FOLDER } from './state-files.js';
import type { AcceptanceAnswer } from './technician/accept/acceptance-answer.js';
import {
  acceptanceItems,
  type AcceptanceFacts,
  type LineMeasured,
} from './technician/accept/acceptance-items.js';
import {
  acceptanceWords,
  verdictCounts,
  type AcceptanceRecord,
  type AcceptanceWords,
} from './technician/accept/acceptance-record.js';
import { acceptanceDigest, signAcceptance } from './technician/accept/acceptance-signature.js';
import { keepAcceptance } from './technician/accept/acceptance-store.js';
import type { BoardView } from './technician/board-view.js';
import type { LineResult } from './technician/line-view.js';
import type { Status } from './technician/status.js';
import type { TrustView } from './technician/trust-view.js';
import { VERSION } from './version.js';

/** Acceptance on a running receiver. */
export interface AcceptanceDesk {
  /** An event has gone to the province: the one of lost mains is a part of the record. */
  noticed(body: EventBody): void;
  /** A tone is made on site. */
  toneMade(): void;
  /** Tries what can be tried, and leaves a signed record. One at a time. */
  accept(asked: unknown, who: string): Promise<Outcome<AcceptanceAnswer>>;
}

/** What it asks of the other parts. */
export interface AcceptanceParts {
  readonly config: Config;
  readonly held: Held;
  readonly clock: Clock;
  readonly log: Log;
  /** Signed time where there is one. */
  readonly nowMs: () => number;
  readonly status: () => Status;
  readonly trust: () => TrustView;
  readonly test: () => Promise<PathTestResult>;
  readonly line: () => Promise<Outcome<LineResult>>;
  readonly hasLineSensor: boolean;
  readonly board: () => BoardView;
  readonly amplifier: () => AmplifierStatus | undefined;
  readonly desired: () => Desired['body'] | undefined;
  readonly gate: (of: 'normal' | 'priority') => string;
  readonly mains: () => boolean | undefined;
  readonly tell: (body: EventBody) => void;
}

const CONNECTS = 3;
const CONNECT_LIMIT_MS = 5_000;

/** Makes the desk. */
export function openAcceptance(parts: AcceptanceParts): AcceptanceDesk {
  return new OnSiteAcceptance(parts);
}

class OnSiteAcceptance implements AcceptanceDesk {
  readonly #parts: AcceptanceParts;
  #busy = false;
  #toneMs: number | undefined;
  #lostMs: number | undefined;

  constructor(parts: AcceptanceParts) {
    this.#parts = parts;
  }

  noticed({ kind, code }: EventBody): void {
    if (kind === 'alarm' && code === 'E_MAINS_LOST') this.#lostMs = this.#parts.nowMs();
  }

  toneMade(): void {
    this.#toneMs = this.#parts.nowMs();
  }

  async accept(asked: unknown, who: string): Promise<Outcome<AcceptanceAnswer>> {
    const words = acceptanceWords.safeParse(asked);
    if (!words.success) return refused('E_USAGE', words.error.issues[0]?.message ?? 'not understood');
    if (this.#busy) return refused('E_LOCAL_LIMIT', 'an acceptance is under way');
    this.#busy = true;
    try {
      return accepted(await this.#tried(words.data, who));
    } finally {
      this.#busy = false;
    }
  }

  async #tried(words: AcceptanceWords, who: string): Promise<AcceptanceAnswer> {
    const { config, held, nowMs, tell, log, board } = this.#parts;
    const facts = await this.#facts(words);
    const { name } = board();
    const record: AcceptanceRecord = {
      ...{ type: 'acceptance', form: 1, receiver: held.identity.receiverId, at: instant(nowMs()) },
      ...{ version: VERSION, technician: who.slice(0, 64), words: words.words },
      ...(name === undefined ? {} : { board: name.slice(0, 80) }),
      items: acceptanceItems(facts),
    };
    const file = await signAcceptance(record, held.identity.signer, held.identity.certificatePem);
    const digest = acceptanceDigest(file.jws);
    const counts = verdictCounts(record);
    const { passed, failed, notTried } = counts;
    tell({
      ...{ kind: 'notice', code: 'N_ACCEPTANCE' },
      detail: `${passed} passed, ${failed} failed, ${notTried} not tried`,
      fields: { record: digest, ...counts, words: words.words },
    });
    log.info({ digest, ...counts }, 'accepted on site');
    try {
      const path = await keepAcceptance(join(config.stateFolder, ACCEPTANCE_FOLDER), record, file);
      return { ...file, record, digest, file: path };
    } catch (error) {
      // The technician has it in hand all the same.
      log.error({ code: codeOf(error) }, 'the record of acceptance is not kept');
      return { ...file, record, digest, trouble: codeOf(error) };
    }
  }

  async #facts(words: AcceptanceWords): Promise<AcceptanceFacts> {
    const { config, held, nowMs, status, test, amplifier, desired, gate, mains, trust } = this.#parts;
    const path = await test();
    // After the silent test: both want the air for themselves.
    const line = await this.#line(words);
    const { host, port, through } = brokerOf(config, status().link.broker);
    const connectMs = through ? undefined : await connectTimes(host, port);
    const now = status();
    const body = desired();
    const drive = amplifier();
    const power = mains();
    const { fingerprint, notBeforeMs, notAfterMs } = held.identity;
    return {
      ...{ nowMs: nowMs(), words, path, line, trust: trust(), status: now, broker: `${host}:${port}` },
      certificate: { fingerprint, notBeforeMs, notAfterMs },
      ...(connectMs === undefined ? {} : { connectMs }),
      ...(this.#toneMs === undefined ? {} : { toneMs: this.#toneMs }),
      ...(drive === undefined ? {} : { amplifier: drive }),
      ...(body === undefined ? {} : { hours: body.permittedHours ?? DEFAULT_HOURS }),
      gate: { normal: gate('normal'), priority: gate('priority') },
      power: {
        ...(power === undefined ? {} : { mains: power }),
        ...(this.#lostMs === undefined ? {} : { lostMs: this.#lostMs }),
        sent: now.link.kind === 'up' && now.outbox.messages === 0,
      },
    };
  }

  async #line({ line }: AcceptanceWords): Promise<LineMeasured> {
    if (!this.#parts.hasLineSensor) return { kind: 'none' };
    if (!line) return { kind: 'declined' };
    const outcome = await this.#parts.line();
    return outcome.ok
      ? { kind: 'measured', result: outcome.value }
      : { kind: 'refused', code: outcome.refusal.code };
  }
}

/** The broker in use, and whether it is reached through a proxy. */
function brokerOf(
  { broker }: Config,
  index: number,
): { readonly host: string; readonly port: number; readonly through: boolean } {
  const text = index === 0 ? undefined : broker.hosts[index - 1];
  const [, host = text ?? broker.host, port] = /^([^:]+):(\d+)$/.exec(text ?? '') ?? [];
  return { host, port: port === undefined ? broker.port : Number(port), through: broker.proxy !== '' };
}

/** How long a TCP connection takes, milliseconds, a few times; empty where none was made. */
async function connectTimes(host: string, port: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < CONNECTS; i += 1) {
    const ms = await connectTime(host, port);
    if (ms === undefined) break;
    times.push(ms);
  }
  return times;
}

async function connectTime(host: string, port: number): Promise<number | undefined> {
  const fromMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: true });
    const end = (value: number | undefined): void => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(CONNECT_LIMIT_MS, () => end(undefined));
    socket.once('connect', () => end(performance.now() - fromMs));
    socket.once('error', () => end(undefined));
  });
}
