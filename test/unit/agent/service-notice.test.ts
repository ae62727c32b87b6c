import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serviceNotice } from '../../../agent/service-notice.js';
import { KeptLog } from '../../support/kept-log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';

/** A `systemd-notify` on a PATH of its own that writes down what it is told, and to which socket. */
async function rig(t: Teardown, script = 'echo "$NOTIFY_SOCKET $*" >> "$TOLD"') {
  const folder = await temporaryFolder(t);
  const program = join(folder, 'systemd-notify');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const told = join(folder, 'told');
  await writeFile(told, '');
  const env = {
    ...{ PATH: `${folder}:${process.env['PATH'] ?? ''}`, TOLD: told },
    ...{ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '60000000' },
  };
  const clock = new ManualClock();
  const log = new KeptLog();
  const lines = async (count: number): Promise<string[]> =>
    waitUntil(`${count} lines`, async () => {
      const found = (await readFile(told, 'utf8')).split('\n').filter((line) => line !== '');
      return found.length >= count ? found : undefined;
    });
  return { env, clock, log, lines };
}

t.test(
  'systemd is told of the start, then fed at a third of the watchdog time, then told of the end',
  async (t) => {
    const { env, clock, log, lines } = await rig(t);
    const notice = serviceNotice({ env, clock, log });
    notice.ready();
    t.same(await lines(1), ['/run/notify --ready']);
    clock.advance(19_999);
    t.equal((await lines(1)).length, 1);
    clock.advance(1);
    // While one telling is under way the next is left out, so the clock goes on until one was not.
    const fed = await waitUntil('food', async () => {
      clock.advance(20_000);
      return (await lines(1)).at(-1) === '/run/notify WATCHDOG=1';
    });
    t.ok(fed);
    notice.stopping();
    const ending = await waitUntil('the end', async () => {
      const told = await lines(2);
      return told.at(-1) === '/run/notify STOPPING=1' ? told.length : undefined;
    });
    clock.advance(60_000);
    t.equal((await lines(1)).length, ending, 'no more food after the end');
  },
);

t.test('no other child inherits the socket', async (t) => {
  const { env, clock, log } = await rig(t);
  serviceNotice({ env, clock, log });
  t.notOk('NOTIFY_SOCKET' in env);
  t.notOk('WATCHDOG_USEC' in env);
});

t.test('outside a unit nobody is told anything', async (t) => {
  const { env, clock, log, lines } = await rig(t);
  const { PATH, TOLD } = env;
  const notice = serviceNotice({ env: { PATH, TOLD }, clock, log });
  notice.ready();
  clock.advance(60_000);
  t.same(await lines(0), []);
});

t.test('a systemd-notify that fails is a line in the log, and the receiver goes on', async (t) => {
  const { env, clock, log } = await rig(t, 'exit 1');
  serviceNotice({ env, clock, log }).ready();
  await waitUntil('the warning', () => log.lines.some(({ text }) => text === 'systemd was not told'));
  t.equal(log.lines.length, 1);
});
