import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connect } from 'mqtt';

/**
 * The yardstick of memory: `node bare-node.js BROKER_URL FOLDER`, where FOLDER holds `ca.pem`, `client.pem` and
 * `client.key`. One worker that does nothing and one MQTT client over TLS that is connected; it writes `connected`.
 */
const [url = '', folder = ''] = process.argv.slice(2);
const file = (name: string): Buffer => readFileSync(join(folder, name));

const worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
worker.on('error', () => process.exit(1));
const client = connect(url, {
  ca: file('ca.pem'),
  cert: file('client.pem'),
  key: file('client.key'),
  clientId: 'operator-bare',
  reconnectPeriod: 0,
});
client.on('connect', () => process.stderr.write('connected\n'));
client.on('error', () => process.exit(1));
