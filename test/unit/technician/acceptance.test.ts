import { generateKeyPairSync } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  acceptanceItems,
  TRIAL_MS,
  type AcceptanceFacts,
} from '../../../agent/technician/accept/acceptance-items.js';
import { acceptancePage } from '../../../agent/technician/accept/acceptance-page.js';
import {
  ACCEPTANCE_QUESTIONS,
  scriptedWords,
} from '../../../agent/technician/accept/acceptance-questions.js';
import {
  ACCEPTANCE_ITEMS,
  ACCEPTANCE_REASONS,
  acceptanceRecord,
  acceptanceWords,
  type AcceptanceItem,
  type AcceptanceRecord,
} from '../../../agent/technician/accept/acceptance-record.js';
import { acceptanceDigest, verifyAcceptance } from '../../../agent/technician/accept/acceptance-signature.js';
import { ACCEPTANCES_KEPT, keepAcceptance } from '../../../agent/technician/accept/acceptance-store.js';
import { acceptanceText } from '../../../agent/technician/accept/acceptance-text.js';
import {
  BY_TEXTS,
  ITEM_TEXTS,
  REASON_TEXTS,
  VERDICT_TEXTS,
} from '../../../agent/technician/accept/acceptance-texts.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const NOW = Date.parse('2026-11-24T03:00:00Z');

/** A receiver of which everything was tried and is well. */
function allWell(over: Partial<AcceptanceFacts> = {}): AcceptanceFacts {
  return {
    nowMs: NOW,
    words: { words: 'terminal', heard: true, mainsCut: true, line: true },
    certificate: { fingerprint: 'ab'.repeat(32), notBeforeMs: NOW - 1, notAfterMs: NOW + 90 * 86_400_000 },
    trust: {
      ...{ version: 3, clock: 'trusted', freshness: 'fresh', since: '2026-11-24T02:59:00Z' },
      authorities: [
        {
          ...{ id: 'tinh', name: { vi: 'Tỉnh', en: 'Province' }, homeArea: 'tinh', level: 3 },
          ...{ here: true, keys: 1, grants: [] },
        },
      ],
    },
    status: {
      link: { kind: 'up', since: '2026-11-24T02:00:00Z', broker: 0, keepaliveS: 60, mqttVersion: 5 },
      sink: { kind: 'alsa', ok: true, underruns: 0 },
    },
    broker: 'mqtt.tinh.example:8883',
    connectMs: [31.4, 20.2, 25.9],
    path: { atMs: NOW, ok: true, tookMs: 900, verified: 4, framesConsumed: 48_000 },
    toneMs: NOW - 5_000,
    line: {
      kind: 'measured',
      result: { verdict: 'normal', amplitude: 12, aboveNoiseDb: 30, sharePercent: 99 },
    },
    amplifier: { phase: 'standby', gainDb: 0, line: 'normal' },
    hours: { normal: [{ from: '05:00', to: '06:00' }], priority: [] },
    gate: { normal: 'hours', priority: 'hours' },
    power: { mains: true, lostMs: NOW - 60_000, sent: true },
    ...over,
  };
}

