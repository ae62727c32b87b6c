import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { buildTwice } from '../../build/claims/reproducible.js';
import { makeDeb } from '../../build/packages/deb.js';
import { releaseOf } from '../../build/packages/release.js';
import { targetOf } from '../../build/packages/target.js';
import { runTool } from '../../build/packages/tool.js';
import { repositoryRoot } from '../heard/repository-root.js';
import { startSourceSystem } from '../source-system/source-system.js';
import { missingTool } from '../support/external-tool.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';

const root = repositoryRoot(import.meta.url);
const skip = missingTool('dpkg-deb');
const target = targetOf('amd64-13');
if (target === undefined) throw new Error('there is no target amd64-13');

t.setTimeout(240_000);
const folder = await mkdtemp(join(tmpdir(), 'loa-package-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const release = await releaseOf(root);
const deb = skip === false ? await makeDeb({ root, out: folder, release, target }) : '';
const tree = join(folder, 'tree');
if (skip === false) await runTool('dpkg-deb', ['--extract', deb, tree]);

t.test(
  'every file of the package is owned by root, none may be written by others, none is newer than the commit',
  { skip },
  async (t) => {
    const lines = (
      await runTool('dpkg-deb', ['--contents', deb], { env: { ...process.env, TZ: 'UTC' } })
    ).split('\n');
    t.ok(lines.length > 30, `${lines.length} entries`);
    const stamp = new Date(release.epochS * 1000).toISOString().slice(0, 16).replace('T', ' ');
    for (const line of lines) {
      t.match(line, /^[-d]r[w-]xr-xr-x root\/root|^-rw-r--r-- root\/root/, line);
      t.match(line, stamp);
    }
  },
);

t.test(
  'settings are the only conffile, and nothing is executable but the wrapper, the launcher, the player and what sets a lost clock',
  { skip },
  async (t) => {
    t.equal(await runTool('dpkg-deb', ['--info', deb, 'conffiles']), '/etc/loa/loa.json');
    const found = await runTool('find', [tree, '-type', 'f', '-perm', '/111']);
    const programs = ['launch', 'loa-player', 'set-clock'].map((name) => `usr/lib/loa/${name}`);
    const executable = ['usr/bin/loa', ...programs].map((path) => join(tree, path));
    t.same(found.split('\n').sort(), executable);
  },
);

t.test(
  'the bill of materials names each package once, with version, digest and licence; copyright has their texts',
  { skip },
  async (t) => {
    const doc = join(tree, 'usr/share/doc/loa-agent');
    const bill = JSON.parse(await readFile(join(doc, 'sbom.cdx.json'), 'utf8')) as {
      readonly specVersion: string;
      readonly serialNumber: string;
      readonly components: readonly {
        readonly name: string;
        readonly version: string;
        readonly purl: string;
        readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
        readonly licenses: readonly {
          readonly license?: { readonly id?: string };
          readonly expression?: string;
        }[];
      }[];
    };
    t.equal(bill.specVersion, '1.6');
    t.match(
      bill.serialNumber,
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const versions = new Map(bill.components.map(({ name, version }) => [name, version]));
    for (const [name, version] of Object.entries(manifest.dependencies))
      t.equal(versions.get(name), version, name);
    t.equal(new Set(bill.components.map(({ purl }) => purl)).size, bill.components.length);
    const copyright = await readFile(join(doc, 'copyright'), 'utf8');
    for (const { name, version, hashes, licenses } of bill.components) {
      t.match(hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/, name);
      t.ok(licenses[0]?.license?.id ?? licenses[0]?.expression, `licence of ${name}`);
      t.ok(copyright.includes(`--- ${name} ${version} (`), name);
    }
  },
);

t.test(
  'the bundled program is enrolled, is born and plays, as the compiled one does',
  { skip, timeout: 120_000 },
  async (t) => {
    const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
    t.teardown(() => source.close());
    const receiver = await ReceiverProcess.enrol({
      ...{ id: 'cum-01', folder: join(folder, 'receiver'), program: join(tree, 'usr/lib/loa/main.js') },
      broker: { host: 'localhost', port: source.broker.port },
      settings: { sound: { sink: 'null' }, media: { publicAnchors: false } },
      admit: (csrPem) => source.enrol({ id: 'cum-01', csrPem, home: 'ap-1' }),
    });
    t.teardown(() => receiver.stop());
    await receiver.start();
    const birth = await source.ears.waitFor('state', ({ message }) => message.body.online, 30_000);
    t.match(birth.message.body, { version: release.version });
    const play = await source.province.playStart('tan-hoa', {
      ...{ target: { area: 'ap-1' }, title: 'chime', forMs: 20_000 },
      source: { kind: 'stored', name: 'chime' },
    });
    await receiver.waitFor('assigned', ({ assignment }) => assignment !== undefined);
    await source.send(play);
    const receipt = await source.ears.waitFor(
      'receipt',
      ({ message }) => message.body.title === 'chime',
      30_000,
    );
    t.equal(receipt.message.body.outcome, 'completed');
    t.equal(await receiver.stop(), 0);
  },
);

t.test(
  'two builds of one commit, at two places, with two umasks and time zones, are the same bytes',
  { skip },
  async (t) => {
    const { digests } = await buildTwice(root, { architecture: 'arm64', debian: 13, carriesNode: false });
    t.equal(digests[0], digests[1]);
  },
);
