/**
 * The demo: two receivers of two hamlets, one province, in one command. Leaves sound, receipts, events and a picture,
 * and exits 1 when what was heard does not match.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, type Language } from '../../agent/core/errors.js';
import { createLogger } from '../../agent/logger.js';
import { chooseLanguage } from '../../agent/technician/texts.js';
import { comparisonTable } from '../heard/report.js';
import { readWav } from '../heard/wav.js';
import type { BrokerRefusal } from '../source-system/broker.js';
import { within } from '../support/wait-until.js';
import { timelineSvg, type Lane } from './picture.js';
import { makeReferences } from './references.js';
import { setStage, type FirstSink, type Stage } from './stage.js';
import { Story } from './story.js';
import { Teller } from './teller.js';
import { tell } from './texts.js';
import { EXPECTED_ORDER, judge, wallAtFrame0, type Verdict } from './verdict.js';

/** The story takes some 70 s. */
const STORY_LIMIT_MS = 150_000;
const HAMLETS = ['Ấp 1, xã Tân Hòa', 'Ấp 2, xã Tân Hòa'] as const;

interface DemoOptions {
  readonly out: string;
  readonly play: boolean;
  readonly language: Language;
  readonly ffmpeg: boolean;
}

async function demo(options: DemoOptions): Promise<boolean> {
  const { out, language } = options;
  const teller = new Teller(language, (line) => console.log(line), process.stdout.isTTY);
  await mkdir(out, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'loa-demo-'));
  const refusals: BrokerRefusal[] = [];
  try {
    const stage = await setStage({ folder, out, first: firstSink(options), log: createLogger('error') });
    stage.source.broker.onRefused((refusal) => refusals.push(refusal));
    teller.step('province');
    for (const { id } of stage.receivers) teller.receiver(id, 'enrolled');
    try {
      await within('the end of the story', new Story(stage, teller).tell(), STORY_LIMIT_MS);
      for (const receiver of stage.receivers) await receiver.stop();
      teller.step('judging');
      return await conclude(stage, teller, refusals, options);
    } catch (error) {
      for (const { id, written } of stage.receivers) await writeFile(join(out, `${id}.log`), written);
      throw error;
    } finally {
      await stage.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function conclude(
  stage: Stage,
  teller: Teller,
  refusals: readonly BrokerRefusal[],
  options: DemoOptions,
): Promise<boolean> {
  const { out, ffmpeg, language } = options;
  const { ears } = stage.source;
  const references = await makeReferences(stage, out, ffmpeg);
  const lanes: Lane[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, { id, written }] of stage.receivers.entries()) {
    await writeFile(join(out, `${id}.log`), written);
    const receipts = ears.receipts.filter((one) => one.receiver === id).map((one) => one.message.body);
    const path = stage.heardPaths[index];
    const heard = path === undefined ? undefined : (await readWav(path)).samples;
    const startMs = wallAtFrame0(receipts);
    lanes.push({
      receiver: id,
      hamlet: HAMLETS[index] ?? '',
      receipts,
      heard: heard && { samples: heard, startMs },
    });
    if (heard !== undefined) {
      verdicts.push(
        judge({ receiver: id, heard, receipts, references, expected: EXPECTED_ORDER[index] ?? [] }),
      );
    }
  }
  const faults = [...verdicts.flatMap(prefixed), ...reportFaults(stage, refusals)];
  await writeFile(
    join(out, 'receipts.json'),
    json({ ...(await ears.records(stage.source.ca.anchorsPem)), receipts: ears.receipts }),
  );
  await writeFile(join(out, 'events.json'), json({ receivers: ears.events, province: refusals }));
  await writeFile(
    join(out, 'telemetry.ndjson'),
    ears.telemetry.map((one) => `${JSON.stringify(one.message)}\n`).join(''),
  );
  await writeFile(join(out, 'timeline.svg'), timelineSvg(lanes, teller.marks));
  await writeFile(join(out, 'verdict.json'), json({ verdicts, faults }));
  print(verdicts, faults, language, out);
  return faults.length === 0;
}

function prefixed({ receiver, faults }: Verdict): string[] {
  return faults.map((fault) => `${receiver}: ${fault}`);
}

/** What the province must have been told: refusals of both receivers, the outage, signed records without a gap. */
function reportFaults(stage: Stage, refusals: readonly BrokerRefusal[]): string[] {
  const { ears } = stage.source;
  const faults: string[] = [];
  const told = (receiver: string, kind: string, code: (code: string) => boolean): boolean =>
    ears.events.some(
      ({ receiver: who, message: { body } }) => who === receiver && body.kind === kind && code(body.code),
    );
  for (const { id } of stage.receivers) {
    for (const code of ['E_SIGNATURE_KEY', 'E_COMMAND_REPLAY', 'E_AUTHORITY_AREA']) {
      if (!told(id, 'security', (one) => one === code)) faults.push(`${id} did not report ${code}`);
    }
  }
  const away = stage.receivers[1].id;
  if (!told(away, 'cleared', (code) => code.startsWith('E_LINK')))
    faults.push(`${away} did not report its outage`);
  if (!told(away, 'security', (code) => code === 'E_COMMAND_EXPIRED'))
    faults.push(`${away} did not refuse the late command`);
  if (!refusals.some(({ what }) => what === 'tls'))
    faults.push('the broker did not report the foreign certificate');
  for (const { topic, refusal } of ears.disbelieved)
    faults.push(`${topic}: ${refusal.code} ${refusal.detail}`);
  for (const { receiver, chain } of [...ears.receipts, ...ears.events]) {
    if (chain === 'gap') faults.push(`a gap in the records of ${receiver}`);
  }
  return faults;
}

function print(
  verdicts: readonly Verdict[],
  faults: readonly string[],
  language: Language,
  out: string,
): void {
  for (const { receiver, spans, quietDb, rejoinMs } of verdicts) {
    console.log(`\n${receiver}`);
    console.log(comparisonTable(spans.map(({ name, comparison }) => [name, comparison])));
    const rejoin = rejoinMs === undefined ? '' : `; live stream rejoined within ${rejoinMs.toFixed(2)} ms`;
    const quiet = Number.isFinite(quietDb) ? `${quietDb.toFixed(1)} dBFS at most` : 'digital silence';
    console.log(`elsewhere: ${quiet}${rejoin}`);
  }
  console.log('');
  for (const fault of faults) console.log(`  ${fault}`);
  console.log(tell(faults.length === 0 ? 'right' : 'wrong', language));
  console.log(`${tell('files', language)} ${out}`);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function firstSink({ play, out }: DemoOptions): FirstSink {
  if (!play) return { sink: 'file', device: join(out, 'heard-1.wav') };
  return { sink: has('aplay') ? 'alsa' : 'speaker', device: 'default' };
}

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'demo-out' },
    play: { type: 'boolean', default: false },
    lang: { type: 'string' },
  },
});
const options: DemoOptions = {
  out: resolve(values.out),
  play: values.play,
  language: chooseLanguage(values.lang, process.env, 'en'),
  ffmpeg: spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).error === undefined,
};
console.log(tell('title', options.language));
if (!options.ffmpeg) console.log(tell('noFfmpeg', options.language));
if (options.play) console.log(tell('playing', options.language));
try {
  process.exitCode = (await demo(options)) ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
