/**
 * A stranger's text made fit for a log, an event or a terminal: control, format and line-separating characters
 * (Unicode Cc, Cf, Zl, Zp, lone surrogates) become U+FFFD, so that no escape sequence reaches a technician's screen.
 * @param limit longest result, UTF-16 units
 */
export function printable(text: string, limit: number): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD').slice(0, limit);
}
