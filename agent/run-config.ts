import { dirname, join } from 'node:path';
import { checkConfig, readConfig, SETTINGS, type Config } from './config.js';
import { readKept, writeKept } from './core/kept-file.js';
import { codeOf, messageOf, type ErrorCode } from './core/errors.js';
import { readIfPresent } from './core/atomic-file.js';

/** A configuration to run with, whatever the file says. */
export interface RunConfig {
  readonly config: Config;
  /** `good`: the last one that was well; `defaults`: those built in. */
  readonly from: 'file' | 'good' | 'defaults';
  /** Why the file is not in force; undefined where it is. */
  readonly trouble?: { readonly code: ErrorCode; readonly detail: string };
}

/**
 * The configuration to run with: the file, where that cannot be used the last one that could, otherwise what is built in. A
 * receiver whose settings were spoilt must still let an emergency be heard.
 * @param env `STATE_DIRECTORY` and `RUNTIME_DIRECTORY` as systemd.exec(5) gives them: where state and socket are by default
 */
export async function readRunConfig(path: string | undefined, env: NodeJS.ProcessEnv): Promise<RunConfig> {
  try {
    return { config: readConfig(path), from: 'file' };
  } catch (error) {
    const trouble = { code: codeOf(error), detail: messageOf(error).slice(0, 250) };
    for (const kept of goodPaths(path, env)) {
      const { text } = await readKept(kept, (found) => void checkConfig(JSON.parse(found)));
      if (text !== undefined) return { config: checkConfig(JSON.parse(text)), from: 'good', trouble };
    }
    return { config: builtIn(env), from: 'defaults', trouble };
  }
}

/** Keeps a configuration that a receiver has started with, where it is news. Never throws: the disk may be full. */
export async function keepGoodConfig(path: string | undefined, env: NodeJS.ProcessEnv): Promise<void> {
  if (path === undefined) return;
  const text = await readIfPresent(path).catch(() => undefined);
  if (text === undefined) return;
  for (const kept of goodPaths(path, env)) {
    try {
      const { text: before } = await readKept(kept, () => undefined);
      if (before?.trimEnd() !== text.trimEnd()) await writeKept(kept, text, 0o600);
      return;
    } catch {
      // The next place: who runs the receiver may not write beside its configuration.
    }
  }
}

/** The state folder that the service manager gives, then beside the file. */
function goodPaths(path: string | undefined, env: NodeJS.ProcessEnv): string[] {
  const state = env['STATE_DIRECTORY']?.split(':')[0];
  return [
    ...(state === undefined ? [] : [join(state, 'loa.json.good')]),
    ...(path === undefined ? [] : [join(dirname(path), '.loa.json.good')]),
  ];
}

function builtIn(env: NodeJS.ProcessEnv): Config {
  const [state, runtime] = [env['STATE_DIRECTORY'], env['RUNTIME_DIRECTORY']].map(
    (one) => one?.split(':')[0],
  );
  return checkConfig({
    stateFolder: state ?? SETTINGS.stateFolder.default,
    socketPath: runtime === undefined ? SETTINGS.socketPath.default : join(runtime, 'loa.sock'),
  });
}
