import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'node:https';
import { connectAsync } from 'mqtt';
import t from 'tap';
import { KeyRing } from '../../protocols/key-ring.js';
import { readSigned } from '../../protocols/signed-message.js';
import { subscriptionsOf, upTopics } from '../../protocols/topics.js';
import { verifyTrust, type TrustDocument } from '../../protocols/trust-document.js';
import { startNode } from '../support/child-program.js';
import { missingTool, runTool } from '../support/external-tool.js';
import { silentMp3 } from '../support/silent-sound.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { waitUntil, within } from '../support/wait-until.js';

const OPERATOR = fileURLToPath(new URL('../source-system/operator.js', import.meta.url));

async function operator(...args: string[]): Promise<{ exitCode: number; text: string; errorText: string }> {
  const { exitCode, output, errorText } = await runTool(process.execPath, [OPERATOR, ...args]);
  return { exitCode, text: output.toString(), errorText };
}

t.test('a wrong command line is a usage error that says what is wrong', async (t) => {
  const dir = await temporaryFolder(t);
  for (const [args, wanted] of [
    [['sing'], /unknown verb: sing/],
    [['play', '--loud', 'yes'], /--loud/],
    [['play', '--stored', 'chime'], /give one of --area, --receiver, --group/],
    [['play', '--stored', 'chime', '--area', 'ap-1', '--receiver', 'rx-1'], /give one of --area/],
    [['play', '--stored', 'drums', '--area', 'ap-1'], /--stored must be one of chime, siren/],
    [['play', '--stored', 'chime', '--area', 'ap-1', '--minutes', 'ten'], /--minutes must be a number/],
    [['enrol', '--id', 'rx-1'], /--home is missing/],
    [['stop', 'now'], /now/],
  ] as const) {
    const { exitCode, errorText } = await operator(...args, '--dir', dir);
    t.equal(exitCode, 2, args.join(' '));
    t.match(errorText, wanted);
    t.match(errorText, /E_USAGE.*Usage:/s);
  }
});

t.test('where nothing was started, the tool says so', async (t) => {
  const dir = await temporaryFolder(t);
  const { exitCode, errorText } = await operator('play', '--stored', 'chime', '--area', 'ap-1', '--dir', dir);
  t.equal(exitCode, 1);
  t.match(errorText, /E_LINK_CONNECT: nothing was started/);
});

t.test(
  'start, enrol, play, stop, emergency, cancel and watch work in processes of their own',
  { skip: missingTool('openssl') },
  async (t) => {
    const dir = await temporaryFolder(t);
    const out = join(dir, 'rx-1');
    const system = startNode(t, OPERATOR, ['start', '--dir', dir]);
    const [, url = ''] = await system.says(/MQTT broker +(\S+)/);
    await system.says(/Ctrl-C ends/);
    const [key, csr] = [join(dir, 'rx-1.key'), join(dir, 'rx-1.csr')];
    await runTool('openssl', [
      ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', csr, '-subj', '/CN=rx-1'],
    ]);
    const run = async (...args: string[]) => {
      const { exitCode, text, errorText } = await operator(...args, '--dir', dir);
      t.equal(exitCode, 0, errorText);
      return text;
    };
    const enrolled = await run('enrol', '--id', 'rx-1', '--csr', csr, '--home', 'ap-1', '--out', out);
    const fingerprint = /Root fingerprint .*: ([0-9a-f]{64})/.exec(enrolled)?.[1] ?? '';
    const verified = await verifyTrust(await readFile(join(out, 'trust.json'), 'utf8'), { fingerprint });
    t.equal(verified.ok, true);
    const ring = await KeyRing.of((verified as { value: TrustDocument }).value);

    const ca = await readFile(join(out, 'anchors.pem'));
    const receiver = await connectAsync(url, {
      ...{ clientId: 'rx-1', protocolVersion: 4, reconnectPeriod: 0, ca },
      ...{ key: await readFile(key), cert: await readFile(join(out, 'cert.pem')) },
    });
    t.teardown(() => receiver.endAsync(true));
    const heard: { topic: string; payload: Buffer }[] = [];
    receiver.on('message', (topic, payload) => heard.push({ topic, payload }));
    await receiver.subscribeAsync(subscriptionsOf('rx-1', ['ap-1', 'tan-hoa'], []), { qos: 1 });
    const nextOf = async (type: string) => {
      return waitUntil(type, async () => {
        for (const { payload } of heard.splice(0)) {
          const read = readSigned(payload, ring);
          if (read.ok && read.value.message.type === type) return read.value.message;
        }
        return undefined;
      });
    };
    t.match(await nextOf('assignment'), { body: { home: 'ap-1' } });

    const sound = join(dir, 'bulletin.mp3');
    await writeFile(sound, silentMp3(5));
    await run('play', '--file', sound, '--area', 'tan-hoa', '--as', 'tan-hoa', '--class', 'priority');
    const play = await nextOf('play.start');
    t.match(play, {
      authority: 'tan-hoa',
      body: { class: 'priority', title: 'bulletin.mp3', source: { kind: 'file' } },
    });
    const source = play.type === 'play.start' ? play.body.source : undefined;
    const served = await within(
      'the file',
      new Promise<Buffer>((resolve, reject) => {
        request(source !== undefined && 'url' in source ? source.url : '', { ca }, (response) => {
          const chunks: Buffer[] = [];
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('end', () => resolve(Buffer.concat(chunks)));
        })
          .on('error', reject)
          .end();
      }),
    );
    t.same(served, silentMp3(5));
    await run('stop');
    t.match(await nextOf('play.stop'), {
      body: { playId: play.type === 'play.start' ? play.body.playId : '' },
    });

    await run('emergency', '--stored', 'siren', '--receiver', 'rx-1', '--title', 'Lũ về');
    t.match(await nextOf('emergency.set'), { revision: 1, body: { emergencies: [{ title: 'Lũ về' }] } });
    await run('cancel', '--receiver', 'rx-1');
    t.match(await nextOf('emergency.set'), { revision: 2, body: { emergencies: { length: 0 } } });

    const watch = startNode(t, OPERATOR, ['watch', '--dir', dir]);
    await watch.says(/Listening/);
    const envelope = {
      receiver: 'rx-1',
      boot: '0b9de7f8-4f1c-4a55-9d0e-5a3b1c2d3e4f',
      sequence: 1,
      at: '2026-11-23T03:00:00Z',
    };
    const farewell = { type: 'state', ...envelope, body: { online: false, reason: 'stopped' } };
    await receiver.publishAsync(upTopics.state('rx-1'), JSON.stringify(farewell), { qos: 1 });
    await watch.says(/rx-1 +state +offline \(stopped\)/);
    await system.says(/rx-1 +state +offline \(stopped\)/);
    t.equal(await watch.stop(), 0);
    t.equal(await system.stop(), 0);
  },
);
