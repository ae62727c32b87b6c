import type { QuickVerb } from './verb.js';

/** Verbs that only ask the running receiver; each is loaded when it is used, so that a quick one stays quick. */
export const ASKING_VERBS: Readonly<Record<string, () => Promise<QuickVerb>>> = {
  status: async () => (await import('./verbs/status.js')).statusVerb,
  why: async () => (await import('./verbs/why.js')).whyVerb,
  alarms: async () => (await import('./verbs/alarms.js')).alarmsVerb,
  schedule: async () => (await import('./verbs/schedule.js')).scheduleVerb,
  cache: async () => (await import('./verbs/cache.js')).cacheVerb,
  trust: async () => (await import('./verbs/trust.js')).trustVerb,
  link: async () => (await import('./verbs/link.js')).linkVerb,
  top: async () => (await import('./verbs/top.js')).topVerb,
  tone: async () => (await import('./verbs/tone.js')).toneVerb,
  play: async () => (await import('./verbs/play.js')).playVerb,
  permit: async () => (await import('./verbs/permit.js')).permitVerb,
  stop: async () => (await import('./verbs/stop.js')).stopVerb,
  test: async () => (await import('./verbs/test.js')).testVerb,
  update: async () => (await import('./verbs/update.js')).updateVerb,
  safe: async () => (await import('./verbs/safe.js')).safeVerb,
};
