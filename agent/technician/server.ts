import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { LoaError, codeOf, messageOf, type Outcome } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { PathTestResult } from '../programme/path-test.js';
import type { CacheView } from '../programme/media-keeper.js';
import type { BoardView } from './board-view.js';
import type { LineResult } from './line-view.js';
import type { DayView, WhyView } from './programme-view.js';
import type { Status } from './status.js';
import { askedOfUpdates, type UpdateDesk } from './update-desk.js';
import type { Offered } from '../commands/intake.js';
import type { Permit } from '../../protocols/permit.js';
import { printable } from '../../protocols/printable.js';
import { withPermit } from './site-sound.js';
import type { LinkHistory } from './link-history.js';
import type { TrustView } from './trust-view.js';
import type { AlarmView } from '../telemetry/alarm-desk.js';

/** What the running receiver offers to a technician. */
export interface TechnicianDesk {
  status(): Status;
  /** Who may say what here. */
  trust(): TrustView;
  /** The programme of a day of the country, YYYY-MM-DD; today where left out. @throws LoaError `E_USAGE` for no date */
  day(day: string | undefined): DayView;
  /** Why it is on air or silent now. */
  why(): Promise<WhyView>;
  /** The files fetched ahead. */
  cache(): CacheView;
  /** The alarms in force, with their texts. */
  alarms(): AlarmView[];
  /** The newest readings of power, housing, disk, memory and modem, and why the program was started. */
  health(): object;
  /** The last hours of the link. */
  history(): LinkHistory;
  /** Takes a command that an authority has signed, as if the broker had brought it; its sound ends after 30 s. */
  play(signed: string, permit?: string): Promise<Offered>;
  /** Shows a permit for sound on site outside the permitted hours. */
  permit(signed: string): Promise<Outcome<Permit>>;
  /** Ends sound made on site; the value is how many were ended. */
  stop(): number;
  /** Keeps what was done on site as a security event. */
  done(action: string, who: string): void;
  /** Plays a test tone, a sweep or the test sentence; the value is its play id. */
  tone(asked: unknown): Outcome<string> | Promise<Outcome<string>>;
  /** Tests the path of an emergency without a sound. */
  test(): Promise<PathTestResult>;
  /** The board in use and its inputs. */
  board(): BoardView;
  /** Measures the loudspeaker line by a tone: `calibrate` keeps that, `test` compares with it. */
  line(what: 'calibrate' | 'test'): Promise<Outcome<LineResult>>;
  /** Leaves safe mode; refused where it is not on. */
  leaveSafe(): Outcome<undefined>;
  /** Updates of the program. */
  readonly update: UpdateDesk;
  /** Begins to renew the certificate. */
  renew(): Outcome<undefined>;
  /** Begins to look at the certificate authorities and the revocation list. */
  anchors(): void;
  /** Tries what the receiver can prove of itself on site, and leaves a signed record. */
  accept(asked: unknown, who: string): Promise<Outcome<object>>;
}

const BODY_LIMIT_BYTES = 16_384;

/**
 * HTTP with JSON over a unix socket (mode 0660: the group may speak). No port is opened.
 * `GET /v1/status` → Status. `GET /v1/trust` → TrustView. `GET /v1/schedule[?day=YYYY-MM-DD]` → DayView. `GET /v1/why` →
 * WhyView. `GET /v1/cache` → CacheView. `POST /v1/tone` {frequencyHz, toHz, durationMs, levelDb} or {speech, levelDb}, each
 * with {permit} → 202 {playId}. `POST /v1/permit` {signed} → Permit.
 * `GET /v1/alarms` → AlarmView[]. `GET /v1/health` → HealthView. `GET /v1/link` → LinkHistory.
 * `GET /v1/board` → BoardView. `POST /v1/line/calibrate`, `POST /v1/line/test` → LineResult.
 * `POST /v1/play` {signed, permit} → {offered}. `POST /v1/stop` → {stopped}. `POST /v1/acted` {action} → 202: something was done without it.
 * Each POST becomes a security event with what the client tells of who asks (header `Loa-User`). `POST /v1/test` → PathTestResult. `POST /v1/safe/leave` → 202. `POST /v1/renew` → 202. `POST /v1/anchors` → 202.
 * `POST /v1/accept` AcceptanceWords → AcceptanceAnswer. `GET /v1/update`, `POST /v1/update/(check|hold|release|rollback)` → UpdateView. A refusal is
 * `{code, detail}` with status 409, an unknown path 404.
 */
export class TechnicianServer {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Listens; a socket left by a dead process is replaced. @throws LoaError `E_STORE_OPEN` */
  static async listen(path: string, desk: TechnicianDesk, log: Log): Promise<TechnicianServer> {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    if (await answers(path)) throw new LoaError('E_STORE_OPEN', `another receiver listens on ${path}`);
    await removeSocket(path);
    const server = createServer((request, response) => {
      inBackground(answer(request, response, desk, log), log, 'a technician was not answered');
    });
    server.maxConnections = 16;
    server.requestTimeout = 5_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(new LoaError('E_STORE_OPEN', messageOf(cause), { cause })));
      server.listen(path, resolve);
    });
    await chmod(path, 0o660);
    return new TechnicianServer(server, path);
  }

  /** Stops listening and drops who is connected. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }
}

/** Removes what a dead process left; a file that is no socket is somebody else's. @throws LoaError `E_STORE_OPEN` */
async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === false) throw new LoaError('E_STORE_OPEN', `${path} is there and is no socket`);
  await rm(path, { force: true });
}

