import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acceptanceAnswer, type AcceptanceAnswer } from '../../agent/technician/accept/acceptance-answer.js';
import { ACCEPTANCE_ITEMS, type AcceptanceItem } from '../../agent/technician/accept/acceptance-record.js';
import type { TrustView } from '../../agent/technician/trust-view.js';
import { signMessage, TYP } from '../../protocols/signed-message.js';
import { startSourceSystem, type SourceSystem } from '../source-system/source-system.js';
import { signerOfPem } from '../support/device-signer.js';
import { KeptLog } from '../support/kept-log.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { waitUntil } from '../support/wait-until.js';

const RECEIVER = 'rx-1';

/** What `loa accept` was found to do on a running receiver. */
export interface OnSite {
  /** Its exit codes: without anybody asked, and with a script's yes to all while the mains were cut. */
  readonly codes: readonly (number | null)[];
  readonly unasked: AcceptanceAnswer;
  readonly scripted: AcceptanceAnswer;
  /** Exit code and answer of `--verify` on what it left. */
  readonly verified: number | null;
  /** Altered records, by what was altered: the code that each is refused with, undefined where one was accepted. */
  readonly altered: Readonly<Record<string, string | undefined>>;
  /** The province heard of each record by its digest. */
  readonly told: boolean;
  /** Names of what it left in its state folder. */
  readonly left: readonly string[];
  /** No line of the key's text is in what it left or said. */
  readonly keySafe: boolean;
}

/**
 * Runs `loa accept` beside the real program, connected to a province, on a tree of files in which the mains go and come back. The sink
 * leads nowhere, so that a script's "heard" must not count.
 */
export async function acceptOnSite(folder: string): Promise<OnSite> {
  const source = await startSourceSystem({ folder: join(folder, 'province'), log: new KeptLog() });
  const mains = join(folder, 'sys', 'class', 'power_supply', 'ac');
  await mkdir(mains, { recursive: true });
  await writeFile(join(mains, 'type'), 'Mains\n');
  await writeFile(join(mains, 'online'), '1\n');
  const receiver = await ReceiverProcess.enrol({
    ...{ id: RECEIVER, folder: join(folder, RECEIVER) },
    broker: { host: 'localhost', port: source.broker.port },
    settings: { sound: { sink: 'null' }, sensors: { sysFolder: join(folder, 'sys') } },
    admit: (csrPem) => source.enrol({ id: RECEIVER, csrPem, home: 'ap-1' }),
  });
  try {
    await receiver.start();
    return await tried(source, receiver, join(mains, 'online'));
  } finally {
    await receiver.stop();
    await source.close();
  }
}

async function tried(source: SourceSystem, receiver: ReceiverProcess, online: string): Promise<OnSite> {
  await receiver.waitFor(
    'connected and assigned',
    (one) => one.link.kind === 'up' && one.assignment !== undefined,
  );
  await waitUntil('the time is confirmed', async () => {
    const { stdout } = await receiver.loa(['trust', '--json']);
    return (JSON.parse(stdout) as TrustView).clock === 'trusted';
  });
  const first = await receiver.loa(['accept', '--json']);
  const unasked = answerOf(first);
  await mainsCut(source, online);
  const answers = await receiver.file('answers.json', '{"heard":true,"mainsCut":true,"line":true}');
  const second = await receiver.loa(['accept', '--answers', answers, '--json']);
  const scripted = answerOf(second);
  const told = await heardOf(source, [unasked.digest, scripted.digest]);
  const kept = scripted.file ?? '';
  const { code: verified } = await receiver.loa(['accept', '--verify', kept, '--json']);
  const left = await readdir(join(receiver.folder, 'state', 'acceptance'));
  return {
    ...{ codes: [first.code, second.code], unasked, scripted, verified, told, left },
    altered: await alteredOnes(receiver, scripted),
    keySafe: await keySafe(receiver, [first.stdout, second.stdout, await readFile(kept, 'utf8')]),
  };
}

