import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { identityFolder } from '../../certs/identity-folder.js';
import { readIdentity } from '../../certs/load-identity.js';
import { startSourceSystem } from '../source-system/source-system.js';
import { fingerprintOf } from '../support/est-province.js';
import { runTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const OPERATOR = fileURLToPath(new URL('../source-system/operator.js', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../agent/main.js', import.meta.url));
const ID = 'rx-1';

/** Runs `loa` with a secret on descriptor 3. */
async function loaWith(
  secret: string,
  args: readonly string[],
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const pipe = child.stdio[3];
  if (pipe === null || pipe === undefined || !('end' in pipe)) throw new Error('no descriptor 3');
  pipe.end(`${secret}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

// It waits for programs to start and for a handshake that is held.
t.setTimeout(130_000);

t.test(
  'a token from the operator’s terminal enrols a receiver from the depot, which is assigned later and renews on command',
  { timeout: 120_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    const dir = join(folder, 'province');
    const source = await startSourceSystem({ folder: dir, log: new KeptLog() });
    t.teardown(() => source.close());
    const operator = async (...args: string[]): Promise<string> => {
      const { exitCode, output, errorText } = await runTool(process.execPath, [
        OPERATOR,
        ...args,
        '--dir',
        dir,
      ]);
      t.equal(exitCode, 0, errorText);
      return output.toString().trim();
    };

    const token = await operator('token', ID);
    const place = join(folder, ID);
    await mkdir(place, { recursive: true });
    const socketPath = join(place, 'loa.sock');
    const configPath = join(place, 'loa.json');
    const settings = {
      ...{ stateFolder: join(place, 'state'), socketPath, language: 'en' },
      broker: { host: 'localhost', port: source.broker.port, retryMinMs: 300, retryMaxMs: 1_000 },
      sound: { sink: 'null' },
      media: { publicAnchors: false },
      enrolment: { url: source.est.url },
    };
    await writeFile(configPath, JSON.stringify(settings));
    await writeFile(join(place, 'trust.json'), source.province.trustText);
    const enrol = [
      ...['certificate', 'enrol', '--id', ID, '--url', source.est.url, '--token-fd', '3'],
      ...['--ca-fingerprint', fingerprintOf(source.ca.anchorsPem), '--config', configPath],
      ...['--trust', join(place, 'trust.json'), '--fingerprint', source.province.rootFingerprint],
    ];
    const enrolled = await loaWith(token, enrol);
    t.equal(enrolled.code, 0, enrolled.said);

    const receiver = ReceiverProcess.at({ id: ID, folder: place });
    t.teardown(() => receiver.stop());
    await receiver.start();
    await receiver.waitFor('up, unassigned', ({ link }) => link.kind === 'up');
    t.equal((await receiver.status()).assignment, undefined);
    await operator('assign', ID, '--home', 'ap-1');
    await receiver.waitFor('assigned', ({ assignment }) => assignment?.home === 'ap-1');

    const before = await readIdentity(identityFolder(join(place, 'state')));
    const forged = await source.province.renew('tan-hoa', { receiver: ID });
    await source.send(forged);
    const { message } = await source.ears.waitFor(
      'reply',
      (heard) => heard.message.body.commandId === forged.message.id,
      10_000,
    );
    t.match(message.body, { outcome: 'refused', code: 'E_AUTHORITY_GRANT' }, 'fleet work is not a commune’s');
    await operator('renew', '--receiver', ID);
    await source.ears.waitFor('event', (heard) => heard.message.body.code === 'N_IDENTITY_RENEWED', 20_000);
    const after = await readIdentity(identityFolder(join(place, 'state')));
    t.not(after.fingerprint, before.fingerprint);
    t.equal(after.receiverId, ID);
  },
);
