import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EstAdmissions } from '../../source-system/est-admissions.js';
import { TokenFolder } from '../../source-system/token-folder.js';
import { ManualClock } from '../../support/manual-clock.js';

const key = Buffer.from('a public key');
const other = Buffer.from('another');

t.test('a token made in one process lets one key of one receiver in, in another', async (t) => {
  const folder = t.testdir();
  const clock = new ManualClock();
  const token = await new TokenFolder(folder, clock).make('rx-1', 60_000);
  const server = new EstAdmissions(clock, new TokenFolder(folder, clock));
  t.notOk(await server.useToken('rx-2', token, key), 'not another receiver');
  t.notOk(await server.useToken('rx-1', `${token}x`, key), 'not another token');
  t.ok(await server.useToken('rx-1', token, key));
  t.ok(await server.useToken('rx-1', token, key), 'the same key again, after a power cut');
  t.notOk(await server.useToken('rx-1', token, other), 'used up for any other key');
  const restarted = new EstAdmissions(clock, new TokenFolder(folder, clock));
  t.notOk(await restarted.useToken('rx-1', token, other), 'after a restart, too');
});

t.test('a token ends, and a blocked receiver has none', async (t) => {
  const folder = t.testdir();
  const clock = new ManualClock();
  const tokens = new TokenFolder(folder, clock);
  const admissions = new EstAdmissions(clock, tokens);
  const [first, second] = [await tokens.make('rx-1', 60_000), await tokens.make('rx-1', 600_000)];
  clock.advance(60_001);
  t.notOk(await admissions.useToken('rx-1', first, key));
  admissions.block('rx-1');
  t.notOk(await admissions.useToken('rx-1', second, key));
  t.equal(readdirSync(join(folder, 'tokens')).length, 2);
  await tokens.make('rx-2', 60_000);
  t.equal(readdirSync(join(folder, 'tokens')).length, 2, 'what has ended is removed');
});

t.test('the token itself is written nowhere', async (t) => {
  const folder = t.testdir();
  const token = await new TokenFolder(folder, new ManualClock()).make('rx-1', 60_000);
  for (const name of readdirSync(join(folder, 'tokens'))) {
    const path = join(folder, 'tokens', name);
    t.notMatch(name + readFileSync(path, 'utf8'), token);
    t.equal(statSync(path).mode & 0o777, 0o600);
  }
});