function answerOf({ stdout, stderr }: { stdout: string; stderr: string }): AcceptanceAnswer {
  const answer = acceptanceAnswer.safeParse(JSON.parse(stdout === '' ? '{}' : stdout));
  if (!answer.success) throw new Error(`no record: ${stderr.slice(0, 300)}`);
  return answer.data;
}

/** The mains go until the province knows, and come back. */
async function mainsCut(source: SourceSystem, online: string): Promise<void> {
  const lost = source.ears.waitFor('event', ({ message }) => message.body.code === 'E_MAINS_LOST', 20_000);
  await writeFile(online, '0\n');
  await lost;
  await writeFile(online, '1\n');
  // Looked at once a second.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
}

async function heardOf(source: SourceSystem, digests: readonly string[]): Promise<boolean> {
  const heard = digests.map((digest) =>
    source.ears.waitFor(
      'event',
      ({ message: { body } }) => body.code === 'N_ACCEPTANCE' && body.fields?.['record'] === digest,
      75_000,
    ),
  );
  return Promise.all(heard).then(
    () => true,
    () => false,
  );
}

/** Records that were altered in one way each, shown to `--verify`. */
async function alteredOnes(
  receiver: ReceiverProcess,
  { jws, certificatePem, record }: AcceptanceAnswer,
): Promise<Record<string, string | undefined>> {
  const [header = '', , signature = ''] = jws.split('.');
  const passed = record.items.map((item) => ({ ...item, verdict: 'passed' }));
  const better = Buffer.from(JSON.stringify({ ...record, items: passed })).toString('base64url');
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const signer = await signerOfPem(stranger.export({ type: 'pkcs8', format: 'pem' }) as string);
  const own = await signerOfPem(
    await readFile(join(receiver.folder, 'state', 'identity', 'device.key'), 'utf8'),
  );
  const forged: Record<string, string> = {
    'a verdict changed': `${header}.${better}.${signature}`,
    'signed by a stranger': await signMessage({ ...record, items: passed }, TYP.acceptance, signer),
    'a receipt in its place': await signMessage(record, TYP.receipt, own),
    'another receiver named': await signMessage({ ...record, receiver: 'rx-2' }, TYP.acceptance, own),
  };
  const found: Record<string, string | undefined> = {};
  for (const [name, text] of Object.entries(forged)) {
    const path = await receiver.file('altered.json', JSON.stringify({ jws: text, certificatePem }));
    const { code, stdout } = await receiver.loa(['accept', '--verify', path, '--json']);
    found[name] = code === 0 ? undefined : (JSON.parse(stdout) as { code: string }).code;
  }
  return found;
}

async function keySafe(receiver: ReceiverProcess, texts: readonly string[]): Promise<boolean> {
  const pem = await readFile(join(receiver.folder, 'state', 'identity', 'device.key'), 'utf8');
  const lines = pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
  // The first line of PKCS#8 is the same for every P-256 key.
  return [...texts, receiver.written].every((text) => !lines.slice(1).some((line) => text.includes(line)));
}

/** Items of both records that contradict what was tried here, one line each. Pure. */
export function wronglyJudged({ unasked, scripted }: Pick<OnSite, 'unasked' | 'scripted'>): string[] {
  const wanted: Readonly<Record<AcceptanceItem['id'], readonly [string, string]>> = {
    identity: ['passed', 'passed'],
    trust: ['passed', 'passed'],
    link: ['passed', 'passed'],
    hours: ['passed or not tried', 'passed or not tried'],
    path: ['passed', 'passed'],
    sound: ['not tried', 'not tried'],
    line: ['not tried', 'not tried'],
    amplifier: ['not tried', 'not tried'],
    power: ['not tried', 'passed'],
  };
  return [unasked, scripted].flatMap(({ record }, at) =>
    ACCEPTANCE_ITEMS.flatMap((id) => {
      const item = record.items.find((one) => one.id === id);
      const want = wanted[id][at === 0 ? 0 : 1];
      return item !== undefined && want.includes(item.verdict)
        ? []
        : [`${id}: ${item?.verdict ?? 'absent'} (${item?.reason ?? ''}), not ${want}`];
    }),
  );
}
