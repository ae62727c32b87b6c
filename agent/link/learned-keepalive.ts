import type { Clock } from '../core/clock.js';
import { messageOf, type Refusal } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { inBackground } from '../core/settled.js';
import type { Store } from '../core/store.js';
import {
  keepaliveDropped,
  keepaliveGrown,
  keepaliveStart,
  type KeepaliveSettings,
  type KeepaliveState,
} from './keepalive.js';

const KEY = 'link/keepalive';

/** What the keepalive is set on: see Attempt. */
export interface Pinger {
  pingEvery(intervalS: number): void;
}

/** Runs the keepalive's learning on connections as they come and go, and keeps what was learned across restarts. */
export class LearnedKeepalive {
  private state: KeepaliveState;
  private cancel: () => void = () => undefined;
  private loaded = false;

  constructor(
    private readonly settings: KeepaliveSettings,
    private readonly parts: { readonly clock: Clock; readonly store: Store; readonly log: Log },
  ) {
    this.state = keepaliveStart(settings);
  }

  /** Time between two pings, seconds. */
  get intervalS(): number {
    return this.state.intervalS;
  }

  /** The interval in force, with what an earlier run of the program had learned, and the longest, seconds. */
  async load(): Promise<{ intervalS: number; longestS: number }> {
    if (!this.loaded) {
      this.loaded = true;
      const kept = await this.parts.store.get(KEY).catch((error: unknown) => {
        this.parts.log.warn({ code: 'E_STORE_OPEN', error: messageOf(error) }, 'no keepalive learned');
        return undefined;
      });
      const learnedS = Number(new TextDecoder().decode(kept ?? new Uint8Array()));
      this.state = keepaliveStart(this.settings, Number.isFinite(learnedS) ? learnedS : 0);
    }
    return { intervalS: this.state.intervalS, longestS: this.settings.longestS };
  }

  /** A connection is up. */
  up(pinger: Pinger): void {
    const { clock } = this.parts;
    this.cancel();
    this.cancel = clock.after(this.settings.stableMs, () => {
      const grown = keepaliveGrown(this.state, clock.monotonicMs(), this.settings);
      if (grown !== undefined) {
        pinger.pingEvery(grown.intervalS);
        this.take(grown);
      }
      this.up(pinger);
    });
  }

  /** A connection or an attempt has ended. */
  down(why: Refusal): void {
    this.cancel();
    if (why.code !== 'E_LINK_LOST') return;
    const silent = why.fields?.['silent'] === true;
    const nowMs = this.parts.clock.monotonicMs();
    this.take(keepaliveDropped(this.state, silent, nowMs, this.settings));
  }

  /** The receiver itself has ended the connection: nothing is learned from it. */
  close(): void {
    this.cancel();
  }

  private take(next: KeepaliveState): void {
    const changed = next.intervalS !== this.state.intervalS;
    this.state = next;
    if (!changed) return;
    this.parts.log.info({ intervalS: next.intervalS }, 'keepalive learned');
    const value = new TextEncoder().encode(`${next.intervalS}`);
    inBackground(this.parts.store.write([{ put: KEY, value }]), this.parts.log, 'the keepalive is not kept');
  }
}
