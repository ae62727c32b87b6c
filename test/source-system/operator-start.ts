import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { LoaError, messageOf } from '../../agent/core/errors.js';
import { heardLine } from './heard-line.js';
import { ended, readInput, type Desk } from './operator-verbs.js';
import { startSourceSystem, type SourceSystem } from './source-system.js';

const SPEECH_FOLDER = 'test/fixtures/speech';

/** `start`: runs the source system until it is told to end. */
export async function start({ args, folder, clock, log, signal, say }: Desk): Promise<void> {
  const system = await startSourceSystem({
    ...{ folder: folder.path, clock, log },
    ports: {
      broker: args.number('broker-port', 0, 65_535) ?? 0,
      media: args.number('media-port', 0, 65_535) ?? 0,
      mirror: args.number('mirror-port', 0, 65_535) ?? 0,
    },
  });
  try {
    const urls = await addStreams(system, args.list('live'), say);
    system.broker.onRefused(({ what, peer, reason }) => say(`refused (${what}) ${peer}: ${reason}`));
    system.ears.onMessage((heard) => say(heardLine(heard)));
    for (const line of introduction(system, urls)) say(line);
    await ended(signal);
  } finally {
    await system.close();
  }
}

async function addStreams(
  system: SourceSystem,
  asked: readonly string[],
  say: (line: string) => void,
): Promise<string[]> {
  const urls: string[] = [];
  for (const text of asked) {
    const [, name, file] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || file === undefined)
      throw new LoaError('E_USAGE', `--live NAME=FILE, not ${text}`);
    urls.push(system.media.addLive(name, await readInput(file)).url);
  }
  if (asked.length > 0) return urls;
  const found = await readdir(SPEECH_FOLDER).catch(() => [] as string[]);
  for (const file of found.filter((one) => ['.mp3', '.aac'].includes(extname(one)))) {
    try {
      const name = basename(file, extname(file));
      urls.push(system.media.addLive(name, await readInput(join(SPEECH_FOLDER, file))).url);
    } catch (error) {
      say(`Not served live: ${file}: ${messageOf(error)}`);
    }
  }
  return urls;
}

function introduction(system: SourceSystem, urls: readonly string[]): string[] {
  const { folder, endpoints, province } = system;
  return [
    `Province in        ${folder.path}`,
    `MQTT broker        ${endpoints.broker}  (MQTT 3.1.1, mutual TLS)`,
    `Media server       ${endpoints.media}`,
    `EST server         ${system.est.url}  (renewals of the receivers enrolled here)`,
    `Mirror             ${system.mirror.url}  (setting mirror.url of a receiver)`,
    ...urls.map((url) => `Live stream        ${url}`),
    `Root fingerprint   ${province.rootFingerprint}`,
    '',
    'To enrol a receiver, bring its certificate request and run, in another terminal:',
    `  npm run source -- enrol --id rx-1 --csr rx-1.csr --home ap-1 --out rx-1/ --dir ${folder.path}`,
    'To let it speak:',
    `  npm run source -- play --stored chime --area ap-1 --dir ${folder.path}`,
    'Ctrl-C ends.',
    '',
  ];
}
