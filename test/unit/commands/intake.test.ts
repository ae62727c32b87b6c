import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LoaError, refused } from '../../../agent/core/errors.js';
import { signMessage, TYP } from '../../../protocols/signed-message.js';
import { downTopics } from '../../../protocols/topics.js';
import {
  assignmentWith,
  at,
  emergencySetWith,
  playStartWith,
  playStopWith,
} from '../../fixtures/trust/messages.js';
import { newSigner, uuidOf } from '../../fixtures/trust/signers.js';
import { assignedRig, intakeRig, newCast, trustOf } from './intake-rig.js';

const cast = await newCast();
const codes = (events: readonly { code: string }[]): string[] => events.map(({ code }) => code);
const emergencyKey = 'emergency/area/xa-001/province';

t.test(
  'a command is done and answered once; the same again is told and neither done nor answered',
  async (t) => {
    const { send, commands, replies, events } = await assignedRig(t, { cast });
    for (let i = 0; i < 3; i += 1) await send(playStartWith(), cast.province);
    t.equal(commands.length, 1);
    t.same(replies, [{ commandId: uuidOf('command'), outcome: 'done' }]);
    t.same(codes(events), ['E_COMMAND_REPLAY', 'E_COMMAND_REPLAY']);
  },
);

t.test('two copies that come at the same moment are one command', async (t) => {
  const { intake, commands, replies } = await assignedRig(t, { cast });
  const copy = Buffer.from(await signMessage(playStartWith(), TYP['play.start'], cast.province));
  const topic = downTopics.areaCommand('xa-001');
  await Promise.all([1, 2, 3].map(() => intake.take(topic, copy)));
  t.equal(commands.length, 1);
  t.equal(replies.length, 1);
});

t.test('a command that was done is not done again after a restart', async (t) => {
  const first = await assignedRig(t, { cast });
  await first.send(playStartWith(), cast.province);
  const { folder, store } = first;
  const again = await intakeRig(t, { cast, folder, store: store.reopened(), boot: 'boot 2' });
  await again.send(playStartWith(), cast.province);
  t.same([again.commands, again.replies, codes(again.events)], [[], [], ['E_COMMAND_REPLAY']]);
});

t.test('what the receiver cannot do is answered with the reason', async (t) => {
  const outcome = () => refused('E_COMMAND_STOP', 'no such bulletin');
  const { send, replies } = await assignedRig(t, { cast, outcome });
  await send(playStopWith(), cast.province);
  t.match(replies, [{ outcome: 'refused', code: 'E_COMMAND_STOP', detail: 'no such bulletin' }]);
});

t.test('a command that its authority may not give is told, answered once, and not done', async (t) => {
  const { send, commands, replies, events } = await assignedRig(t, { cast });
  const command = playStartWith({ authority: 'xa-002' });
  await send(command, cast.neighbour);
  await send(command, cast.neighbour);
  t.same(commands, []);
  t.match(replies, [{ commandId: command.id, outcome: 'refused', code: 'E_AUTHORITY_AREA' }]);
  t.same(codes(events), ['E_AUTHORITY_AREA', 'E_AUTHORITY_AREA']);
  t.match(events[0], {
    kind: 'security',
    fields: { authority: 'xa-002', topic: 'loa/v1/area/xa-001/command' },
  });
});

t.test('a command for another receiver or group is not answered', async (t) => {
  const { send, commands, replies, events } = await assignedRig(t, { cast });
  await send(playStartWith({ target: { receiver: 'loa-0002', epoch: 3 } }), cast.province);
  await send(playStartWith({ target: { receiver: 'loa-0001', epoch: 2 } }), cast.province);
  await send(playStartWith({ target: { group: 'truong' } }), cast.province);
  t.same([commands, replies], [[], []]);
  t.same(codes(events), ['E_COMMAND_TARGET', 'E_COMMAND_TARGET', 'E_COMMAND_TARGET']);
});

