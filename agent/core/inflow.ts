/** How much may come in, on average and at once. */
export interface InflowLimits {
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly bytesPerSecond: number;
  readonly byteBurst: number;
}

/** Two buckets that fill with time. Instants are monotonic milliseconds. */
export interface InflowState {
  readonly messages: number;
  readonly bytes: number;
  readonly atMs: number;
}

/** Full buckets. */
export function inflowStart(nowMs: number, limits: InflowLimits): InflowState {
  return { messages: limits.messageBurst, bytes: limits.byteBurst, atMs: nowMs };
}

/**
 * Takes a piece that has been read already. Pure.
 * @returns how long to read nothing now, milliseconds; 0 where there is room
 */
export function inflow(
  state: InflowState,
  piece: { readonly messages: number; readonly bytes: number },
  nowMs: number,
  limits: InflowLimits,
): { readonly state: InflowState; readonly waitMs: number } {
  const elapsedS = Math.max(0, nowMs - state.atMs) / 1000;
  const messages =
    Math.min(limits.messageBurst, state.messages + elapsedS * limits.messagesPerSecond) - piece.messages;
  const bytes = Math.min(limits.byteBurst, state.bytes + elapsedS * limits.bytesPerSecond) - piece.bytes;
  const waitMs = 1000 * Math.max(0, -messages / limits.messagesPerSecond, -bytes / limits.bytesPerSecond);
  return { state: { messages, bytes, atMs: nowMs }, waitMs: Math.ceil(waitMs) };
}
