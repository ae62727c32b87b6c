/** The province's media server as a process of its own: `node media-child.js FOLDER PORT`. FOLDER holds key.pem, cert.pem and live.mp3. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../agent/core/clock.js';
import { MediaServer } from '../source-system/media-server.js';
import { KeptLog } from '../support/kept-log.js';

const [, , folder = '.', port = '0'] = process.argv;
const read = (name: string): Promise<Buffer> => readFile(join(folder, name));
const identity = {
  keyPem: (await read('key.pem')).toString('utf8'),
  certificatePem: (await read('cert.pem')).toString('utf8'),
};
const media = await MediaServer.start({
  identity,
  clock: systemClock,
  log: new KeptLog(),
  port: Number(port),
});
const { url } = media.addLive('bulletin', await read('live.mp3'));
process.stdout.write(`serving ${media.port} ${url}\n`);
process.once('SIGTERM', () => void media.close());
