import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { capFolder } from '../../rig/cap-table.js';
import { at } from '../../fixtures/trust/messages.js';
import { emergency, province, rigOf, setOf } from './programme-rig.js';
import { uuidOf } from '../../fixtures/trust/signers.js';

/** A document in force while the rig's clock runs. */
const capOf = (file: string): string =>
  readFileSync(join(capFolder(), `${file}.xml`), 'utf8')
    .replace(/<sent>[^<]*/, `<sent>${zoned(-10)}`)
    .replaceAll(/<expires>[^<]*/g, `<expires>${zoned(600)}`);
/** Seconds from the rig's now, as CAP writes it. */
const zoned = (s: number): string => `${new Date(Date.parse(at(s))).toISOString().slice(0, 19)}+00:00`;
const siren = { content: [{ kind: 'stored', name: 'siren' }] } as const;

t.test('the words of a CAP document are spoken before the stored siren is fallen back on', async (t) => {
  const { programme, opened } = rigOf();
  programme.setEmergencies(
    'slot',
    setOf(emergency('e', { ...siren, content: [...siren.content], cap: capOf('status-actual') })),
    province,
  );
  t.match(opened, [
    { class: 'emergency', chimeFirst: true, chain: [{ kind: 'text', lang: 'vi' }, { kind: 'stored' }] },
  ]);
  t.match(programme.emergenciesInForce(), [{ title: 'Lũ lên nhanh' }]);
});

t.test('a recorded file of the province goes before the words of its CAP document', async (t) => {
  const { programme, opened } = rigOf();
  programme.setEmergencies('slot', setOf(emergency('e', { cap: capOf('status-actual') })), province);
  t.match(opened[0]?.chain, [{ kind: 'file' }, { kind: 'text' }, { kind: 'stored' }]);
});

const message12 = ['vi', 'km', 'cjm'].map((language, i) => ({
  ...{ number: 12, language, url: `https://media.example/${language}` },
  sha256: String(i).repeat(64),
}));
const asked = (languages?: string[]) => ({
  content: [{ kind: 'message' as const, number: 12, ...(languages === undefined ? {} : { languages }) }],
});

t.test('a numbered message is its recordings, one language after the other', async (t) => {
  const { programme, opened } = rigOf();
  programme.messages([...message12, { ...message12[0], number: 13 } as (typeof message12)[number]]);
  programme.setEmergencies('slot', setOf(emergency('all', asked())), province);
  programme.setEmergencies('two', setOf(emergency('two', asked(['cjm', 'xx', 'vi']))), province);
  programme.setEmergencies('one', setOf(emergency('one', asked(['km']))), province);
  const files = (...languages: string[]) =>
    languages.map((one) => ({ source: { kind: 'file', url: `https://media.example/${one}` } }));
  t.match(opened, [
    { chain: [{ kind: 'playlist', loops: 1, items: files('vi', 'km', 'cjm') }] },
    { chain: [{ kind: 'playlist', items: files('cjm', 'vi') }] },
    { chain: [{ kind: 'file', url: 'https://media.example/km' }] },
  ]);
});

t.test('where a numbered message is not kept, what comes after it is heard, at last the siren', async (t) => {
  const { programme, opened } = rigOf();
  programme.setEmergencies('alone', setOf(emergency('alone', asked(['vi']))), province);
  const two = { content: [...asked().content, { kind: 'stored' as const, name: 'chime' as const }] };
  programme.setEmergencies('two', setOf(emergency('two', two)), province);
  t.same(
    opened.map(({ chain }) => chain),
    [[{ kind: 'stored', name: 'siren' }], [{ kind: 'stored', name: 'chime' }]],
  );
});

t.test(
  'numbered messages are wanted within the time in which nothing is dropped, an emergency’s at once',
  async (t) => {
    const { programme, clock } = rigOf();
    programme.messages(message12);
    const wanted = () =>
      programme.wantedMedia(clock.nowMs(), 0).map(({ url, neededMs }) => [url.slice(22), neededMs]);
    const dayMs = 86_400_000;
    const later = clock.nowMs() + dayMs;
    t.same(wanted(), [
      ['vi', later],
      ['km', later],
      ['cjm', later],
    ]);
    programme.setEmergencies('slot', setOf(emergency('e', asked(['km']))), province);
    t.same(wanted(), [
      ['km', 0],
      ['vi', later],
      ['cjm', later],
    ]);
  },
);

t.test(
  'a document that says Test is not heard, whatever the entry around it says, and is reported',
  async (t) => {
    const { programme, opened, events } = rigOf();
    programme.setEmergencies(
      'slot',
      setOf(emergency('e', { status: 'actual', cap: capOf('status-test') })),
      province,
    );
    t.same(opened, []);
    t.match(events, [
      { kind: 'notice', code: 'N_EMERGENCY_SILENT', detail: 'test of province', fields: { id: uuidOf('e') } },
    ]);
  },
);

t.test('a document that cannot be read is not heard; the others of its set are', async (t) => {
  const { programme, opened, events } = rigOf();
  const bad = emergency('bad', { cap: capOf('hostile-billion-laughs') });
  programme.setEmergencies('slot', setOf(bad, emergency('good')), province);
  t.equal(opened.length, 1);
  t.match(events, [{ kind: 'alarm', code: 'E_CAP_XML', fields: { id: uuidOf('bad') } }]);
});

t.test('a receiver that is told where it stands falls silent where the alert is for elsewhere', async (t) => {
  const { programme, opened, closed } = rigOf();
  programme.setEmergencies('slot', setOf(emergency('e', { cap: capOf('place-out-of-polygon') })), province);
  t.equal(opened.length, 1, 'nothing is known of its place: its slot is the province’s word');
  programme.placed({ position: { latitude: 10.25, longitude: 105.97 } });
  t.equal(closed.length, 1);
  t.same(programme.emergenciesInForce(), []);
});

t.test('an emergency ends when its CAP document expires, before the end of its entry', async (t) => {
  const { programme, clock, closed } = rigOf();
  programme.setEmergencies(
    'slot',
    setOf(emergency('e', { endsAt: at(9_000), cap: capOf('status-actual') })),
    province,
  );
  clock.advance(601_000);
  t.equal(closed.length > 0, true);
  t.same(programme.emergenciesInForce(), []);
});
