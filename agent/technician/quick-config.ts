import { readFileSync } from 'node:fs';
import type { QuickConfig } from './verb.js';

/** Those of the settings that are not in the file: the same as in `SETTINGS`, which a test compares. */
export const QUICK_DEFAULTS: QuickConfig = {
  socketPath: '/run/loa/loa.sock',
  stateFolder: '/var/lib/loa',
  language: 'vi',
};

/**
 * The settings by which a running receiver is asked, read without the machinery that checks all of them: that costs as much as Node's
 * own start. Undefined where the file is not plainly right: then the long way tells what is wrong with it.
 */
export function quickConfig(path: string | undefined): QuickConfig | undefined {
  if (path === undefined) return QUICK_DEFAULTS;
  try {
    const given: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
    const { socketPath, stateFolder, language } = { ...QUICK_DEFAULTS, ...given } as Record<
      keyof QuickConfig,
      unknown
    >;
    if (typeof socketPath !== 'string' || typeof stateFolder !== 'string') return undefined;
    return language === 'vi' || language === 'en' ? { socketPath, stateFolder, language } : undefined;
  } catch {
    return undefined;
  }
}
