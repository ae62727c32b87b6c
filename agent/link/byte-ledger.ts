/** What bytes were for. `telemetry` is every message on the link, up and down. */
export const PURPOSES = ['stream', 'media', 'telemetry', 'handshake', 'keepalive', 'update'] as const;
/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number];

/** Bytes in both directions, TCP payload, and what an operator bills for them. */
export interface Bytes {
  readonly received: number;
  readonly sent: number;
  readonly billed: number;
}

/** A piece that has crossed the network at once. */
export interface Piece {
  readonly purpose: Purpose;
  /** Name of the interface: `eth0`, `wwan0`. */
  readonly network: string;
  readonly day: string;
  readonly received: number;
  readonly sent: number;
}

/** Bytes by network interface and purpose. */
export type ByteTable = Readonly<Record<string, Readonly<Partial<Record<Purpose, Bytes>>>>>;

/** The account of a receiver: of one day, and since it was first started. Plain JSON. */
export interface ByteAccount {
  /** The day in force, UTC+7, `2026-11-23`. */
  readonly day: string;
  readonly today: ByteTable;
  readonly total: ByteTable;
}

/** Nothing yet. */
export const NO_BYTES: ByteAccount = { day: '', today: {}, total: {} };

/** Interfaces that are counted apart; what is on further ones is counted as `other`. */
const INTERFACE_LIMIT = 8;

/** The account after some bytes have crossed. A new day begins at nothing. */
export function charged(account: ByteAccount, piece: Piece): ByteAccount {
  const today = piece.day === account.day ? account.today : {};
  return { day: piece.day, today: added(today, piece), total: added(account.total, piece) };
}

function added(table: ByteTable, piece: Piece): ByteTable {
  const known = Object.hasOwn(table, piece.network) || Object.keys(table).length < INTERFACE_LIMIT;
  const name = known ? piece.network : 'other';
  const before = table[name]?.[piece.purpose] ?? { received: 0, sent: 0, billed: 0 };
  const after = {
    received: before.received + piece.received,
    sent: before.sent + piece.sent,
    billed: before.billed + billedBytes(piece.received) + billedBytes(piece.sent),
  };
  return { ...table, [name]: { ...table[name], [piece.purpose]: after } };
}

/** Payload of one TCP segment on a cellular link, bytes. */
const SEGMENT_BYTES = 1_348;
/** IPv4 and TCP header with timestamps, and as much for the acknowledgement of each second segment, bytes. */
const OVERHEAD_BYTES = 52 + 26;

/**
 * Bytes that a network operator counts for a piece of so much payload: an estimate, because headers are not seen from
 * here. A ping and its answer, 24 bytes each within TLS 1.3, come to 204, which is what a capture shows.
 */
export function billedBytes(payload: number): number {
  return payload + Math.ceil(payload / SEGMENT_BYTES) * OVERHEAD_BYTES;
}

/** Bytes billed on a day on the interfaces that match. */
export function billedOn(account: ByteAccount, day: string, isMetered: (network: string) => boolean): number {
  if (account.day !== day) return 0;
  return Object.entries(account.today)
    .filter(([network]) => isMetered(network))
    .flatMap(([, purposes]) => Object.values(purposes))
    .reduce((sum, { billed }) => sum + billed, 0);
}
