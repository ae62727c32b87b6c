import { systemClock } from '../../core/clock.js';
import { inBackground } from '../../core/settled.js';
import { createLogger } from '../../logger.js';
import { forbidCores } from '../../no-core.js';
import { keepGoodConfig, type RunConfig } from '../../run-config.js';
import { RunMarksFile } from '../../run-marks-file.js';
import { goodTimeMs, runBegins, runEnds, safeModeLeft } from '../../safe-mode.js';
import { serviceNotice } from '../../service-notice.js';
import { EXIT, wantNoMore, type Verb } from '../verb.js';

/** `loa run`: the receiver itself, in the foreground, until SIGTERM or SIGINT. */
export const runVerb: Verb = {
  summary: { vi: 'chạy bộ thu', en: 'run the receiver' },
  usage: 'run',
  async run({ args, config, configPath, run }) {
    wantNoMore(args);
    const log = createLogger(config.logLevel);
    if (run?.trouble !== undefined)
      log.error({ ...run.trouble, from: run.from }, 'the configuration cannot be used');
    const notice = serviceNotice({ env: process.env, clock: systemClock, log });
    await forbidCores(log);
    const { startReceiver } = await import('../../compose.js');
    const stop = new AbortController();
    process.once('SIGTERM', () => stop.abort());
    process.once('SIGINT', () => stop.abort());
    const stopped = new Promise<'stopped'>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    const file = new RunMarksFile({ ...config, log });
    let marks = runBegins(await file.read(), systemClock.monotonicMs());
    await file.write(marks);
    const configTrouble = run?.trouble === undefined ? {} : { configTrouble: troubleOf(run) };
    for (let safeLeft = false; ; safeLeft = true) {
      const safe = marks.safe ? { safeForMs: goodTimeMs(marks) } : {};
      const receiver = await startReceiver(config, log, { ...safe, ...configTrouble, safeLeft, notice });
      if (!safeLeft) notice.ready();
      if (run?.from === 'file') inBackground(keepGoodConfig(configPath, process.env), log, 'not kept');
      const ends = [
        stopped,
        receiver.retired.then(() => 'retired' as const),
        receiver.replaced.then(() => 'replaced' as const),
      ];
      const over = receiver.safeModeOver?.then(() => 'over' as const);
      const why = await Promise.race(over === undefined ? ends : [...ends, over]);
      log.info({ why }, 'stopping');
      if (why !== 'over') notice.stopping();
      await receiver.close();
      marks = why === 'over' ? safeModeLeft(marks) : runEnds(marks);
      await file.write(marks);
      if (why === 'over') continue;
      if (why === 'retired') {
        await receiver.wipe();
        log.warn({}, 'wiped: this receiver is out of service');
      }
      return EXIT.done;
    }
  },
};

/** What the province is told of a configuration that is not in force. */
function troubleOf({ trouble, from }: RunConfig): { code: string; detail: string } {
  const instead = from === 'good' ? 'the last good one is in force' : 'the built-in one is in force';
  return {
    code: trouble?.code ?? 'E_CONFIG_READ',
    detail: `${instead}; ${trouble?.detail ?? ''}`.slice(0, 300),
  };
}
