import type { EventBody } from '../../protocols/messages/up.js';
import type { Clock } from '../core/clock.js';
import type { ErrorCode, Outcome } from '../core/errors.js';
import type { PlayTally } from '../sound/messages.js';

/** What became of a silent play. */
export interface SilentPlay {
  readonly tally: PlayTally;
  /** Sources of its chain that were heard, in turn; the first is the spoken text. */
  readonly links: readonly number[];
  /** Troubles told of on the way. */
  readonly troubles: readonly string[];
}

/** A silent play under way. */
export interface SilentPlaying {
  readonly ended: Promise<SilentPlay>;
  /** Nothing else is open: what keeps it from the air is a fault. */
  alone(): boolean;
  /** Ends it before its time. */
  stop(): void;
}

/** What a test of the path has shown. */
export interface PathTestResult {
  /** Wall time, milliseconds. */
  readonly atMs: number;
  readonly ok: boolean;
  readonly tookMs: number;
  /** Kept documents whose signatures were verified anew. */
  readonly verified: number;
  /** Frames at 48 kHz that the sink is known to have consumed. */
  readonly framesConsumed: number;
  /** What failed; `E_COMMAND_BUSY` where something else had the air, which is no fault. */
  readonly code?: ErrorCode;
  readonly detail?: string;
}

/** What the test stands on. */
export interface PathTestParts {
  /** Verifies every kept document again; how many hold. */
  readonly verify: () => Promise<Outcome<number>>;
  /** Plays a spoken text and a stored sound at a gain that leaves nothing; undefined while something has the air. */
  readonly play: () => SilentPlaying | undefined;
  readonly clock: Clock;
  readonly onEvent: (body: EventBody) => void;
}

const DAY_MS = 86_400_000;
/** After the start: the sink and the link have come to rest. */
const FIRST_MS = 10 * 60_000;
/** After one that found the air taken. */
const BUSY_AGAIN_MS = 10 * 60_000;
/** Longer than the text and the chime together, with a slow board's synthesis. */
const LIMIT_MS = 30_000;
/** Less than a quarter of a second of frames is no sound that has passed. */
const LEAST_FRAMES = 12_000;

/**
 * Proves the path of an emergency without a sound: verify → decode → mixer → sink, once a day and when asked. A fault is one
 * alarm, `E_PATH_TEST`, until a test has passed.
 */
export class PathTest {
  readonly #parts: PathTestParts;
  #last: PathTestResult | undefined;
  #running: Promise<PathTestResult> | undefined;
  #alarmed = false;
  #closed = false;
  #cancel: () => void = () => undefined;

  constructor(parts: PathTestParts) {
    this.#parts = parts;
  }

  /** The newest result; one that found the air taken does not count. */
  get last(): PathTestResult | undefined {
    return this.#last;
  }

  /** Tests ten minutes from now, then every day. */
  start(): void {
    this.#again(FIRST_MS);
  }

  /** Tests now; asked twice at once it is one test. Never rejects. */
  run(): Promise<PathTestResult> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #again(afterMs: number): void {
    this.#cancel();
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(afterMs, () => {
      void this.run().then(({ code }) => this.#again(code === 'E_COMMAND_BUSY' ? BUSY_AGAIN_MS : DAY_MS));
    });
  }

  async #run(): Promise<PathTestResult> {
    const { clock, onEvent } = this.#parts;
    const startedMs = clock.monotonicMs();
    const seen = await this.#pass();
    const result: PathTestResult = {
      ...{
        atMs: clock.nowMs(),
        tookMs: Math.round(clock.monotonicMs() - startedMs),
        ok: seen.code === undefined,
      },
      ...seen,
    };
    if (result.code === 'E_COMMAND_BUSY' || this.#closed) return result;
    this.#last = result;
    if (this.#alarmed === result.ok) {
      this.#alarmed = !result.ok;
      const detail = (result.detail ?? 'the path has passed its test').slice(0, 300);
      onEvent({ kind: result.ok ? 'cleared' : 'alarm', code: 'E_PATH_TEST', detail });
    }
    return result;
  }

  async #pass(): Promise<Omit<PathTestResult, 'atMs' | 'ok' | 'tookMs'>> {
    const verified = await this.#parts.verify();
    if (!verified.ok)
      return {
        verified: 0,
        framesConsumed: 0,
        ...failed(`verify: ${verified.refusal.code} ${verified.refusal.detail}`),
      };
    const playing = this.#parts.play();
    if (playing === undefined) return { verified: verified.value, framesConsumed: 0, ...BUSY };
    const played = await this.#within(playing);
    const framesConsumed = played?.tally.framesHeard ?? 0;
    const fault = played === undefined && !playing.alone() ? BUSY : faultOf(played);
    return { verified: verified.value, framesConsumed, ...(fault === undefined ? {} : fault) };
  }

  /** Undefined where it does not end in time: then it is told to. */
  async #within(playing: SilentPlaying): Promise<SilentPlay | undefined> {
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#parts.clock.after(LIMIT_MS, () => resolve(undefined));
    });
    const played = await Promise.race([playing.ended, late]);
    cancel();
    if (played === undefined) playing.stop();
    return played;
  }
}

type Fault = Pick<PathTestResult, 'code' | 'detail'>;

const BUSY: Fault = { code: 'E_COMMAND_BUSY', detail: 'something else has the air' };

function failed(detail: string): Fault {
  return { code: 'E_PATH_TEST', detail };
}

/** What was not as it must be; that something else took the air is no fault. */
function faultOf(played: SilentPlay | undefined): Fault | undefined {
  if (played === undefined) return failed('the sink took no sound in time');
  const { tally, links, troubles } = played;
  if (tally.outcome === 'stopped' || tally.outcome === 'dropped') return BUSY;
  if (tally.outcome !== 'completed')
    return failed(`sound: ${tally.failure?.code ?? tally.outcome} ${tally.failure?.detail ?? ''}`.trim());
  if (tally.evidence !== 'consumed' || tally.framesHeard < LEAST_FRAMES)
    return failed(`sink: ${tally.framesHeard} frames ${tally.evidence}`);
  // A player that hangs is taken for one that plays until it is found out, and then opened again: pieces prove nothing.
  if (tally.pcmSha256 === undefined)
    return failed(`sink: ${tally.framesHeard} frames consumed, others lost on the way`);
  if (links.some((link) => link > 0)) return failed(`speech: ${troubles.join(', ') || 'no sound of it'}`);
  return undefined;
}
