import type { RequestListener } from 'node:http';
import t from 'tap';
import { LiveSource } from '../../../agent/sound/sources/live-source.js';
import { startMediaHost, type MediaHost } from '../../fakes/media-host.js';
import { rawDecoder } from '../../fakes/raw-decoder.js';
import { silentMp3 } from '../../support/silent-sound.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { Teardown } from '../../support/temporary-folder.js';
import { waitUntil } from '../../support/wait-until.js';

interface Rig {
  readonly source: LiveSource;
  readonly host: MediaHost;
  readonly clock: ManualClock;
  readonly troubles: string[];
  /** Reads until nothing comes any more; the number in the first frame of each block, and how many frames it had. */
  readonly frames: () => (readonly [number, number])[];
}

/** A live source at `/list` of a server; each byte of sound is ten frames, numbered by the decoder. */
async function rigOf(t: Teardown, answer: RequestListener): Promise<Rig> {
  const clock = new ManualClock();
  const troubles: string[] = [];
  const host = await startMediaHost(t, answer);
  const source = new LiveSource(
    host.url('/list'),
    { access: host.access, prerollMs: 50, levelled: false, widen: false },
    { makeDecoder: rawDecoder({ framesPerByte: 10 }).make, clock, random: () => 1 },
    { onTrouble: ({ code }) => troubles.push(code), onTitle: () => undefined },
  );
  t.teardown(() => source.close());
  const frames = (): (readonly [number, number])[] => {
    const found: (readonly [number, number])[] = [];
    const block = new Float32Array(480);
    for (let count = source.read(block); count > 0; count = source.read(block))
      found.push([block[0] ?? -1, count]);
    return found;
  };
  return { source, host, clock, troubles, frames };
}

/** Answers with texts and bytes by path. */
function serve(files: Record<string, string | Buffer>): RequestListener {
  return (request, response) => {
    const found = files[request.url ?? ''];
    if (found === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found);
  };
}

const list = (...lines: string[]): string => ['#EXTM3U', '#EXT-X-TARGETDURATION:1', ...lines].join('\n');
const segment = (name: string): string[] => ['#EXTINF:0.96,', name];

t.test('a complete playlist is played to its end, and then has ended', async (t) => {
  const files = {
    '/list': list(...segment('a'), ...segment('b'), '#EXT-X-ENDLIST'),
    '/a': silentMp3(10),
    '/b': silentMp3(10),
  };
  const { source, frames, host, troubles } = await rigOf(t, serve(files));
  let total = 0;
  await waitUntil('the end', () => {
    for (const [first, count] of frames()) {
      // A block that follows a pause is faded in, from nothing.
      if (first !== 0) t.equal(first, total);
      total += count;
    }
    return source.ended;
  });
  t.equal(total, 2 * 10 * 3_840);
  t.same(host.asked, ['/list', '/a', '/b']);
  t.same(troubles, []);
});

t.test(
  'a live one begins three segments before its end, and new ones are asked for when they are due',
  async (t) => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const bytes = Object.fromEntries([...names, 'f'].map((name) => [`/${name}`, silentMp3(10)]));
    const files: Record<string, string | Buffer> = { '/list': list(...names.flatMap(segment)), ...bytes };
    const { host, clock } = await rigOf(t, serve(files));
    await waitUntil('the segments', () => host.asked.length === 4);
    t.same(host.asked, ['/list', '/c', '/d', '/e']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.equal(host.asked.length, 4, 'not before its time');
    files['/list'] = list('#EXT-X-MEDIA-SEQUENCE:1', ...[...names.slice(1), 'f'].flatMap(segment));
    clock.advance(1_000);
    await waitUntil('the new one', () => host.asked.length === 6);
    t.same(host.asked.slice(4), ['/list', '/f']);
  },
);

t.test('a live playlist that stands still is a stall', async (t) => {
  const { clock, troubles } = await rigOf(t, serve({ '/list': list(...segment('a')), '/a': silentMp3(10) }));
  await waitUntil(
    'the stall',
    () => {
      clock.advance(250);
      return troubles.length > 0;
    },
    { everyMs: 2 },
  );
  t.equal(troubles[0], 'E_MEDIA_STALL');
});

t.test('after a fault it goes on with the segment that had not come', async (t) => {
  const files: Record<string, string | Buffer> = {
    '/list': list(...segment('a'), ...segment('b'), '#EXT-X-ENDLIST'),
    '/a': silentMp3(10),
  };
  const { host, clock, troubles, source, frames } = await rigOf(t, serve(files));
  await waitUntil('the fault', () => troubles.length > 0);
  t.same(troubles, ['E_MEDIA_STATUS']);
  files['/b'] = silentMp3(10);
  clock.advance(500);
  await waitUntil('all of it', () => {
    frames();
    return source.ended;
  });
  t.same(host.asked, ['/list', '/a', '/b', '/list', '/b']);
});

t.test('a segment that is refused three times is left out', async (t) => {
  const files = { '/list': list(...segment('none'), ...segment('b'), '#EXT-X-ENDLIST'), '/b': silentMp3(10) };
  const { host, clock, source, frames } = await rigOf(t, serve(files));
  await waitUntil('the rest', () => {
    clock.advance(500);
    frames();
    return source.ended;
  });
  t.equal(host.asked.filter((path) => path === '/none').length, 3);
});

for (const [what, uri] of [
  ['another host', 'https://intruder.example/1.ts'],
  ['another port', 'http://127.0.0.1:1/1.ts'],
  ['another scheme', 'file:///etc/passwd'],
] as const) {
  t.test(`a segment on ${what} is refused, and nobody is asked`, async (t) => {
    const { host, troubles } = await rigOf(t, serve({ '/list': list(...segment(uri), '#EXT-X-ENDLIST') }));
    await waitUntil('trouble', () => troubles.length > 0);
    t.same(troubles, ['E_MEDIA_ADDRESS']);
    t.same(host.asked, ['/list']);
  });
}

t.test('a segment without end is cut off at its bound', async (t) => {
  const { troubles } = await rigOf(t, (request, response) => {
    if (request.url === '/list') {
      response.end(list(...segment('a'), '#EXT-X-ENDLIST'));
      return;
    }
    response.end(Buffer.alloc(17 << 20));
  });
  await waitUntil('trouble', () => troubles.length > 0);
  t.same(troubles, ['E_MEDIA_SIZE']);
});
