import { pino, type Logger } from 'pino';
import type { Log } from './core/log.js';

/**
 * The log: one JSON object a line on standard output, read by journald. What is named like a secret is left out even
 * if a module should pass it by mistake.
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  return pino({
    level,
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['key', 'keyPem', 'passphrase', 'token', 'password', '*.key', '*.keyPem'],
      remove: true,
    },
  }) satisfies Logger;
}
