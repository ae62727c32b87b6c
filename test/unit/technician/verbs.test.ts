import { readFile, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { SETTINGS } from '../../../agent/config.js';
import { answersDocument } from '../../../agent/technician/answer-schemas.js';
import { CHAIN } from '../../../agent/technician/diagnose/chain.js';
import { helpText, manualPage } from '../../../agent/technician/help-text.js';
import { enrolmentWords, settingsOf } from '../../../agent/technician/install-answers.js';
import { INSTALL_TEXTS, parsedAnswers } from '../../../agent/technician/install-questions.js';
import {
  linkStrips,
  MINUTES_KEPT,
  withMinute,
  type LinkHistory,
} from '../../../agent/technician/link-history.js';
import { quickConfig, QUICK_DEFAULTS } from '../../../agent/technician/quick-config.js';
import {
  readSettings,
  typedValue,
  withoutSecrets,
  withSettings,
  writeSettings,
} from '../../../agent/technician/settings-file.js';
import { topicOfSigned } from '../../../agent/technician/signed-topic.js';
import { TEXTS } from '../../../agent/technician/texts.js';
import { OTHER_VERBS, QUICK_VERBS, VERB_NAMES, verbOf } from '../../../agent/technician/verbs.js';
import { completionScript } from '../../../agent/technician/verbs/completion.js';
import { logLine } from '../../../agent/technician/verbs/log.js';
import { alarmsText } from '../../../agent/technician/verbs/alarms.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

t.test('help, manual and completion name every verb, in lines of at most 80 columns', async (t) => {
  t.same([...VERB_NAMES].sort(), [...Object.keys(QUICK_VERBS), ...Object.keys(OTHER_VERBS)].sort());
  for (const language of ['vi', 'en'] as const) {
    const help = await helpText(language);
    for (const line of help.split('\n')) t.ok([...line].length <= 80, line);
    const page = await manualPage(language, '1.2.3');
    for (const name of VERB_NAMES) {
      t.match(help, new RegExp(`^  ${name}`, 'm'), name);
      t.match(page, new RegExp(`^\\.B loa ${name.replace('-', '\\\\-')}`, 'm'), name);
    }
  }
  for (const name of VERB_NAMES) {
    const verb = await verbOf(name);
    t.not(verb?.summary.vi, verb?.summary.en, name);
  }
});

t.test('the scripts of completion are taken by their shell', async (t) => {
  const script = await completionScript('bash');
  execFileSync('bash', ['-n'], { input: script });
  const asked = `${script}\nCOMP_WORDS=(loa diagnose --f); COMP_CWORD=2; _loa; printf '%s ' "\${COMPREPLY[@]}"`;
  t.same(execFileSync('bash', ['-c', asked]).toString().trim().split(' ').sort(), ['--facts', '--full']);
  t.match(await completionScript('zsh'), /^#compdef loa/);
});

t.test('every text is there in both languages', async (t) => {
  const same = ['SIM', 'TLS', 'Watchdog'];
  const all = [
    ...Object.entries(TEXTS),
    ...Object.entries(INSTALL_TEXTS),
    ...CHAIN.map(({ id, title }) => [id, title] as const),
  ];
  for (const [name, { vi, en }] of all) {
    t.ok(vi.trim() !== '' && en.trim() !== '', name);
    t.ok(vi !== en || same.includes(vi), `${name}: ${vi}`);
  }
});

t.test('the schemas of the answers are those of the document', async (t) => {
  t.equal(
    await readFile('agent/technician/answers.json', 'utf8'),
    answersDocument(),
    'print it again: node dist/build/print-answers.js > agent/technician/answers.json',
  );
});

t.test(
  'the quick settings are those of the whole configuration, and a doubtful file is left to it',
  async (t) => {
    const { socketPath, stateFolder, language } = SETTINGS;
    t.same(QUICK_DEFAULTS, {
      socketPath: socketPath.default,
      stateFolder: stateFolder.default,
      language: language.default,
    });
    const path = join(await temporaryFolder(t), 'loa.json');
    for (const text of ['[]', '{', 'null', '{"language":"fr"}', '{"socketPath":7}']) {
      await writeFile(path, text);
      t.equal(quickConfig(path), undefined, text);
    }
    await writeFile(path, '{"language":"en","broker":{"port":1}}');
    t.match(quickConfig(path), { language: 'en', socketPath: '/run/loa/loa.sock' });
  },
);

t.test(
  'settings are set by their path; policy is refused, and so is what the receiver would not start with',
  async (t) => {
    t.same(withSettings({ broker: { host: 'a' } }, { 'broker.port': 1, logLevel: 'warn' }), {
      broker: { host: 'a', port: 1 },
      logLevel: 'warn',
    });
    for (const key of ['permittedHours', 'programme.hours', 'areas', 'trust.authorities', 'assignment.home'])
      t.throws(() => withSettings({}, { [key]: 1 }), { code: 'E_POLICY_KEY' }, key);
    withSettings({}, { '__proto__.polluted': 1 });
    t.notOk('polluted' in {});
    const path = join(await temporaryFolder(t), 'loa.json');
    await t.rejects(writeSettings(path, { broker: { port: 0 } }), { code: 'E_CONFIG_KEY' });
    t.same(await readSettings(path), {});
    await writeSettings(path, { logLevel: 'warn' });
    t.same(await readSettings(path), { logLevel: 'warn' });
    t.same(['-6', 'true', 'abc', '["vi"]'].map(typedValue), [-6, true, 'abc', ['vi']]);
    t.same(withoutSecrets({ proxy: 'http://a:b@c:1', n: 1 }), { proxy: 'http://***@c:1', n: 1 });
  },
);

t.test('three decisions become settings and the words of one verb', async (t) => {
  const fingerprint = 'ab'.repeat(32);
  const answers = parsedAnswers({
    network: { host: 'mqtt.tinh.example' },
    enrolment: {
      kind: 'network',
      id: 'cum-02',
      url: 'https://est.tinh.example',
      caFingerprint: fingerprint,
      tokenFile: '/root/token',
    },
    board: {},
  });
  t.match(settingsOf(answers), {
    'broker.port': 8883,
    'sound.sink': 'alsa',
    'enrolment.url': 'https://est.tinh.example',
  });
  t.same(enrolmentWords(answers, undefined).args.slice(0, 2), ['--id', 'cum-02']);
  const swap = enrolmentWords(answers, 'cum-01');
  t.same([swap.verb, swap.args[1], swap.args.at(-1)], ['enrol', 'cum-01', '--replace']);
  t.throws(
    () => parsedAnswers({ network: { host: 'a b' }, enrolment: { kind: 'request', id: 'x' }, board: {} }),
    { code: 'E_USAGE' },
  );
  t.throws(
    () =>
      parsedAnswers({ network: { host: 'a' }, enrolment: { kind: 'network', token: 'secret' }, board: {} }),
    { code: 'E_USAGE' },
  );
});

t.test('the history of the link is bounded, and its strips fit a line', async (t) => {
  let history: LinkHistory = { minutes: [] };
  for (let i = 0; i < 500; i += 1)
    history = withMinute(history, { atMs: i * 60_000, up: i % 3 > 0, bytes: i });
  t.equal(history.minutes.length, MINUTES_KEPT);
  const { link, bytes, roundTripMs } = linkStrips(history);
  t.ok(link.length <= 72 && bytes.bars.length === link.length);
  t.ok((bytes.most ?? 0) <= 499 && (bytes.most ?? 0) > 480);
  t.same([roundTripMs.least, roundTripMs.bars.trim()], [undefined, '']);
  t.same(linkStrips({ minutes: [] }).bytes, { bars: '', least: undefined, most: undefined });
});

t.test('lines of the log are readable, and strange ones harmless', async (t) => {
  t.equal(
    logLine('{"level":40,"time":1763856000000,"module":"link","msg":"lost","code":"E_X","pid":1}'),
    '07:00 WARN link: lost {"code":"E_X"}',
  );
  t.notMatch(logLine('a\u001b[2J'), '\u001b');
});

t.test('an alarm is shown with its remedy; one of an older receiver without', async (t) => {
  const text = alarmsText(
    [
      {
        code: 'E_HOT',
        severity: 'major',
        since: '2026-11-23T05:00:00Z',
        detail: '91 °C',
        text: {
          vi: { cause: 'Quá nóng.', remedy: 'Che nắng.' },
          en: { cause: 'Too hot.', remedy: 'Shade.' },
        },
      },
      { code: 'E_FAN' },
    ],
    'vi',
  );
  t.match(
    text,
    /E_HOT {2}nặng {2}2026-11-23 12:00\n {4}91 °C\n {4}Nguyên nhân: Quá nóng\.\n {4}Cách xử lý: Che nắng\.\nE_FAN/,
  );
  t.match(alarmsText([], 'en'), /No alarm/);
});

t.test(
  'a command brought on a stick goes by the topic of its target; nonsense by the own one, to be refused there',
  async (t) => {
    const signed = (payload: unknown): string =>
      `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.y`;
    t.equal(topicOfSigned(signed({ target: { area: 'ap-1' } }), 'cum-01'), 'loa/v1/area/ap-1/command');
    t.equal(topicOfSigned(signed({ target: { group: 'g' } }), 'cum-01'), 'loa/v1/group/g/command');
    for (const strange of [
      signed({ target: { receiver: 'x' } }),
      signed(null),
      signed({ target: 7 }),
      '',
      'a.b',
      'x.%%%.y',
    ])
      t.equal(topicOfSigned(strange, 'cum-01'), 'loa/v1/receiver/cum-01/command', strange);
  },
);
