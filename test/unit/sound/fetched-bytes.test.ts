import t from 'tap';
import { FetchedSum } from '../../../agent/sound/fetched-bytes.js';
import type { FromSound } from '../../../agent/sound/messages.js';
import { SoundWorker } from '../../../agent/sound/sound-worker.js';
import { fakeSink } from '../../fakes/fake-sink.js';
import { startMediaHost } from '../../fakes/media-host.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { ManualClock } from '../../support/manual-clock.js';
import { OPEN_GATE } from '../../support/open-gate.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';

t.test('pieces of one purpose on one address are one sum, and are told once', async (t) => {
  const sum = new FetchedSum();
  sum.add('stream', 100, 10, '10.0.0.2');
  sum.add('stream', 200, 0, '10.0.0.2');
  sum.add('media', 5, 1, undefined);
  t.same(sum.take(), [
    { purpose: 'stream', address: '10.0.0.2', received: 300, sent: 10 },
    { purpose: 'media', address: undefined, received: 5, sent: 1 },
  ]);
  t.same(sum.take(), []);
});

t.test('the sound thread tells what a live stream has cost', async (t) => {
  const sound = Buffer.alloc(20_000, 1);
  const host = await startMediaHost(t, (_, response) => response.write(sound));
  const clock = new ManualClock();
  const messages: FromSound[] = [];
  const worker = new SoundWorker(
    {
      sink: { kind: 'null', device: 'x', bufferMs: 60, leadMs: 20 },
      media: { ...host.access, folder: await temporaryFolder(t), quotaBytes: 1 },
      livePrerollMs: 250,
      gate: OPEN_GATE,
    },
    {
      openSink: fakeSink(clock, 3_840).open,
      makeDecoder: rawDecoder({ framesPerByte: 1 }).make,
      clock,
      random: () => 0.5,
      tell: (message) => messages.push(message),
    },
  );
  const spec = { playId: 'a', chimeFirst: false, gainDb: 0, onInterrupt: 'resume' } as const;
  worker.take({ kind: 'open', spec: { ...spec, chain: [{ kind: 'live', url: host.url('/live') }] } });
  worker.take({ kind: 'order', playIds: ['a'] });
  let received = 0;
  await waitUntil('the bytes are told', () => {
    clock.advance(1_000);
    for (const message of messages.splice(0)) {
      if (message.kind !== 'bytes') continue;
      for (const piece of message.pieces) {
        t.equal(piece.purpose, 'stream');
        received += piece.received;
      }
    }
    return received >= sound.length;
  });
  await worker.close();
  // A clock that is moved by hand lets the stream stall: each connection brings it again.
  const served = host.asked.length * sound.length;
  t.ok(received < served + host.asked.length * 1_000, `${received} of ${served} bytes`);
});
