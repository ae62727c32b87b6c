import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { systemClock } from '../../../agent/core/clock.js';
import type { FromSound } from '../../../agent/sound/messages.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import { fakeSink } from '../../fakes/fake-sink.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { CertificateAuthority } from '../../source-system/certificate-authority.js';
import { ManualClock } from '../../support/manual-clock.js';
import { waitUntil } from '../../support/wait-until.js';

const ca = await CertificateAuthority.create(systemClock);
const server = await ca.issueServer();
const listening = createServer({ key: server.keyPem, cert: server.certificatePem });
let asked = 0;
listening.on('request', (_request, response) => {
  asked += 1;
  response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('sound');
});
listening.listen(0, '127.0.0.1');
await once(listening, 'listening');
t.teardown(() => {
  listening.closeAllConnections();
  listening.close();
});
const { port } = listening.address() as AddressInfo;
const key = new X509Certificate(server.certificatePem).publicKey.export({ type: 'spki', format: 'der' });
const right = createHash('sha256').update(key).digest('hex');

/** Opens a live play of the server in a real sound worker. */
async function play(pin: string | undefined): Promise<FromSound[]> {
  const clock = new ManualClock();
  const messages: FromSound[] = [];
  const worker = new SoundWorker(
    {
      sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
      media: {
        anchorsPem: [ca.anchorsPem],
        plainHosts: [],
        stallMs: 5_000,
        folder: '/nowhere',
        quotaBytes: 1,
      },
      livePrerollMs: 250,
    },
    {
      openSink: fakeSink(clock, 3_840).open,
      makeDecoder: rawDecoder({ framesPerByte: 1 }).make,
      clock,
      random: () => 0.5,
      tell: (message) => messages.push(message),
    },
  );
  const url = `https://localhost:${port}/live.mp3`;
  const source = { kind: 'live', url, ...(pin === undefined ? {} : { pin }) } as const;
  const spec = { playId: 'a', chimeFirst: false, chain: [source], gainDb: 0, onInterrupt: 'resume' } as const;
  const before = asked;
  worker.take({ kind: 'open', spec });
  await waitUntil('an answer', () => asked > before || messages.some(({ kind }) => kind === 'trouble'));
  worker.take({ kind: 'close', playId: 'a', outcome: 'stopped' });
  return messages;
}

t.test('a live stream whose command names the server’s key is asked for', async (t) => {
  const before = asked;
  const messages = await play(right);
  t.equal(asked, before + 1);
  t.notOk(messages.some(({ kind }) => kind === 'trouble'));
});

t.test('a live stream whose command names another key is never asked for', async (t) => {
  const before = asked;
  const messages = await play('0'.repeat(64));
  t.equal(asked, before, 'the request is not sent, only the handshake is made');
  t.match(
    messages.find(({ kind }) => kind === 'trouble'),
    { refusal: { code: 'E_MEDIA_CONNECT', detail: /key/ } },
  );
});

t.test('without a key in the command the host alone decides', async (t) => {
  const before = asked;
  await play(undefined);
  t.equal(asked, before + 1);
});
