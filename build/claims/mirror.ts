import { emergencyByMirror, type MirrorEmergency } from '../../test/faults/mirror-emergency.js';
import { missingTool } from '../../test/support/external-tool.js';
import type { Claim, ProveContext } from './claim.js';

async function run(context: ProveContext): Promise<MirrorEmergency> {
  return context.once('emergency-by-mirror', async () => {
    context.progress('an emergency by the mirror: expired certificate, no broker');
    const closers: (() => unknown)[] = [];
    try {
      return await emergencyByMirror({ teardown: (close) => void closers.push(close) });
    } finally {
      for (const close of closers.reverse()) await close();
    }
  });
}

/** What the mirror promises: no broker and an expired certificate keep no emergency away. */
export const mirrorClaims: readonly Claim[] = [
  {
    area: 'trust',
    item: 1,
    claim:
      'With an expired certificate and no broker an emergency comes by the mirror, is heard, and is ended by it',
    bound:
      'asked every second: on air and silent within 10 s; every loud 0.25 s window above 0.98; trust document 1 to 3; no connection',
    measure: async (context) => {
      const lacks = missingTool('ffmpeg');
      if (lacks !== false) return { measured: lacks, holds: null };
      const seen = await run(context);
      const { comparison, quietRound } = seen;
      return {
        measured: `certificate ${seen.certificateDaysLeft < 0 ? 'expired' : 'VALID'}; on air ${(seen.heardAfterMs / 1000).toFixed(1)} s after it was signed, ${seen.secondsHeard.toFixed(1)} s heard, ${comparison.windowsMatched} of ${comparison.windowsLoud} windows, worst ${comparison.worst.toFixed(4)}; silent ${(seen.endedAfterMs / 1000).toFixed(1)} s after its end was signed; trust ${seen.trustVersions.join(' → ')}; a round without news: ${quietRound.requests} questions, ${quietRound.unchanged} × 304`,
        holds:
          seen.certificateDaysLeft < 0 &&
          !seen.everUp &&
          seen.heardAfterMs < 10_000 &&
          seen.endedAfterMs < 10_000 &&
          seen.left === 0 &&
          comparison.holds &&
          comparison.windowsLoud > 10 &&
          seen.trustVersions.join() === '1,3',
        note: 'in the field the mirror is asked after 5 min without a broker, every minute',
      };
    },
  },
];
