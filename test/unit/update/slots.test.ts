import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { offered } from '../../../agent/update/offer.js';
import { choiceText, FLOOR_ONLY, parseChoice } from '../../../agent/update/slot-choice.js';
import { digestOf, Slots } from '../../../agent/update/slots.js';
import { packFolder } from '../../../build/updates/program-archive.js';
import { runTool } from '../../../build/packages/tool.js';
import { KeptLog } from '../../support/kept-log.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { OFFER } from './update-rig.js';

const { signal } = new AbortController();

/** A packed program of two files, after something has been done to it. */
async function packed(folder: string, spoil: (program: string) => Promise<unknown> = async () => undefined) {
  const program = join(folder, 'program');
  await mkdir(join(program, 'boards'), { recursive: true });
  await writeFile(join(program, 'main.js'), 'the program');
  await writeFile(join(program, 'boards', 'x.json'), '{}');
  const made = await packFolder(program, {
    ...{ out: folder, version: '0.2.0', architecture: 'amd64', epochS: 1_700_000_000 },
  });
  await spoil(program);
  await runTool('tar', ['-czf', made.archive, '-C', program, '.']);
  return { archive: made.archive, offer: { ...OFFER, ...offered.parse(made.custom) } };
}

t.test('an archive comes into its slot whole, known by the digest of its list', async (t) => {
  const folder = await temporaryFolder(t);
  const { archive, offer } = await packed(folder);
  const slots = new Slots(join(folder, 'slots'), new KeptLog());
  const seal = await slots.unpack(archive, 'a', offer, signal);
  t.equal(await readFile(join(slots.folder, 'a', 'main.js'), 'utf8'), 'the program');
  t.equal((await digestOf(join(slots.folder, 'a', 'SHA256SUMS'))).sha256, seal);
  t.equal(await slots.unpack(archive, 'a', offer, signal), seal, 'and may be unpacked again');
});

const SPOILT: Readonly<Record<string, (program: string) => Promise<unknown>>> = {
  'a file that is not on the list': (at) => writeFile(join(at, 'more.js'), 'x'),
  'a file that is another': (at) => writeFile(join(at, 'main.js'), 'another'),
  'a file that lacks': (at) => rm(join(at, 'main.js')),
  'a link': async (at) => {
    await rm(join(at, 'main.js'));
    await symlink('/etc/passwd', join(at, 'main.js'));
  },
  'no list': (at) => rm(join(at, 'SHA256SUMS')),
  'a list that leads out of the slot': (at) =>
    writeFile(join(at, 'SHA256SUMS'), `${'a'.repeat(64)}  ../../loa.json\n`),
};

for (const [what, spoil] of Object.entries(SPOILT)) {
  t.test(`${what} keeps an archive out of its slot`, async (t) => {
    const folder = await temporaryFolder(t);
    const { archive, offer } = await packed(folder, spoil);
    const slots = new Slots(join(folder, 'slots'), new KeptLog());
    await t.rejects(slots.unpack(archive, 'a', offer, signal), { code: 'E_UPDATE_CONTENT' });
    await t.rejects(readFile(join(slots.folder, 'a', 'boards', 'x.json')), { code: 'ENOENT' });
  });
}

t.test('more than was told is not kept', async (t) => {
  const folder = await temporaryFolder(t);
  const { archive, offer } = await packed(folder);
  const slots = new Slots(join(folder, 'slots'), new KeptLog());
  await t.rejects(slots.unpack(archive, 'a', { ...offer, unpackedBytes: 5 }, signal), {
    code: 'E_UPDATE_CONTENT',
  });
});

t.test('a choice is read as it was written, and nothing else is', async (t) => {
  const choice = {
    ...FLOOR_ONLY,
    committed: 'a' as const,
    trial: 'b' as const,
    slots: { b: { seal: 'b'.repeat(64), version: '0.2.0+20261124.000000.g1' } },
  };
  t.same(parseChoice(choiceText(choice)), choice);
  for (const text of ['', 'loa-slots 2', 'loa-slots 1\ntrial c', 'loa-slots 1\nslot a x 0.2.0'])
    t.throws(() => parseChoice(text), text);
});

t.test('trial, commit and return change what starts next', async (t) => {
  const slots = new Slots(join(await temporaryFolder(t), 'slots'), new KeptLog());
  await slots.try('a', 'a'.repeat(64), '0.2.0');
  t.match(await slots.choice(), { committed: 'floor', trial: 'a' });
  await slots.commit('a');
  t.match(await slots.choice(), { committed: 'a', previous: 'floor', trial: undefined });
  await slots.try('b', 'b'.repeat(64), '0.3.0');
  await slots.commit('b');
  await slots.commit('b');
  t.match(await slots.choice(), { committed: 'b', previous: 'a' });
  await slots.leave('a');
  t.match(await slots.choice(), { committed: 'a', trial: undefined });
});
