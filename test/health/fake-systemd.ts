import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the service manager does for its watchdog: reads what it is told, and says when food has been away for too long. */
export class FakeSystemd {
  readonly env: NodeJS.ProcessEnv;
  #meals = 0;

  private constructor(
    private readonly told: string,
    folder: string,
    /** `WatchdogSec=`, milliseconds. */
    readonly watchdogMs: number,
  ) {
    this.env = {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      TOLD: told,
      NOTIFY_SOCKET: '/run/notify',
      WATCHDOG_USEC: `${watchdogMs * 1_000}`,
    };
  }

  /** A `systemd-notify` on a PATH of its own, which writes down what it is told. @param folder made where it is not there */
  static async make(folder: string, watchdogMs: number): Promise<FakeSystemd> {
    await mkdir(folder, { recursive: true });
    const program = join(folder, 'systemd-notify');
    await writeFile(program, '#!/bin/sh\necho "$*" >> "$TOLD"\n');
    await chmod(program, 0o755);
    const told = join(folder, 'told');
    await writeFile(told, '');
    return new FakeSystemd(told, folder, watchdogMs);
  }

  /** How often the watchdog was fed so far. */
  async meals(): Promise<number> {
    return (await readFile(this.told, 'utf8')).split('\n').filter((line) => line === 'WATCHDOG=1').length;
  }

  /**
   * Watches the food as systemd does, for so long at most.
   * @returns after how many milliseconds the process would have been killed; undefined where it never was
   */
  async starvesWithin(ms: number): Promise<number | undefined> {
    const beganMs = performance.now();
    let fedMs = beganMs;
    this.#meals = await this.meals();
    while (performance.now() - beganMs < ms) {
      await sleep(100);
      const meals = await this.meals();
      if (meals > this.#meals) fedMs = performance.now();
      this.#meals = meals;
      if (performance.now() - fedMs > this.watchdogMs) return performance.now() - beganMs;
    }
    return undefined;
  }
}
