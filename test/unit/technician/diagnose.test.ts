import t from 'tap';
import { explain, type ErrorCode } from '../../../agent/core/errors.js';
import { CHAIN } from '../../../agent/technician/diagnose/chain.js';
import { firstFault, judgeAll } from '../../../agent/technician/diagnose/check.js';
import type { Facts } from '../../../agent/technician/diagnose/facts.js';
import { changesText, fullText, summaryText } from '../../../agent/technician/diagnose/report-text.js';
import { parseControls } from '../../../agent/technician/diagnose/sound-probes.js';
import { BUILT_MS } from '../../../agent/technician/diagnose/collect.js';
import { DIAGNOSIS_TEXTS } from '../../../agent/core/diagnosis-texts.js';
import type { Status } from '../../../agent/technician/status.js';
import { hardwareOf } from '../../../agent/technician/hardware-told.js';

const nowMs = Date.parse('2026-11-23T05:00:00Z');
const well: Facts = {
  ...{ nowMs, builtMs: BUILT_MS },
  certificate: { kind: 'ok', receiver: 'cum-01', daysLeft: 200, notAfter: '2027-06-01T00:00:00Z' },
  program: { kind: 'stopped', crashes: 0, detail: 'ENOENT' },
};

function named(facts: Partial<Facts>): ErrorCode | undefined {
  return firstFault(judgeAll(CHAIN, { ...well, ...facts }))?.verdict.code;
}

t.test('with nothing known but a stopped program, that is named, and nothing else is guessed', async (t) => {
  const judged = judgeAll(CHAIN, well);
  t.equal(firstFault(judged)?.verdict.code, 'E_PROGRAM_STOPPED');
  const kinds = judged
    .filter(({ id }) => !['clock', 'certificate', 'program'].includes(id))
    .map(({ verdict }) => verdict.kind);
  t.same([...new Set(kinds)].sort(), ['skipped', 'unknown']);
});

t.test('a cause before it in the chain goes before a stopped program', async (t) => {
  t.equal(named({ disk: { freeMb: 0 } }), 'E_DISK_FULL');
  t.equal(named({ nowMs: 60_000 }), 'E_CLOCK_WRONG');
  t.equal(named({ config: { kind: 'failed', code: 'E_CONFIG_KEY', detail: 'x' } }), 'E_CONFIG_KEY');
});

t.test('what is broken is named before what is only weak, wherever they stand', async (t) => {
  const facts: Partial<Facts> = { power: { mainsLost: true } };
  t.equal(named(facts), 'E_PROGRAM_STOPPED');
  const judged = judgeAll(CHAIN, { ...well, ...facts }).filter(({ id }) => id === 'power');
  t.equal(firstFault(judged)?.verdict.code, 'E_MAINS_LOST');
});

t.test('a link that hangs on a broken one is passed over, not blamed', async (t) => {
  const broker = {
    ...({ host: 'x', port: 1 } as const),
    dns: { kind: 'failed', code: 'E_LINK_DNS', detail: '' },
    tcp: { kind: 'failed', code: 'E_LINK_CONNECT', detail: '' },
  } as const;
  const judged = judgeAll(CHAIN, { ...well, broker });
  const of = (id: string) => judged.find((one) => one.id === id)?.verdict.kind;
  t.same(
    [of('dns'), of('tcp'), of('tls'), of('login'), of('rights')],
    ['broken', 'skipped', 'skipped', 'skipped', 'skipped'],
  );
});

t.test(
  'a program that crashed three times within ten minutes loops, whether it answers at the moment or not',
  async (t) => {
    t.equal(named({ program: { kind: 'stopped', crashes: 3, detail: '' } }), 'E_PROGRAM_LOOPS');
    t.equal(named({ program: { kind: 'running', crashes: 3 } }), 'E_PROGRAM_LOOPS');
    t.equal(named({ program: { kind: 'hung', crashes: 2, detail: '' } }), 'E_PROGRAM_HUNG');
  },
);

t.test(
  'the summary fits a terminal of 80 × 24 in both languages, whatever the fault, and gives its whole remedy',
  async (t) => {
    const codes = Object.keys(DIAGNOSIS_TEXTS) as ErrorCode[];
    for (const language of ['vi', 'en'] as const) {
      for (const code of codes) {
        const facts = { ...well, config: { kind: 'failed', code, detail: 'đ'.repeat(300) } } as const;
        const text = summaryText({ judged: judgeAll(CHAIN, facts), facts, tookMs: 59_999 }, language);
        const lines = text.split('\n');
        t.ok(lines.length <= 23, `${code} ${language}: ${lines.length} lines`);
        t.equal(
          lines.find((line) => [...line].length > 80),
          undefined,
          `${code} ${language}`,
        );
        t.ok(text.replaceAll('\n', ' ').includes(explain(code, language).remedy), `${code} ${language}`);
      }
    }
  },
);

