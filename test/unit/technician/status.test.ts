import t from 'tap';
import { statusText, type Status } from '../../../agent/technician/status.js';
import { chooseLanguage, TEXTS, type Text } from '../../../agent/technician/texts.js';

const plain: Status = {
  receiver: 'loa-0001',
  version: '0.1.0',
  startedAt: '2026-11-23T03:00:00Z',
  uptimeS: 59,
  link: { kind: 'up', since: '2026-11-23T03:00:00Z', mqttVersion: 4, broker: 0, keepaliveS: 60 },
  trustVersion: 1,
  sink: { kind: 'alsa', ok: true, underruns: 0 },
  emergencies: [],
  outbox: { messages: 0, bytes: 0, refused: 0, dropped: {} },
  traffic: { day: '', today: {}, total: {}, billedTodayMb: 0, overBudget: false },
  refused: {},
  certificate: { notAfter: '2027-11-23T03:00:00Z', daysLeft: 365.4 },
};
const long = 'Đ'.repeat(200);
const extreme: Status = {
  ...plain,
  receiver: 'a'.repeat(64),
  version: 'v'.repeat(40),
  uptimeS: 10 * 365 * 86_400,
  link: {
    kind: 'waiting',
    ...{ broker: 0, keepaliveS: 60 },
    since: '',
    lastError: { code: 'E_LINK_CONNECT', detail: `${long} ${long}` },
  },
  mirror: {
    reason: 'withheld',
    answeredAgoS: 90_061,
    lastError: { code: 'E_MIRROR_UNREACHABLE', detail: long },
  },
  trustVersion: Number.MAX_SAFE_INTEGER,
  assignment: { home: 'x', areas: Array.from({ length: 16 }, () => 'z'.repeat(64)), epoch: 1 },
  sink: { kind: 'alsa', ok: false, code: 'E_SINK_DIED', detail: 'x '.repeat(150), underruns: 1e9 },
  onAir: { playId: 'p', class: 'emergency', title: long, authority: 'a'.repeat(64) },
  emergencies: Array.from({ length: 32 }, (_, i) => ({ id: `${i}`, title: long, authority: 'a' })),
  outbox: { messages: 1e9, bytes: 1e12, refused: 0, dropped: {} },
  traffic: { day: '', today: {}, total: {}, billedTodayMb: 0, overBudget: false },
  refused: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`E_REFUSED_${i}`, 1e6])),
  certificate: { notAfter: '', daysLeft: -12_345.6 },
};

for (const language of ['vi', 'en'] as const) {
  t.test(`${language}: no line is longer than 80 columns, whatever the values`, async (t) => {
    for (const status of [plain, extreme]) {
      for (const line of statusText(status, language).split('\n')) {
        if (line.length > 80) t.fail(`${line.length}: ${line}`);
      }
    }
    t.ok(statusText(extreme, language).split('\n').length > 20);
  });
}

t.test('long words are cut into pieces, never dropped', async (t) => {
  const text = statusText({ ...plain, receiver: 'ab'.repeat(50) }, 'en').replace(/\s/g, '');
  t.ok(text.includes('ab'.repeat(50)));
});

t.test('an escape sequence of a broker or a player does not reach the terminal', async (t) => {
  const evil = '\u001b[2J\u009b1mgone\u202e';
  const text = statusText(
    {
      ...plain,
      link: {
        kind: 'waiting',
        ...{ broker: 0, keepaliveS: 60 },
        since: '',
        lastError: { code: 'E_LINK_REFUSED', detail: evil },
      },
      sink: { kind: 'alsa', ok: false, code: 'E_SINK_DIED', detail: evil, underruns: 0 },
    },
    'en',
  );
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  t.match(text, /gone/);
});

t.test('it says what a technician looks for', async (t) => {
  const vi = statusText({ ...plain, uptimeS: 3_700 }, 'vi');
  t.match(vi, /Bộ thu\s+loa-0001/);
  t.match(vi, /đã nối với máy chủ của tỉnh \(MQTT 3\.1\.1\)/);
  t.match(vi, /1 h 1 min/);
  t.match(vi, /chưa được phân công/);
  t.match(vi, /365 ngày nữa/);
  t.notMatch(vi, /Đã từ chối/);
  const en = statusText({ ...extreme, refused: { E_COMMAND_REPLAY: 3 } }, 'en');
  t.match(en, /E_LINK_CONNECT/);
  t.match(en, /E_SINK_DIED/);
  t.match(en, /E_COMMAND_REPLAY × 3/);
});

t.test('it tells whether the mirror is in use, why, and how old its answer is', async (t) => {
  const at = (mirror: Status['mirror'], language: 'vi' | 'en' = 'en'): string =>
    statusText({ ...plain, ...(mirror === undefined ? {} : { mirror }) }, language);
  t.notMatch(at(undefined), /Mirror/, 'nothing where none is set');
  t.match(at({}), /Mirror +not needed\n/);
  t.match(at({ reason: 'no-broker' }), /in use: no broker\n +It has not answered yet/);
  t.match(
    at({ reason: 'silent', answeredAgoS: 125 }),
    /no beat from the broker\n +Time since its last answer: 2 min/,
  );
  t.match(
    at({ reason: 'withheld', answeredAgoS: 5 }, 'vi'),
    /Kênh dự phòng +đang dùng: máy chủ MQTT giữ lại/,
  );
  t.match(statusText(extreme, 'en'), /E_MIRROR_UNREACHABLE/);
});

t.test('every text is in both languages', async (t) => {
  for (const [name, { vi, en }] of Object.entries<Text>(TEXTS))
    t.ok(vi !== '' && en !== '' && vi !== en, name);
});

t.test('the language is the option’s, else the locale’s, else the configuration’s', async (t) => {
  t.equal(chooseLanguage('en', { LANG: 'vi_VN.UTF-8' }, 'vi'), 'en');
  t.equal(chooseLanguage(undefined, { LANG: 'vi_VN.UTF-8' }, 'en'), 'vi');
  t.equal(chooseLanguage(undefined, { LC_ALL: 'en_US.UTF-8', LANG: 'vi_VN' }, 'vi'), 'en');
  for (const LANG of ['C', 'fr_FR', '']) t.equal(chooseLanguage(undefined, { LANG }, 'vi'), 'vi');
  t.equal(chooseLanguage(undefined, {}, 'en'), 'en');
});
