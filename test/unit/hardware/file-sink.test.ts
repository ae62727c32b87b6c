import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openFileSink } from '../../../hardware/sinks/file-sink.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const settings = (device: string) => ({ kind: 'file', device, bufferMs: 60, leadMs: 20 }) as const;
const quiet = { onUnderrun: () => undefined, onDied: () => undefined };
const second = Int16Array.from({ length: 48_000 }, (_, i) => i % 100);

t.test('the file is a valid WAV also while it is being written', async (t) => {
  const path = join(await temporaryFolder(t), 'heard.wav');
  const sink = await openFileSink(settings(path), quiet);
  for (let blocks = 0; blocks < 3; blocks += 1) sink.write(second);
  const cut = await readFile(path);
  t.equal(cut.toString('latin1', 0, 4) + cut.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  t.same([cut.readUInt16LE(22), cut.readUInt32LE(24), cut.readUInt16LE(34)], [1, 48_000, 16]);
  t.equal(cut.readUInt32LE(40), 3 * 96_000, 'the header tells of every whole second');
  t.equal(cut.readUInt32LE(4), cut.length - 8);
  sink.write(second.subarray(0, 480));
  await sink.close();
  const whole = await readFile(path);
  t.equal(whole.readUInt32LE(40), 3 * 96_000 + 960);
  t.same(whole.subarray(44, 44 + 96_000), Buffer.from(second.buffer));
  sink.write(second);
  await sink.close();
  t.equal((await stat(path)).size, whole.length, 'closed, it takes nothing');
});

t.test('a file that cannot be opened is E_SINK_OPEN', async (t) => {
  const path = join(await temporaryFolder(t), 'no', 'folder.wav');
  await t.rejects(openFileSink(settings(path), quiet), { code: 'E_SINK_OPEN' });
});

t.test('a full disk is one death, never an exception', async (t) => {
  const deaths: string[] = [];
  const opening = openFileSink(settings('/dev/full'), { ...quiet, onDied: (code) => deaths.push(code) });
  await t.rejects(opening, { code: 'E_SINK_OPEN' }, '/dev/full refuses the header already');
  t.same(deaths, []);
});