t.test('nothing of a stranger is done or answered, and each refusal has its name', async (t) => {
  const { send, intake, commands, replies, events } = await assignedRig(t, { cast });
  await send(playStartWith(), await newSigner());
  await send(playStartWith({ authority: 'province' }), cast.commune);
  await intake.take(downTopics.areaCommand('xa-001'), Buffer.from('garbage'));
  await intake.take(downTopics.areaCommand('xa-001'), Buffer.alloc(300_000, 0x61));
  await intake.take('loa/v1/nowhere', Buffer.from('x'));
  t.same([commands, replies], [[], []]);
  t.equal(codes(events)[0], 'E_SIGNATURE_KEY');
  t.same(codes(events).slice(2), ['E_MESSAGE_GARBAGE', 'E_MESSAGE_SIZE', 'E_MESSAGE_TYPE']);
  t.equal(events.length, 5);
});

t.test('a command on the topic of a document, and the other way round, is refused', async (t) => {
  const { send, commands, documents, events } = await assignedRig(t, { cast });
  await send(playStartWith(), cast.province, downTopics.emergency({ area: 'xa-001' }, 'province'));
  await send(emergencySetWith(), cast.province, downTopics.areaCommand('xa-001'));
  await send(emergencySetWith(), cast.province, downTopics.emergency({ area: 'tinh-01' }, 'province'));
  await send(emergencySetWith(), cast.province, downTopics.emergency({ area: 'xa-001' }, 'xa-001'));
  t.same([commands, documents], [[], []]);
  t.same(new Set(codes(events)), new Set(['E_DOCUMENT_SLOT']));
});

t.test('a newer revision replaces an older one, the same is silent, an older one is refused', async (t) => {
  const { send, documents, events } = await assignedRig(t, { cast });
  await send(emergencySetWith({ revision: 2 }), cast.province);
  await send(emergencySetWith({ revision: 2 }), cast.province);
  t.same(events, []);
  await send(emergencySetWith({ revision: 1 }), cast.province);
  t.same(codes(events), ['E_DOCUMENT_OLD']);
  await send(emergencySetWith({ revision: 3 }), cast.province);
  t.same(documents, [`${emergencyKey} 2`, `${emergencyKey} 3`]);
});

t.test('revisions that come at the same moment cannot pass each other', async (t) => {
  const { intake, documents, folder } = await assignedRig(t, { cast });
  const topic = downTopics.emergency({ area: 'xa-001' }, 'province');
  const signed = await Promise.all(
    [1, 2, 3, 4, 5].map((revision) =>
      signMessage(emergencySetWith({ revision }), TYP['emergency.set'], cast.province),
    ),
  );
  await Promise.all([4, 1, 2, 0, 3].map((i) => intake.take(topic, Buffer.from(signed[i] ?? ''))));
  t.same(documents, [`${emergencyKey} 5`]);
  const again = await intakeRig(t, { cast, folder });
  t.ok(again.documents.includes(`${emergencyKey} 5`), 'and the newest is the one on the disk');
});

t.test('an empty retained message cancels nothing and is no event', async (t) => {
  const { send, intake, withdrawn, events } = await assignedRig(t, { cast });
  await send(emergencySetWith(), cast.province);
  for (const topic of [
    downTopics.emergency({ area: 'xa-001' }, 'province'),
    downTopics.assignment('loa-0001'),
  ]) {
    await intake.take(topic, new Uint8Array(0));
  }
  t.same([withdrawn, events], [[], []]);
  t.equal(intake.assignment?.epoch, 3);
});

t.test('before an assignment only an assignment is accepted', async (t) => {
  const { send, intake, commands, documents } = await intakeRig(t, { cast });
  await send(playStartWith(), cast.province);
  await send(emergencySetWith(), cast.province);
  t.same([commands, documents, intake.assignment], [[], [], undefined]);
  await send(assignmentWith(), cast.province);
  t.equal(intake.assignment?.body.home, 'thon-01');
});

t.test('documents survive a restart, the assignment judged before those that need it', async (t) => {
  const first = await assignedRig(t, { cast });
  await first.send(emergencySetWith(), cast.province);
  const again = await intakeRig(t, { cast, folder: first.folder });
  t.same(again.documents, ['assignment/receiver/loa-0001 1', `${emergencyKey} 1`]);
  t.same(again.events, []);
});

