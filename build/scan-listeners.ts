import { messageOf } from '../agent/core/errors.js';
import { listenersOf } from './listeners.js';

const pid = Number(process.argv[2]);
if (!Number.isInteger(pid) || pid < 1) {
  process.stderr.write('usage: node dist/build/scan-listeners.js PID\n');
  process.exitCode = 64;
} else {
  try {
    const found = await listenersOf(pid);
    for (const { pid: owner, protocol, address } of found)
      process.stdout.write(`${protocol} ${address} (process ${owner})\n`);
    process.stdout.write(`${found.length} listeners\n`);
    process.exitCode = found.length > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 2;
  }
}
