import { anchorThreats } from './attacks-anchors.js';
import { clockThreats } from './attacks-clock.js';
import { grantThreats } from './attacks-grants.js';
import { mediaThreats } from './attacks-media.js';
import { mirrorThreats } from './attacks-mirror.js';
import { replayThreats } from './attacks-replay.js';
import { signatureThreats } from './attacks-signature.js';
import { wireThreats } from './attacks-wire.js';
import { Bench } from './bench.js';
import type { Cast } from './cast.js';
import type { PieceThreat, Threat, Verdict } from './threat.js';

/** Threats that are tried on the parts in one process. */
export const PIECE_THREATS: readonly PieceThreat[] = [
  ...signatureThreats,
  ...grantThreats,
  ...replayThreats,
  ...clockThreats,
  ...mediaThreats,
  ...mirrorThreats,
  ...anchorThreats,
];

/** Every threat of the table, in its order. */
export const THREATS: readonly Threat[] = [...wireThreats, ...PIECE_THREATS];

/** Tries one threat on a bench of its own. */
export async function tryOnBench(threat: PieceThreat, cast: Cast): Promise<Verdict> {
  const bench = await Bench.open(cast);
  try {
    return await threat.attack(bench);
  } finally {
    await bench.close();
  }
}
