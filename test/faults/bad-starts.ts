import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, type ErrorCode } from '../../agent/core/errors.js';
import { identityFiles, identityFolder } from '../../certs/identity-folder.js';
import { ReceiverProcess } from '../support/receiver-process.js';
import { outcomeOf, startAssigned, type InputBench, type InputProvince } from './input-bench.js';

/** Something wrong with the files of a receiver when it is started. */
export interface BadStart {
  readonly input: string;
  readonly expected: ErrorCode;
  /** The file that it is about. */
  readonly file: 'key' | 'configuration';
  /** Spoils it; `text` is what it holds. */
  readonly spoil: (path: string, text: string) => Promise<void>;
}

/** What an installer may find. */
export const BAD_STARTS: readonly BadStart[] = [
  {
    input: 'a device key that others may read (mode 0644)',
    expected: 'E_IDENTITY_KEY',
    file: 'key',
    spoil: (path) => chmod(path, 0o644),
  },
  {
    input: 'a damaged device key',
    expected: 'E_IDENTITY_KEY',
    file: 'key',
    spoil: (path, text) => writeFile(path, text.replaceAll(/^([A-Za-z0-9+/]{8})/gm, 'AAAAAAAA')),
  },
  {
    input: 'a configuration with an unknown key',
    expected: 'E_CONFIG_KEY',
    file: 'configuration',
    spoil: (path, text) => writeFile(path, JSON.stringify({ ...(JSON.parse(text) as object), volumme: 3 })),
  },
  {
    input: 'a configuration that is not JSON',
    expected: 'E_CONFIG_READ',
    file: 'configuration',
    spoil: (path, text) => writeFile(path, text.slice(0, -10)),
  },
];

/** How a start with a spoilt file went, and the start after it was mended. */
export interface StartFound {
  /** The code on standard error, in both languages the same; otherwise what was there. */
  readonly seen: string;
  /** Cause and remedy of that code stood on standard error, in Vietnamese and in English, and no stack. */
  readonly explained: boolean;
  /**
   * With a spoilt key it ended by itself with exit code 1, with a spoilt configuration it ran by the last good one; and it ran
   * again when the file was mended.
   */
  readonly lived: boolean;
  readonly commandDone: boolean;
}

const RECEIVER = 'cum-02';

/** A receiver that has a receipt to deliver and is not running; the play that the receipt is of. */
export async function stoppedReceiver(
  folder: string,
  bench: InputBench,
  block: (id: string, blocked: boolean) => void,
): Promise<{ readonly receiver: ReceiverProcess; readonly playId: string }> {
  const receiver = await ReceiverProcess.enrol({
    id: RECEIVER,
    folder: join(folder, RECEIVER),
    broker: { host: 'localhost', port: bench.brokerPort },
    settings: { sound: { sink: 'null' } },
    admit: (csrPem) => bench.enrol({ id: RECEIVER, csrPem, home: 'ap-2' }),
  });
  await startAssigned(receiver);
  try {
    const start = await chimeFor(bench);
    await bench.send(start);
    await outcomeOf(bench, start);
    block(RECEIVER, true);
    // The link's alarm and the receipt.
    await receiver.waitFor('its receipt kept', ({ outbox }) => outbox.messages >= 2);
    return { receiver, playId: start.message.body.playId };
  } finally {
    await receiver.stop();
    block(RECEIVER, false);
  }
}

/** Starts a stopped receiver with a spoilt file in both languages, mends it, starts it again, gives it a command. */
export async function startSpoilt(
  receiver: ReceiverProcess,
  bench: InputProvince,
  { file, expected, spoil }: BadStart,
): Promise<StartFound> {
  const state = join(receiver.folder, 'state');
  const path = file === 'key' ? identityFiles(identityFolder(state)).key : receiver.configPath;
  const text = await readFile(path, 'utf8');
  await spoil(path, text);
  const codes = new Set<string>();
  let explained = true;
  let ended = true;
  for (const language of ['vi', 'en'] as const) {
    const { said, asWanted } =
      file === 'key' ? await endsAtOnce(receiver, language) : await runsOn(receiver, language);
    codes.add(/^(E_[A-Z_]+):\s/m.exec(said)?.[1] ?? said.slice(0, 100));
    const { cause, remedy } = explain(expected, language);
    // Its lines are no wider than a terminal's.
    const unwrapped = said.replaceAll(/\n {2,}/g, ' ');
    explained &&= unwrapped.includes(cause) && unwrapped.includes(remedy) && !/^\s+at /m.test(said);
    ended &&= asWanted;
  }
  await writeFile(path, text);
  if (file === 'key') await chmod(path, 0o600);
  await startAssigned(receiver);
  const start = await chimeFor(bench);
  await bench.send(start);
  const commandDone = (await outcomeOf(bench, start)) === 'done';
  await bench.ears.waitFor(
    'receipt',
    ({ message }) => message.body.playId === start.message.body.playId,
    10_000,
  );
  const exitCode = await receiver.stop();
  return { seen: [...codes].join(', '), explained, lived: ended && exitCode === 0, commandDone };
}

interface Started {
  /** On standard error. */
  readonly said: string;
  readonly asWanted: boolean;
}

/** Without its key it is nobody. */
async function endsAtOnce(receiver: ReceiverProcess, language: 'vi' | 'en'): Promise<Started> {
  const { code, stderr } = await receiver.loa(['run', '--lang', language]);
  return { said: stderr, asWanted: code === 1 };
}

/** By the last good configuration it answers, and ends in order when it is told to. */
async function runsOn(receiver: ReceiverProcess, language: 'vi' | 'en'): Promise<Started> {
  const before = receiver.written.length;
  await receiver.start('--lang', language);
  const said = receiver.written.slice(before);
  return { said, asWanted: (await receiver.stop()) === 0 };
}

function chimeFor({ province }: InputProvince): ReturnType<InputProvince['province']['playStart']> {
  return province.playStart('tan-hoa', {
    target: { receiver: RECEIVER },
    source: { kind: 'stored', name: 'chime' },
    title: 'Thử',
    forMs: 10_000,
  });
}