t.test('a revoked authority’s emergency is withdrawn, and does not come back after a restart', async (t) => {
  const { send, intake, withdrawn, trusts, folder } = await assignedRig(t, { cast });
  await send(emergencySetWith({ authority: 'xa-001' }), cast.commune);
  await send(emergencySetWith(), cast.province);
  const revoked = [{ authority: 'xa-001', since: at(-60) }];
  await intake.take(downTopics.trust(), Buffer.from(await trustOf(cast, { version: 2, revoked })));
  t.same(trusts, [2]);
  t.same(withdrawn, ['emergency/area/xa-001/xa-001']);
  const again = await intakeRig(t, { cast, folder });
  t.notOk(again.documents.includes('emergency/area/xa-001/xa-001 1'));
  t.ok(again.documents.includes(`${emergencyKey} 1`));
});

t.test('moved to another commune, the receiver drops what the old one put in force', async (t) => {
  const { send, withdrawn, commands } = await assignedRig(t, { cast });
  await send(emergencySetWith({ authority: 'xa-001' }), cast.commune);
  const body = { home: 'thon-09', areas: ['thon-09', 'xa-002', 'tinh-01'], groups: [] };
  await send(assignmentWith({ revision: 2, epoch: 4, body }), cast.province);
  t.same(withdrawn, ['emergency/area/xa-001/xa-001']);
  await send(playStartWith({ target: { area: 'xa-002' }, authority: 'xa-002' }), cast.neighbour);
  t.equal(commands.length, 1);
});

t.test(
  'the trust document in force brought again is silent; another of the same version is refused',
  async (t) => {
    const { intake, events, trusts } = await assignedRig(t, { cast });
    const [one, other] = [
      await trustOf(cast, { version: 2 }),
      await trustOf(cast, { version: 2, issuedAt: at(-5) }),
    ];
    await intake.take(downTopics.trust(), Buffer.from(one));
    await intake.take(downTopics.trust(), Buffer.from(one));
    t.same([trusts, events], [[2], []]);
    await intake.take(downTopics.trust(), Buffer.from(other));
    await intake.take(downTopics.trust(), Buffer.from(await trustOf(cast, { version: 9 })));
    t.same(
      codes(events),
      ['E_TRUST_OLD'],
      'one that skips versions is not taken: those between are asked for',
    );
    t.equal(intake.trust.version, 2);
  },
);

t.test('a trust document of another root is refused', async (t) => {
  const { intake, events } = await assignedRig(t, { cast });
  const foreign = await trustOf({ ...cast, root: await newSigner() }, { version: 2 });
  await intake.take(downTopics.trust(), Buffer.from(foreign));
  t.same(codes(events), ['E_TRUST_SIGNATURE']);
});

t.test(
  'a disk that fails is an alarm; the command is not done, and can be done when the disk is back',
  async (t) => {
    const { send, store, commands, events } = await assignedRig(t, { cast });
    store.failAll(true);
    await send(playStartWith(), cast.province);
    t.same([commands, codes(events)], [[], ['E_STORE_WRITE']]);
    t.equal(events[0]?.kind, 'alarm');
    store.failAll(false);
    await send(playStartWith(), cast.province);
    t.equal(commands.length, 1);
  },
);

t.test('a reply that cannot be kept is an alarm, and the command is not done twice', async (t) => {
  let fails = true;
  const onReply = async (): Promise<void> => {
    if (fails) throw new LoaError('E_STORE_WRITE', 'full');
  };
  const { send, commands, replies, events } = await assignedRig(t, { cast, onReply });
  await send(playStartWith(), cast.province);
  fails = false;
  await send(playStartWith(), cast.province);
  t.equal(commands.length, 1);
  t.same(replies, []);
  t.same(codes(events), ['E_STORE_WRITE', 'E_COMMAND_REPLAY']);
});

t.test('the journal forgets expired commands while the program runs', async (t) => {
  const { send, clock, store } = await assignedRig(t, { cast });
  await send(playStartWith(), cast.province);
  const held = async (): Promise<number> => (await store.range('journal/', { limit: 99 })).length;
  t.equal(await held(), 1);
  clock.advance(3_600_000);
  await send(assignmentWith(), cast.province);
  t.equal(await held(), 0);
});

