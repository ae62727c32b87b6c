/** The command behind `./build/image root ARCHITECTURE`: makes the root of a simulated receiver and tells where it is. */
import { debianRoot } from './debian-root.js';
import { RECEIVER_ROOTS } from './receiver-root.js';

const wanted = process.argv[2];
if (wanted !== 'arm64' && wanted !== 'armhf') {
  console.error('usage: node dist/build/images/root.js arm64|armhf');
  process.exitCode = 64;
} else {
  const { path } = await debianRoot(RECEIVER_ROOTS[wanted], (line) => console.error(line));
  console.log(path);
}