t.test('every certificate that the server showed stands in the full text', async (t) => {
  const shown = [
    { subject: 'mqtt\u001b[2J', issuer: 'CA', notAfter: '2027-01-01T00:00:00Z', sha256: 'ab'.repeat(32) },
  ];
  const facts = { ...well, broker: { host: 'x', port: 1, shown } };
  const text = fullText({ judged: judgeAll(CHAIN, facts), facts, tookMs: 1 }, 'en');
  t.match(text, /TLS 1: mqtt.* < CA, 2027-01-01/);
  t.ok(text.includes('ab'.repeat(16)));
  t.notMatch(text, '\u001b');
});

t.test('what has changed since an earlier run is told, and nothing else', async (t) => {
  const before = judgeAll(CHAIN, well);
  t.same(changesText(before, before, 'vi'), []);
  const [line = '', ...more] = changesText(
    before,
    judgeAll(CHAIN, { ...well, volume: { normalDb: -40, priorityDb: 0 } }),
    'vi',
  );
  t.match(line, /^\[\?\] -> \[X\] Âm lượng .*E_VOLUME_ZERO/);
  t.equal(more.length, 0);
});

t.test(
  'a mixer control is muted where all its channels are off; capture and beepers do not count',
  async (t) => {
    const text = [
      "Simple mixer control 'Master',0",
      '  Capabilities: pvolume pswitch',
      '  Front Left: Playback 40 [50%] [on]',
      '  Front Right: Playback 40 [50%] [off]',
      "Simple mixer control 'Speaker',0",
      '  Capabilities: pvolume pswitch',
      '  Mono: Playback 0 [0%] [off]',
      "Simple mixer control 'Mic',0",
      '  Capabilities: cvolume cswitch',
      '  Mono: Capture 0 [0%] [off]',
      "Simple mixer control 'Beep',0",
      '  Capabilities: pvolume pswitch',
      '  Mono: Playback 0 [0%] [off]',
    ].join('\n');
    t.same(parseControls(text), [
      { name: 'Master', muted: false, percent: 50 },
      { name: 'Speaker', muted: true, percent: 0 },
    ]);
  },
);

t.test(
  'a modem that is dead beside a cable that works is to be mended, and nothing hangs on it',
  async (t) => {
    const program = {
      kind: 'running',
      crashes: 0,
      status: { link: { kind: 'up' }, certificate: { daysLeft: 90 }, refused: {} } as unknown as Status,
    } as const;
    const sim = (facts: Partial<Facts>) =>
      judgeAll(CHAIN, { ...well, hardware: { modem: { gone: true } }, ...facts }).find(
        ({ id }) => id === 'sim',
      )?.verdict;
    t.match(sim({ program }), { kind: 'weak', code: 'E_MODEM_GONE' });
    t.match(sim({}), { kind: 'broken', code: 'E_MODEM_GONE' });
  },
);

t.test('a fault that the amplifier tells by its code keeps that code and its remedy', async (t) => {
  const verdict = (fault: string) =>
    judgeAll(CHAIN, { ...well, hardware: { amplifier: { state: 'off', fault } } }).find(
      ({ id }) => id === 'amplifier',
    )?.verdict;
  t.match(verdict('E_AMPLIFIER_UNDERVOLTAGE'), { kind: 'broken', code: 'E_AMPLIFIER_UNDERVOLTAGE' });
  t.match(verdict('relay 2 does not close'), { kind: 'broken', code: 'E_AMPLIFIER_FAULT' });
});

t.test('what board and modem tell is taken where it is understood, and left out where not', async (t) => {
  t.same(
    hardwareOf({ mains: false, modem: { state: 'registered', sim: 'ready', rsrpDbm: -99 }, line: 'open' }),
    {
      mainsLost: true,
      modem: { sim: 'ready', registered: true, attached: false, signalDbm: -99 },
      line: 'open',
    },
  );
  t.same(hardwareOf({ modem: { sim: 'missing' } }), { modem: { sim: 'absent' } });
  t.same(hardwareOf({ modem: 'gone' }), { modem: { gone: true } });
  t.same(
    hardwareOf({
      ...{ supply: { v: 10.4, state: 'low' }, battery: { state: 'between' }, fan: { rpm: 0, failed: true } },
      temperatures: [
        { name: 'cpu', c: 55, highC: 80 },
        { name: 'amplifier', c: 74, highC: 70 },
      ],
    }),
    { supplyLow: true, batteryLow: false, hot: 'amplifier 74 °C', fanFailed: true },
  );
  for (const strange of [null, 'x', 3, [], { mains: 'yes', line: 7 }]) t.same(hardwareOf(strange), {});
});
