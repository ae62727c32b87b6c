import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { toneHeard } from '../../../agent/technician/heard-question.js';
import { temporaryFolder, type Teardown } from '../../support/temporary-folder.js';

/** A receiver that answers a test of the line so. @returns its socket */
async function answering(t: Teardown, status: number, answer: object): Promise<string> {
  const path = join(await temporaryFolder(t), 'loa.sock');
  const server = createServer((request, response) => {
    const test = request.url === '/v1/line/test';
    response.writeHead(test ? status : 200).end(JSON.stringify(test ? answer : {}));
  }).listen(path);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return path;
}

const MEASURED = { amplitude: 1_000, aboveNoiseDb: 20 };

for (const [verdict, heard] of [
  ['normal', 'heard'],
  ['more', 'heard'],
  ['silent', 'unheard'],
  ['unsure', undefined],
] as const)
  t.test(`a sensor whose verdict is ${verdict} says ${heard ?? 'nothing'}`, async (t) => {
    t.equal(await toneHeard(await answering(t, 200, { verdict, ...MEASURED }), 'vi', false), heard);
  });

t.test('a loudspeaker that is missing is heard of, and named', async (t) => {
  const answer = { verdict: 'missing', ...MEASURED, sharePercent: 74, loudspeakers: 3 };
  t.match(await toneHeard(await answering(t, 200, answer), 'vi', false), {
    kind: 'failed',
    code: 'E_LINE_LOAD',
  });
});

t.test('without a sensor, and where nobody may be asked, nothing is known', async (t) => {
  const refusal = { code: 'E_LINE_SENSOR', detail: 'the board describes no loudspeaker line' };
  t.equal(await toneHeard(await answering(t, 409, refusal), 'vi', false), undefined);
});
