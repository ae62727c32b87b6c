import { pino, type Logger } from 'pino';
import type { Log } from './core/log.js';

/** What waits for a reader that has stopped reading, bytes; what does not fit is let go. */
const WAITING_LIMIT_BYTES = 1 << 20;

/**
 * The log: one JSON object a line on standard output, read by journald. What is named like a secret is left out even
 * if a module should pass it by mistake. Nothing waits for it, and what waits is bounded: journald writes
 * to the disk, and hangs with it.
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: ['key', 'keyPem', 'passphrase', 'token', 'password', '*.key', '*.keyPem'],
      remove: true,
    },
  };
  const out = pino.destination({ dest: 1, sync: false, maxLength: WAITING_LIMIT_BYTES });
  return pino(options, out) satisfies Logger;
}
