import type { Clock } from '../core/clock.js';
import { codeOf, LoaError, messageOf } from '../core/errors.js';
import type { KeptFile } from '../core/kept-file.js';
import type { Log } from '../core/log.js';
import type { UpdateBackend } from './backend.js';
import type { Offer } from './offer.js';
import type { RaucBus } from './rauc-bus.js';
import { imagePlaces, imageStart, type ImageChoice, type ImageStart } from './rauc-start.js';
import type { Place, Slot } from './update-state.js';

/** RAUC is asked this often whether it has done, milliseconds. */
const POLL_MS = 2_000;
/** A slow card takes half an hour for a large image. */
const INSTALL_LIMIT_MS = 60 * 60_000;

/** What the images of a board stand on. */
export interface RaucParts {
  readonly bus: Pick<RaucBus, 'slots' | 'primary' | 'mark' | 'info' | 'install' | 'progress' | 'reboot'>;
  readonly file: KeptFile<ImageChoice | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The whole image in two slots, written and chosen by RAUC and the board's boot loader. What starts next is theirs; what is on trial is kept
 * here, on the disk that both images share. See "Whole images" in the README for what a board must be like.
 */
export class RaucBackend implements UpdateBackend {
  #lasted = false;

  constructor(private readonly parts: RaucParts) {}

  async found(): Promise<Omit<ImageStart, 'notStarted'>> {
    const { bus, file } = this.parts;
    const places = imagePlaces(await bus.slots());
    const { notStarted, ...found } = imageStart(await file.read(), places, await bus.primary());
    // Chosen, and the machine has not been started since: it is chosen again when it may be.
    if (notStarted) await bus.mark('active', 'booted');
    return found;
  }

  async install(archive: string, slot: Slot, offer: Offer, signal: AbortSignal): Promise<string> {
    const { bus } = this.parts;
    await this.#idle(signal);
    await this.#judge(archive, offer);
    await bus.install(archive);
    const { lastError } = await this.#idle(signal);
    if (lastError !== '') throw new LoaError('E_UPDATE_RAUC', lastError.slice(0, 250));
    const written = imagePlaces(await bus.slots()).slots[slot];
    if (!written.whole || written.version !== offer.version || !/^[0-9a-f]{64}$/.test(written.sha256 ?? ''))
      throw new LoaError('E_UPDATE_RAUC', `${written.name} does not hold ${offer.version}`);
    // `activate-installed` is to be false; where it is not, the next start is not to be a trial that nobody has begun.
    if ((await bus.primary()) === written.name) await bus.mark('active', 'booted');
    return written.sha256 ?? '';
  }

  async try(slot: Slot, seal: string, version: string): Promise<void> {
    const { bus, file } = this.parts;
    const { running, slots } = imagePlaces(await bus.slots());
    const before = await file.read();
    const trial = { slot, activations: slots[slot].activations };
    const kept = { ...before?.slots, [slot]: { seal, version } };
    await file.write({ committed: running, previous: running, trial, slots: kept });
    await bus.mark('active', slots[slot].name);
  }

  async commit(slot: Slot): Promise<void> {
    const { bus, file } = this.parts;
    await bus.mark('good', 'booted');
    const before = await file.read();
    const previous = before?.committed === slot ? before.previous : (before?.committed ?? slot);
    await file.write({ committed: slot, previous, slots: before?.slots ?? {} });
  }

  /** RAUC first: a trial that is still kept is left again at the next start. */
  async leave(to: Place): Promise<void> {
    const { bus, file } = this.parts;
    const { running, slots } = imagePlaces(await bus.slots());
    const before = await file.read();
    const back = to === 'floor' ? running : to;
    await bus.mark('active', slots[back].name);
    const left = before?.trial?.slot ?? running;
    if (left !== back) await bus.mark('bad', slots[left].name);
    await file.write({ committed: back, previous: back, slots: before?.slots ?? {} });
  }

  /** Once in a run, and never of an image on trial: the boot loader gives it its attempts anew. */
  async wentWell(): Promise<void> {
    if (this.#lasted) return;
    const { bus, file, log } = this.parts;
    try {
      if ((await file.read())?.trial !== undefined) return;
      await bus.mark('good', 'booted');
      this.#lasted = true;
    } catch (error) {
      log.warn(
        { code: codeOf(error), error: messageOf(error) },
        'the boot loader does not know that it went well',
      );
    }
  }

  /** The machine, not the program alone. @throws LoaError `E_UPDATE_RAUC` */
  async restart(): Promise<void> {
    await this.parts.bus.reboot();
  }

  async #judge(archive: string, { image, version }: Offer): Promise<void> {
    const found = await this.parts.bus.info(archive).catch((cause: unknown) => {
      throw new LoaError('E_UPDATE_BUNDLE', messageOf(cause).slice(0, 250), { cause });
    });
    if (found.compatible !== image || found.version !== version)
      throw new LoaError(
        'E_UPDATE_BUNDLE',
        `${found.compatible} ${found.version}, told was ${image ?? '-'} ${version}`,
      );
  }

  /** Waits until nothing is being installed, by whomever it was begun. */
  async #idle(signal: AbortSignal): Promise<{ readonly lastError: string }> {
    const { bus, clock } = this.parts;
    const endMs = clock.monotonicMs() + INSTALL_LIMIT_MS;
    for (;;) {
      const { busy, lastError } = await bus.progress();
      if (!busy) return { lastError };
      signal.throwIfAborted();
      if (clock.monotonicMs() > endMs) throw new LoaError('E_UPDATE_RAUC', 'an installation does not end');
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
  }
}
