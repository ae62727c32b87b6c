import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { exposureOf } from '../../build/claims/unit-exposure.js';
import { buildTwice } from '../../build/claims/reproducible.js';
import { makeDeb } from '../../build/packages/deb.js';
import { releaseOf } from '../../build/packages/release.js';
import { nameOf, TARGETS } from '../../build/packages/target.js';
import { runTool } from '../../build/packages/tool.js';
import { repositoryRoot } from '../heard/repository-root.js';

t.setTimeout(1_200_000);
const root = repositoryRoot(import.meta.url);
const WITHOUT_NODE = TARGETS.filter(({ carriesNode }) => !carriesNode);
const TEN_YEARS_S = 10 * 365 * 86_400;

for (const target of WITHOUT_NODE) {
  t.test(`${nameOf(target)}: two builds of one commit are the same bytes`, async (t) => {
    const { digests } = await buildTwice(root, target);
    t.equal(digests[0], digests[1]);
  });

  t.test(`${nameOf(target)}: units and program are in it, and the clock has its limit`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'loa-deb-test-'));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const release = await releaseOf(root);
    const deb = await makeDeb({ root, out: folder, release, target });
    await runTool('dpkg-deb', ['--extract', deb, join(folder, 'in')]);
    const text = (path: string): Promise<string> => readFile(join(folder, 'in', path), 'utf8');
    const units = 'usr/lib/systemd/system';
    t.match(await text(`${units}/loa.service`), 'Wants=time-set.target loa-clock.service');
    t.match(await text(`${units}/loa-clock.service`), 'ExecStart=/usr/lib/loa/set-clock ');
    const latestS = Number(/^latest_s=(\d+)$/m.exec(await text('usr/lib/loa/set-clock'))?.[1]);
    const afterS = latestS - release.epochS;
    t.ok(afterS > TEN_YEARS_S && afterS < TEN_YEARS_S + 30 * 86_400, `${afterS} s after the commit`);
    t.match(await text('usr/lib/loa/package.json'), `"version":"${release.version}"`);
    t.match(await runTool('dpkg-deb', ['-f', deb, 'Architecture']), target.architecture);
  });
}

for (const unit of ['loa.service', 'loa-clock.service']) {
  t.test(`${unit} may do little, and why it may do what it may is written down`, async (t) => {
    const { overall, unexplained } = await exposureOf(root, unit);
    t.ok(overall <= 3, String(overall));
    t.same(unexplained, []);
  });
}