async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  desk: TechnicianDesk,
  log: Log,
): Promise<void> {
  try {
    const route = `${request.method ?? ''} ${request.url ?? ''}`;
    const [path = '', asked = ''] = (request.method === 'GET' ? (request.url ?? '') : '').split('?', 2);
    const query = new URLSearchParams(asked);
    if (route === 'GET /v1/status') reply(response, 200, desk.status());
    else if (route === 'GET /v1/trust') reply(response, 200, desk.trust());
    else if (path === '/v1/schedule') reply(response, 200, desk.day(query.get('day') ?? undefined));
    else if (route === 'GET /v1/why') reply(response, 200, await desk.why());
    else if (route === 'GET /v1/cache') reply(response, 200, desk.cache());
    else if (route === 'GET /v1/alarms') reply(response, 200, desk.alarms());
    else if (route === 'GET /v1/health') reply(response, 200, desk.health());
    else if (route === 'GET /v1/link') reply(response, 200, desk.history());
    else if (route === 'GET /v1/board') reply(response, 200, desk.board());
    else if (route === 'GET /v1/update') reply(response, 200, desk.update.view());
    else if (request.method === 'POST') await act(request, response, desk, log);
    else reply(response, 404, { code: 'E_USAGE', detail: 'unknown path' });
  } catch (error) {
    reply(response, codeOf(error) === 'E_USAGE' ? 400 : 500, {
      code: codeOf(error),
      detail: messageOf(error),
    });
  }
}

/** What changes something or makes a sound: each is told to the province. */
async function act(
  request: IncomingMessage,
  response: ServerResponse,
  desk: TechnicianDesk,
  log: Log,
): Promise<void> {
  const route = `POST ${request.url ?? ''}`;
  const who = printable(String(request.headers['loa-user'] ?? '?'), 64);
  const did = (how: string): void => desk.done(`${route.slice(9)}: ${how}`, who);
  if (route === 'POST /v1/tone' || route === 'POST /v1/renew' || route === 'POST /v1/safe/leave') {
    const outcome: Outcome<string | undefined> =
      route === 'POST /v1/tone'
        ? await desk.tone(await bodyOf(request))
        : route === 'POST /v1/renew'
          ? desk.renew()
          : desk.leaveSafe();
    log.info({ route, who, ok: outcome.ok }, 'asked on site');
    did(outcome.ok ? 'ok' : outcome.refusal.code);
    if (!outcome.ok) reply(response, 409, outcome.refusal);
    else reply(response, 202, outcome.value === undefined ? {} : { playId: outcome.value });
  } else if (route === 'POST /v1/test') {
    const result = await desk.test();
    log.info({ route, who, ok: result.ok }, 'asked on site');
    reply(response, 200, result);
  } else if (route === 'POST /v1/play') {
    const body = await bodyOf(request);
    const signed = textOf(body, 'signed', BODY_LIMIT_BYTES);
    const { permit } = withPermit(body);
    const offered = await desk.play(signed, permit);
    log.info({ route, who, offered }, 'asked on site');
    did(offered);
    reply(response, 200, { offered });
  } else if (route === 'POST /v1/permit') {
    const outcome = await desk.permit(textOf(await bodyOf(request), 'signed', BODY_LIMIT_BYTES));
    log.info({ route, who, ok: outcome.ok }, 'asked on site');
    did(outcome.ok ? outcome.value.id : outcome.refusal.code);
    reply(response, outcome.ok ? 200 : 409, outcome.ok ? outcome.value : outcome.refusal);
  } else if (route === 'POST /v1/stop') {
    const stopped = desk.stop();
    did(String(stopped));
    reply(response, 200, { stopped });
  } else if (route === 'POST /v1/acted') {
    const action = printable(textOf(await bodyOf(request), 'action', 200), 200);
    log.info({ route, who, action }, 'done on site');
    did(action);
    reply(response, 202, {});
  } else if (route === 'POST /v1/line/calibrate' || route === 'POST /v1/line/test') {
    const outcome = await desk.line(route === 'POST /v1/line/test' ? 'test' : 'calibrate');
    log.info({ route, who, ok: outcome.ok }, 'asked on site');
    did(outcome.ok ? 'ok' : outcome.refusal.code);
    reply(response, outcome.ok ? 200 : 409, outcome.ok ? outcome.value : outcome.refusal);
  } else if (route === 'POST /v1/accept') {
    const outcome = await desk.accept(await bodyOf(request), who);
    log.info({ route, who, ok: outcome.ok }, 'asked on site');
    did(outcome.ok ? 'ok' : outcome.refusal.code);
    reply(response, outcome.ok ? 200 : 409, outcome.ok ? outcome.value : outcome.refusal);
  } else if (route.startsWith('POST /v1/update/')) {
    const outcome = await askedOfUpdates(desk.update, route.slice('POST /v1/update/'.length), who);
    log.info({ route, who, ok: outcome.ok }, 'asked on site');
    did(outcome.ok ? 'ok' : outcome.refusal.code);
    reply(response, outcome.ok ? 202 : 409, outcome.ok ? desk.update.view() : outcome.refusal);
  } else if (route === 'POST /v1/anchors') {
    desk.anchors();
    log.info({ route, who }, 'asked on site');
    did('ok');
    reply(response, 202, {});
  } else reply(response, 404, { code: 'E_USAGE', detail: 'unknown path' });
}

/** One text of a body. @throws LoaError `E_USAGE` */
function textOf(body: unknown, name: string, limit: number): string {
  const value: unknown =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'string' || value === '' || value.length > limit)
    throw new LoaError('E_USAGE', `${name} is wanted`);
  return value;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw new LoaError('E_USAGE', 'the request is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new LoaError('E_USAGE', 'the request is not JSON', { cause });
  }
}
