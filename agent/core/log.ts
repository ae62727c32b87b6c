/** What a module may write to the log: objects first, no secrets, no payloads. pino satisfies it. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
  child(bindings: { module: string }): Log;
}