t.test('a flood that waits is bounded, and told', async (t) => {
  const { intake, events } = await assignedRig(t, { cast });
  await Promise.all(
    Array.from({ length: 500 }, () => intake.take(downTopics.areaCommand('xa-001'), Buffer.from('x'))),
  );
  t.ok(codes(events).includes('E_INTERNAL'));
  t.equal(events.length, 500);
});

t.test('a name of a document’s file says nothing and leads nowhere', async (t) => {
  const { send, folder } = await assignedRig(t, { cast });
  await send(emergencySetWith(), cast.province);
  const names = await readdir(join(folder, 'documents'));
  t.equal(names.length, 2);
  t.ok(names.every((name) => /^[0-9a-f]{32}\.jws$/.test(name)));
});

t.test(
  'an emergency is in force though the disk takes nothing, and stays so when trust or place change',
  async (t) => {
    const rig = await assignedRig(t, { cast });
    await rig.send(emergencySetWith({ revision: 1 }), cast.province);
    const folder = join(rig.folder, 'documents');
    // A folder in the place of the temporary file: nothing can be written there, whoever asks.
    for (const one of await readdir(folder))
      await mkdir(join(folder, `${one}.new`, 'full'), { recursive: true });
    await rig.send(emergencySetWith({ revision: 2 }), cast.province);
    t.same(rig.documents, ['emergency/area/xa-001/province 1', 'emergency/area/xa-001/province 2']);
    t.match(rig.events, [{ kind: 'alarm', code: 'E_STORE_WRITE' }]);
    rig.documents.length = 0;
    await rig.intake.take(downTopics.trust(), Buffer.from(await trustOf(cast, { version: 2 })));
    t.same(rig.withdrawn, []);
    t.notMatch(
      rig.documents,
      ['emergency/area/xa-001/province 1'],
      'the older one on the disk does not come back',
    );
    t.ok(rig.documents.includes('emergency/area/xa-001/province 2'));
  },
);

t.test('an emergency does not wait for a command that the disk hangs over', async (t) => {
  let write: () => void = () => undefined;
  const onReply = (): Promise<void> => new Promise((resolve) => (write = resolve));
  const { send, intake, commands, documents } = await assignedRig(t, { cast, onReply });
  const command = send(playStartWith(), cast.province);
  while (commands.length === 0) await new Promise(setImmediate);
  const set = await signMessage(emergencySetWith(), TYP['emergency.set'], cast.province);
  const taken = intake.take(downTopics.emergency({ area: 'xa-001' }, 'province'), Buffer.from(set));
  t.same(documents, [`${emergencyKey} 1`], 'in force when the call returns');
  await taken;
  write();
  await command;
});

t.test('an emergency that comes before its assignment is judged again with it', async (t) => {
  const { send, documents } = await intakeRig(t, { cast });
  await send(emergencySetWith(), cast.province);
  t.same(documents, []);
  await send(assignmentWith(), cast.province);
  t.equal(documents.at(-1), `${emergencyKey} 1`);
});

t.test('documents that cannot be read any more are an alarm, and stay in force', async (t) => {
  const { send, intake, withdrawn, events, folder } = await assignedRig(t, { cast });
  await send(emergencySetWith(), cast.province);
  await rm(join(folder, 'documents'), { recursive: true });
  await writeFile(join(folder, 'documents'), 'no folder');
  await intake.take(downTopics.trust(), Buffer.from(await trustOf(cast, { version: 2 })));
  t.equal(intake.trust.version, 2);
  t.same(withdrawn, []);
  t.ok(codes(events).includes('E_INTERNAL'));
});

t.test('of revisions that come while the disk is slow the newest is kept', async (t) => {
  const { intake, folder, documents } = await assignedRig(t, { cast });
  const topic = downTopics.emergency({ area: 'xa-001' }, 'province');
  const signed = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      signMessage(emergencySetWith({ revision: 10 + i }), TYP['emergency.set'], cast.province),
    ),
  );
  await Promise.all(signed.map((text) => intake.take(topic, Buffer.from(text))));
  t.equal(documents.at(-1), `${emergencyKey} 29`);
  const again = await intakeRig(t, { cast, folder });
  t.equal(again.documents.at(-1), `${emergencyKey} 29`);
});
