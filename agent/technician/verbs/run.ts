import { systemClock } from '../../core/clock.js';
import { createLogger } from '../../logger.js';
import { forbidCores } from '../../no-core.js';
import { serviceNotice } from '../../service-notice.js';
import { EXIT, wantNoMore, type Verb } from '../verb.js';

/** `loa run`: the receiver itself, in the foreground, until SIGTERM or SIGINT. */
export const runVerb: Verb = {
  summary: { vi: 'chạy bộ thu', en: 'run the receiver' },
  usage: 'run',
  async run({ args, config }) {
    wantNoMore(args);
    const log = createLogger(config.logLevel);
    const notice = serviceNotice({ env: process.env, clock: systemClock, log });
    await forbidCores(log);
    const { startReceiver } = await import('../../compose.js');
    const stop = new AbortController();
    process.once('SIGTERM', () => stop.abort());
    process.once('SIGINT', () => stop.abort());
    const receiver = await startReceiver(config, log);
    notice.ready();
    const stopped = new Promise<'stopped'>((resolve) => {
      if (stop.signal.aborted) resolve('stopped');
      else stop.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    const why = await Promise.race([stopped, receiver.retired.then(() => 'retired' as const)]);
    log.info({}, 'stopping');
    notice.stopping();
    await receiver.close();
    if (why === 'retired') {
      await receiver.wipe();
      log.warn({}, 'wiped: this receiver is out of service');
    }
    return EXIT.done;
  },
};
