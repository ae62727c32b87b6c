/** A schedule message around a body, before it is parsed: defaults of the schema are not filled in. */
export function scheduleOf(body: Record<string, unknown>, revision = 1): Record<string, unknown> {
  return {
    type: 'schedule',
    authority: 'x',
    slot: { area: 'a' },
    revision,
    epoch: 0,
    issuedAt: '2026-01-01T00:00:00+07:00',
    body,
  };
}