function itemOf(facts: AcceptanceFacts, id: AcceptanceItem['id']): AcceptanceItem {
  const found = acceptanceItems(facts).find((item) => item.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

function recordOf(facts: AcceptanceFacts, over: Partial<AcceptanceRecord> = {}): AcceptanceRecord {
  return acceptanceRecord.parse({
    ...{ type: 'acceptance', form: 1, receiver: 'cum-01', at: new Date(facts.nowMs).toISOString() },
    ...{ version: '0.1.0', technician: 'an (root)', words: facts.words.words, items: acceptanceItems(facts) },
    ...over,
  });
}

t.test('where everything was tried and is well, every item has passed, by whose word is said', async (t) => {
  const items = acceptanceItems(allWell());
  t.same(
    items.map(({ id }) => id),
    [...ACCEPTANCE_ITEMS],
  );
  for (const { id, verdict, reason } of items) t.same([verdict, reason], ['passed', undefined], id);
  t.equal(itemOf(allWell(), 'sound').by, 'person');
  t.equal(itemOf(allWell(), 'line').by, 'sensor');
  t.equal(itemOf(allWell(), 'link').facts['connectMs'], 26);
});

t.test('what was not tried is never passed, whatever a person or a script says', async (t) => {
  const yes = { heard: true, mainsCut: true, line: true };
  const cases: readonly [string, Partial<AcceptanceFacts>, AcceptanceItem['id'], string][] = [
    ['no tone was made', { toneMs: undefined as never }, 'sound', 'no-tone'],
    ['the tone is of long ago', { toneMs: NOW - TRIAL_MS - 1 }, 'sound', 'no-tone'],
    [
      'the sound goes nowhere',
      { status: { ...allWell().status, sink: { kind: 'null', ok: true, underruns: 0 } } },
      'sound',
      'no-loudspeaker',
    ],
    ['words that nobody gave', { words: { ...yes, words: 'none' } }, 'sound', 'nobody-asked'],
    ['nobody was asked', { words: { words: 'terminal', line: true } }, 'sound', 'nobody-asked'],
    ['no sensor', { line: { kind: 'none' } }, 'line', 'no-sensor'],
    ['never calibrated', { line: { kind: 'refused', code: 'E_LINE_CALIBRATION' } }, 'line', 'not-calibrated'],
    [
      'too noisy',
      { line: { kind: 'measured', result: { verdict: 'unsure', amplitude: 1, aboveNoiseDb: 1 } } },
      'line',
      'noisy',
    ],
    ['nothing tells of the mains', { power: { sent: true } }, 'power', 'no-mains-input'],
    ['the cut was declined', { words: { ...yes, words: 'terminal', mainsCut: false } }, 'power', 'declined'],
    ['no amplifier', { amplifier: undefined as never }, 'amplifier', 'no-amplifier'],
    ['the amplifier was never opened', { toneMs: undefined as never }, 'amplifier', 'no-tone'],
    ['the province has set no hours', { hours: undefined as never }, 'hours', 'default-hours'],
    [
      'the silent test found the air taken',
      { path: { atMs: NOW, ok: false, tookMs: 1, verified: 0, framesConsumed: 0, code: 'E_COMMAND_BUSY' } },
      'path',
      'busy',
    ],
  ];
  for (const [name, over, id, reason] of cases) {
    const item = itemOf(allWell(over), id);
    t.same([item.verdict, item.reason], ['not tried', reason], name);
  }
});

t.test('what was tried and is not well has failed, with the reason and the code', async (t) => {
  const link = { ...allWell().status.link };
  const cases: readonly [Partial<AcceptanceFacts>, AcceptanceItem['id'], string][] = [
    [{ words: { words: 'terminal', heard: false, line: true } }, 'sound', 'unheard'],
    [
      {
        status: { ...allWell().status, sink: { kind: 'alsa', ok: false, code: 'E_SINK_OPEN', underruns: 0 } },
      },
      'sound',
      'sink',
    ],
    [{ certificate: { ...allWell().certificate, notAfterMs: NOW } }, 'identity', 'expired'],
    [{ certificate: { ...allWell().certificate, notBeforeMs: NOW + 1 } }, 'identity', 'expired'],
    [{ trust: { ...allWell().trust, freshness: 'stale' } }, 'trust', 'stale'],
    [{ trust: { ...allWell().trust, clock: 'behind' } }, 'trust', 'clock'],
    [{ trust: { ...allWell().trust, authorities: [] } }, 'trust', 'no-authority'],
    [{ status: { ...allWell().status, link: { ...link, kind: 'waiting' } } }, 'link', 'link-down'],
    [{ status: { ...allWell().status, link: { ...link, refusedTopics: ['x'] } } }, 'link', 'refused-topics'],
    [
      { line: { kind: 'measured', result: { verdict: 'missing', amplitude: 9, aboveNoiseDb: 30 } } },
      'line',
      'load',
    ],
    [{ amplifier: { phase: 'off', gainDb: 0, line: 'normal', code: 'E_LINE_SHORT' } }, 'amplifier', 'fault'],
    [{ amplifier: { phase: 'off', gainDb: 0, line: 'open' } }, 'amplifier', 'line-fault'],
    [{ power: { mains: true, sent: true } }, 'power', 'unseen'],
    [{ power: { mains: true, lostMs: NOW - TRIAL_MS - 1, sent: true } }, 'power', 'unseen'],
    [{ power: { mains: false, lostMs: NOW - 1_000, sent: true } }, 'power', 'still-off'],
    [{ power: { mains: true, lostMs: NOW - 1_000, sent: false } }, 'power', 'not-sent'],
  ];
  for (const [over, id, reason] of cases) {
    const item = itemOf(allWell(over), id);
    t.same([item.verdict, item.reason], ['failed', reason], `${id} ${reason}`);
  }
});

t.test("a script's word is written down as a script's", async (t) => {
  const words = { words: 'script', heard: true, line: false } as const;
  const item = itemOf(allWell({ words }), 'sound');
  t.same([item.verdict, item.by], ['passed', 'script']);
  const record = recordOf(allWell({ words }));
  t.equal(record.words, 'script');
  for (const language of ['vi', 'en'] as const) {
    t.ok(acceptanceText(record, language).replace(/\s+/g, ' ').includes(BY_TEXTS.script[language]));
    t.ok(acceptancePage(record, 'ff').includes(BY_TEXTS.script[language]));
  }
});

t.test('answers of a script that are not understood are refused before anything sounds', async (t) => {
  for (const text of ['[]', '{', '{"heard":"yes"}', '{"sound":true}'])
    await t.rejects(scriptedWords('/nowhere', text), { code: 'E_USAGE' }, text);
  t.same(await scriptedWords('/nowhere', '{"line":true}'), { words: 'script', line: true });
  t.notOk(acceptanceWords.safeParse({ words: 'person' }).success);
});

t.test('every text is there in both languages, and every reason is used by an item or none', async (t) => {
  const all = [ITEM_TEXTS, VERDICT_TEXTS, BY_TEXTS, REASON_TEXTS, ACCEPTANCE_QUESTIONS];
  for (const [name, { vi, en }] of all.flatMap((texts) => Object.entries(texts)))
    t.ok(vi.trim() !== '' && en.trim() !== '' && vi !== en, name);
  t.same(Object.keys(REASON_TEXTS).sort(), [...ACCEPTANCE_REASONS].sort());
});

t.test('a record fits 80 columns, and its page holds every item in both languages, harmlessly', async (t) => {
  const record = recordOf(allWell({ line: { kind: 'none' } }), { technician: '<b>"an"&</b>' });
  for (const language of ['vi', 'en'] as const)
    for (const line of acceptanceText(record, language).split('\n')) t.ok([...line].length <= 80, line);
  const page = acceptancePage(record, 'ab'.repeat(32));
  for (const id of ACCEPTANCE_ITEMS)
    for (const language of ['vi', 'en'] as const) t.ok(page.includes(ITEM_TEXTS[id][language]), id);
  t.notMatch(page, '<b>"an"');
  t.match(page, 'ab'.repeat(32));
});

t.test('the newest records are kept, the oldest go, page and all', async (t) => {
  const folder = join(await temporaryFolder(t), 'acceptance');
  for (let i = 0; i < ACCEPTANCES_KEPT + 3; i += 1) {
    const facts = allWell({ nowMs: NOW + i * 1_000 });
    await keepAcceptance(folder, recordOf(facts), { jws: `jws ${i}`, certificatePem: 'pem' });
  }
  const names = (await readdir(folder)).sort();
  t.equal(names.length, 2 * ACCEPTANCES_KEPT);
  t.match(names[0], /acceptance-20261124T030003Z\.html/);
  t.match(names.at(-1), /acceptance-20261124T030012Z\.json/);
});

t.test('what is no signed record of a known authority is refused, never thrown', async (t) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const texts = ['', '{}', '[]', JSON.stringify({ jws: 'a.b.c', certificatePem: pem }), 'x'.repeat(200_000)];
  for (const text of texts) {
    const checked = await verifyAcceptance(text, pem);
    t.notOk(checked.ok, text.slice(0, 40));
  }
  t.match(acceptanceDigest('a.b.c'), /^[0-9a-f]{64}$/);
});
