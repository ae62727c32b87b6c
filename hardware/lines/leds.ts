import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The lights of a receiver. */
export type LedName = 'run' | 'link' | 'air' | 'fault';

const LEDS_FOLDER = '/sys/class/leds';

/** Lights by the kernel's LED class (Documentation/leds/leds-class): a light that is absent or may not be set stays as it is. */
export class Leds {
  readonly #names: Readonly<Partial<Record<LedName, string | undefined>>>;
  readonly #folder: string;
  readonly #shown = new Map<LedName, boolean>();

  /** @param names what each is called there */
  constructor(names: Readonly<Partial<Record<LedName, string | undefined>>>, folder = LEDS_FOLDER) {
    this.#names = names;
    this.#folder = folder;
  }

  /** Shows what has changed. Returns the lights that could not be set. */
  async show(wanted: Readonly<Partial<Record<LedName, boolean>>>): Promise<LedName[]> {
    const failed: LedName[] = [];
    for (const [name, on] of Object.entries(wanted) as [LedName, boolean][]) {
      const led = this.#names[name];
      if (led === undefined || this.#shown.get(name) === on) continue;
      try {
        // Who blinks it otherwise (mmc0, heartbeat) lets go of it.
        if (!this.#shown.has(name)) await writeFile(join(this.#folder, led, 'trigger'), 'none');
        await writeFile(join(this.#folder, led, 'brightness'), on ? '1' : '0');
      } catch {
        failed.push(name);
      }
      this.#shown.set(name, on);
    }
    return failed;
  }
}
