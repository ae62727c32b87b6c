import { LoaError } from '../../core/errors.js';

/** Reads `--NAME YYYY-MM-DD` for each of some names. @throws LoaError `E_USAGE` for anything else, or no such date */
export function dayArguments(
  args: readonly string[],
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = {};
  for (let i = 0; i < args.length; i += 2) {
    const name = (args[i] ?? '').replace(/^--/, '');
    const date = args[i + 1];
    if (!names.includes(name) || !(args[i] ?? '').startsWith('--'))
      throw new LoaError('E_USAGE', `not understood: ${args[i] ?? ''}`);
    if (date === undefined || !isDate(date))
      throw new LoaError('E_USAGE', `--${name} wants a date, YYYY-MM-DD`);
    found[name] = date;
  }
  return found;
}

/** True for a date that there is, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text);
}
