import { ASKING_VERBS } from './asking-verbs.js';
import type { QuickVerb, Verb } from './verb.js';

/** Verbs that need few settings. */
export const QUICK_VERBS: Readonly<Record<string, () => Promise<QuickVerb>>> = {
  ...ASKING_VERBS,
  log: async () => (await import('./verbs/log.js')).logVerb,
  completion: async () => (await import('./verbs/completion.js')).completionVerb,
  man: async () => (await import('./verbs/man.js')).manVerb,
};

/** Verbs that need every setting. */
export const OTHER_VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  diagnose: async () => (await import('./verbs/diagnose.js')).diagnoseVerb,
  receipts: async () => (await import('./verbs/receipts.js')).receiptsVerb,
  report: async () => (await import('./verbs/report.js')).reportVerb,
  volume: async () => (await import('./verbs/volume.js')).volumeVerb,
  board: async () => (await import('./verbs/board.js')).boardVerb,
  accept: async () => (await import('./verbs/accept.js')).acceptVerb,
  calibrate: async () => (await import('./verbs/calibrate.js')).calibrateVerb,
  config: async () => (await import('./verbs/config.js')).configVerb,
  certificate: async () => (await import('./verbs/certificate.js')).certificateVerb,
  install: async () => (await import('./verbs/install.js')).installVerb,
  support: async () => (await import('./verbs/support.js')).supportVerb,
  'factory-reset': async () => (await import('./verbs/factory-reset.js')).factoryResetVerb,
  run: async () => (await import('./verbs/run.js')).runVerb,
};

/** The order in which help, manual and completion name them: what a technician uses first comes first. */
export const VERB_NAMES: readonly string[] = [
  ...['status', 'diagnose', 'why', 'alarms', 'top', 'link', 'log'],
  ...['schedule', 'receipts', 'report', 'cache', 'trust', 'volume'],
  ...['tone', 'play', 'permit', 'stop', 'test', 'board', 'calibrate', 'accept', 'safe', 'update'],
  ...['install', 'certificate', 'config', 'support', 'factory-reset'],
  ...['completion', 'man', 'run'],
];

/** A verb by its name; undefined where there is none. */
export async function verbOf(name: string): Promise<Pick<Verb, 'summary' | 'usage'> | undefined> {
  if (Object.hasOwn(QUICK_VERBS, name)) return QUICK_VERBS[name]?.();
  return Object.hasOwn(OTHER_VERBS, name) ? OTHER_VERBS[name]?.() : undefined;
}
