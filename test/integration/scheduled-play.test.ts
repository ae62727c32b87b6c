import t from 'tap';
import { playBySchedule, SLOT_MS } from '../rig/scheduled-play.js';
import { SoundBench, withoutSoundBench } from '../rig/sound-bench.js';
import { temporaryFolder } from '../support/temporary-folder.js';

t.setTimeout(150_000);
const skip = await withoutSoundBench();

t.test(
  'an entry of a schedule is heard from the cache while broker and media server are gone, and its receipt comes afterwards',
  { skip },
  async (t) => {
    const bench = await SoundBench.open({
      folder: await temporaryFolder(t),
      sound: { bufferMs: 200 },
    });
    t.teardown(() => bench.close());
    const { lateMs, heardMs, toneShare, receipt, planReported, mediaBytes, fileBytes } =
      await playBySchedule(bench);
    t.comment(`${lateMs.toFixed(0)} ms after its time, for ${heardMs.toFixed(0)} ms`);
    // Both clocks are read to a millisecond.
    t.ok(lateMs >= -2 && lateMs < 2_000, `not before its time, and on time: ${lateMs} ms`);
    const endedMs = lateMs + heardMs;
    t.ok(Math.abs(endedMs - SLOT_MS) < 500, `to the end of its slot, not of its file: ${endedMs} ms`);
    t.ok(toneShare > 0.99, `its file and nothing else: ${toneShare}`);
    t.match(receipt, { authority: 'province', evidence: 'consumed', outcome: 'lease-ended' });
    t.ok(Math.abs(receipt.framesHeard / 48 - heardMs) < 100, `${receipt.framesHeard} frames`);
    t.ok(mediaBytes >= fileBytes && mediaBytes < fileBytes + 20_000, `${mediaBytes} bytes for ${fileBytes}`);
    t.ok(planReported, 'the digest of the plan is that of what was published');
  },
);
