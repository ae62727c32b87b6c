import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import t from 'tap';
import { positionOf, watchGpsd } from '../../../hardware/sensors/gpsd.js';
import type { PositionReading } from '../../../hardware/types.js';
import { ManualClock } from '../../support/manual-clock.js';
import { waitUntil } from '../../support/wait-until.js';

const FIX = '{"class":"TPV","mode":3,"lat":10.2538812345,"lon":105.9722,"eph":12.4}';

t.test('a fix of two or three dimensions is a position to a metre; any other line is none', async (t) => {
  t.same(positionOf(FIX), { latitude: 10.25388, longitude: 105.9722, uncertaintyM: 12 });
  t.same(positionOf('{"class":"TPV","mode":2,"lat":-1,"lon":0}'), { latitude: -1, longitude: 0 });
  for (const line of [
    ...['', '{', 'null', '[]', '7', '{"class":"VERSION"}', '{"class":"TPV","mode":1,"lat":1,"lon":1}'],
    ...['{"class":"TPV","mode":3}', '{"class":"TPV","mode":3,"lat":91,"lon":0}'],
    ...['{"class":"TPV","mode":3,"lat":"1","lon":0}', `${FIX}${' '.repeat(20_000)}`],
  ])
    t.equal(positionOf(line), undefined, line.slice(0, 60));
});

/** A gpsd that says to each who asks what it is told to. */
async function gpsd(
  t: { teardown(run: () => unknown): void },
  say: (asked: string, socket: Socket) => void,
): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => {
      asked.push(text);
      say(text, socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

t.test('gpsd is asked at once and every ten minutes, and let go of with its first fix', async (t) => {
  const ends: string[] = [];
  const { port, asked } = await gpsd(t, (_text, socket) => {
    socket.once('close', () => ends.push('closed'));
    socket.write(`{"class":"VERSION"}\n${FIX.slice(0, 20)}`);
    socket.write(`${FIX.slice(20)}\n`);
  });
  const clock = new ManualClock();
  const found: (PositionReading | undefined)[] = [];
  const watch = watchGpsd({ port, clock, onPosition: (position) => found.push(position) });
  t.teardown(() => watch.close());
  clock.advance(0);
  await waitUntil('a fix', () => found.length === 1);
  await waitUntil('it is let go of', () => ends.length === 1);
  t.same(asked, ['?WATCH={"enable":true,"json":true};\n']);
  clock.advance(600_000);
  await waitUntil('another', () => found.length === 2);
  t.match(found, [{ latitude: 10.25388 }, { latitude: 10.25388 }]);
});

t.test(
  'without a fix for twenty seconds, and without gpsd, there is no position, and it asks again',
  async (t) => {
    const { port, asked } = await gpsd(t, (_text, socket) => socket.write('x'.repeat(100_000)));
    const clock = new ManualClock();
    const found: (PositionReading | undefined)[] = [];
    const watch = watchGpsd({ port, clock, onPosition: (position) => found.push(position) });
    clock.advance(0);
    await waitUntil('the question', () => asked.length === 1);
    clock.advance(20_000);
    t.same(found, [undefined]);
    clock.advance(600_000);
    await waitUntil('the question again', () => asked.length === 2);
    watch.close();
    t.equal(clock.waiting, 0, 'closed, it waits for nothing');

    const absent = watchGpsd({ port: 1, clock, onPosition: (position) => found.push(position) });
    clock.advance(0);
    await waitUntil('the refusal', () => found.length === 2);
    t.same(found, [undefined, undefined]);
    absent.close();
  },
);
