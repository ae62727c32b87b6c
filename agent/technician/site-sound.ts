import type { Permit } from '../../protocols/permit.js';
import type { ClockState } from '../commands/clock-trust.js';
import { accepted, refused, type Outcome } from '../core/errors.js';
import type { GateVerdict } from '../sound/air-gate.js';

/** What the leave to make sound on site stands on. */
export interface SiteParts {
  /** Of the class `normal`, now. */
  readonly gate: () => GateVerdict;
  readonly clock: () => ClockState;
  /** Verifies and judges a permit here and now. */
  readonly read: (signed: string) => Promise<Outcome<Permit>>;
}

/** By what sound may be made on site now. */
export type SiteLeave = { readonly kind: 'hours' } | { readonly kind: 'permit'; readonly id: string };

/**
 * May a technician make sound now? Within the permitted hours, or by a permit that was shown. It is kept in memory alone, and verified
 * again at each use: a revocation, another day or another assignment end it.
 */
export class SiteSound {
  readonly #parts: SiteParts;
  #shown: string | undefined;

  constructor(parts: SiteParts) {
    this.#parts = parts;
  }

  /** Shows a permit; it is kept where it holds. */
  async show(signed: string): Promise<Outcome<Permit>> {
    const read = await this.#parts.read(signed);
    if (read.ok) this.#shown = signed;
    return read;
  }

  /** @param signed a permit brought along; the one shown before where left out */
  async may(signed?: string): Promise<Outcome<SiteLeave>> {
    if (signed !== undefined) {
      const shown = await this.show(signed);
      if (!shown.ok) return shown;
    }
    // By a clock that is known to be wrong nobody knows whether it is night.
    if (this.#parts.clock() === 'behind') return refused('E_CLOCK_UNKNOWN', 'sound on site: clock behind');
    if (this.#parts.gate() !== 'hours') return accepted({ kind: 'hours' });
    if (this.#shown === undefined)
      return refused('E_LOCAL_HOURS', 'outside the permitted hours, and no permit was shown');
    const read = await this.#parts.read(this.#shown);
    if (read.ok) return accepted({ kind: 'permit', id: read.value.id });
    this.#shown = undefined;
    return read;
  }
}

/** What was asked for, and the permit that came with it. Pure. */
export function withPermit(asked: unknown): { readonly wish: unknown; readonly permit: string | undefined } {
  if (typeof asked !== 'object' || asked === null || !('permit' in asked))
    return { wish: asked, permit: undefined };
  const { permit, ...wish } = asked;
  return { wish, permit: typeof permit === 'string' ? permit : '' };
}
