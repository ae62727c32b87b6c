import { tmpdir } from 'node:os';
import t from 'tap';
import { readBoardFacts } from '../../../hardware/sensors/board-facts.js';
import { linuxMachine } from '../../../hardware/sensors/machine.js';
import { telemetry } from '../../../protocols/messages/up.js';

const skip = process.platform !== 'linux' && 'reads /proc: Linux only';

t.test('this machine’s readings are plausible and fit the schema of telemetry', { skip }, async (t) => {
  const reading = await linuxMachine(tmpdir()).read();
  const shape = telemetry.shape.body.shape;
  for (const [name, value] of Object.entries(reading)) {
    t.ok(shape[name as keyof typeof shape].safeParse(value).success, `${name}: ${JSON.stringify(value)}`);
  }
  t.ok(reading.uptimeS > 1);
  t.ok((reading.processRssMb ?? 0) > 20 && (reading.processRssMb ?? 0) < 2_000, `${reading.processRssMb}`);
  t.ok((reading.memoryAvailableMb ?? 0) > 50);
  t.ok((reading.diskFreeMb ?? -1) >= 0);
  t.notOk(reading.interfaces?.some(({ name }) => name === 'lo'));
});

t.test('a folder that is not there leaves the disk out and keeps the rest', { skip }, async (t) => {
  const reading = await linuxMachine('/nowhere/at/all').read();
  t.equal(reading.diskFreeMb, undefined);
  t.notOk('diskFreeMb' in reading);
  t.ok(reading.uptimeS > 1);
});

t.test('the board is told in short words, and what is unknown is left out', async (t) => {
  const facts = await readBoardFacts();
  t.ok(telemetry.shape.body.shape.board.safeParse(facts).success, JSON.stringify(facts));
  t.ok((facts.memoryMb ?? 0) > 100);
  for (const value of Object.values(facts)) t.not(value, '');
});
