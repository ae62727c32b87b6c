import type { AirClass } from '../../protocols/messages/common.js';
import type { Emergency } from '../../protocols/messages/emergency.js';
import type { Receipt } from '../../protocols/messages/up.js';
import type { SoundSource } from '../../protocols/messages/sound-source.js';
import { instant } from '../core/clock.js';
import type { PlayTally, ToneSource } from '../sound/messages.js';
import type { AirClaim } from './arbitration.js';

/** A play that was asked for and has not ended. */
export interface Bulletin {
  readonly playId: string;
  readonly commandId: string | undefined;
  /** The emergency that this is a sounding of. */
  readonly emergencyId: string | undefined;
  /** What tells that emergency apart from all others. */
  readonly emergencyKey: string | undefined;
  readonly authority: string;
  readonly level: number;
  readonly class: AirClass;
  readonly rank: number;
  readonly severity: Emergency['severity'] | undefined;
  readonly title: string;
  readonly chain: readonly (SoundSource | ToneSource)[];
  readonly gainDb: number;
  readonly askedMs: number;
  readonly issuedMs: number;
  /** When it was to start, by its sender's clock: its longest length counts from there, renewals included. */
  readonly startMs: number;
  /** How much of its authority may be heard in a day (UTC+7), milliseconds; Infinity without a limit. */
  readonly dayLimitMs: number;
  readonly turn: number;
  /** It was told to end and has not ended yet. */
  closing: boolean;
  /** Monotonic end of its lease, milliseconds. */
  endsMonotonicMs: number;
  /** Wall time of its first sample, once heard. */
  firstSampleMs: number | undefined;
  /** Troubles told of so far, so that each kind is reported once. */
  readonly troubles: Set<string>;
}

/** What decides its place on air. */
export function claimOf(bulletin: Bulletin): AirClaim {
  const { playId, rank, level, severity, issuedMs, turn } = bulletin;
  return { playId, class: bulletin.class, rank, level, severity, issuedMs, turn };
}

/** The body of its receipt. */
export function receiptOf(bulletin: Bulletin, tally: PlayTally, endedMs: number): Receipt['body'] {
  return {
    playId: bulletin.playId,
    ...(bulletin.commandId === undefined ? {} : { commandId: bulletin.commandId }),
    ...(bulletin.emergencyId === undefined ? {} : { emergencyId: bulletin.emergencyId }),
    authority: bulletin.authority,
    class: bulletin.class,
    title: bulletin.title,
    source: receiptSource(bulletin.chain[0]),
    askedAt: instant(bulletin.askedMs),
    ...(bulletin.firstSampleMs === undefined ? {} : { firstSampleAt: instant(bulletin.firstSampleMs) }),
    endedAt: instant(endedMs),
    outcome: tally.outcome,
    ...codeFor(bulletin, tally),
    framesHeard: tally.framesHeard,
    spans: tally.spans.map(({ fromFrame, toFrame, fromMs, part }) => ({
      fromFrame,
      toFrame,
      fromAt: instant(fromMs),
      part,
    })),
    ...(tally.peakDb === undefined ? {} : { peakDb: tally.peakDb }),
    rmsDbBySecond: [...tally.rmsDbBySecond],
    underruns: tally.underruns,
    reconnects: tally.reconnects,
    ...(tally.pcmSha256 === undefined ? {} : { pcmSha256: tally.pcmSha256 }),
    evidence: tally.evidence,
  };
}

/** What ended it; where nothing was heard at all, the first trouble told of, though it might still have mended. */
function codeFor({ troubles }: Bulletin, { failure, framesHeard }: PlayTally): Pick<Receipt['body'], 'code'> {
  const [first] = troubles;
  const code = failure?.code ?? (framesHeard === 0 ? first : undefined);
  return code === undefined ? {} : { code };
}

/** Such a source was heard only where its server proved just that: see http-bytes. */
function liveBinding({
  url,
  pin,
}: Extract<SoundSource, { kind: 'live' }>): Receipt['body']['source']['binding'] {
  if (!url.startsWith('https:')) return 'plain-local-list';
  return pin === undefined ? 'tls-host' : 'tls-pin';
}

function receiptSource(source: SoundSource | ToneSource | undefined): Receipt['body']['source'] {
  switch (source?.kind) {
    case 'live':
      return { kind: 'live', url: source.url, binding: liveBinding(source) };
    case 'file':
      return { kind: 'file', url: source.url, sha256: source.sha256, binding: 'sha256' };
    case 'stored':
    case 'tone':
    case undefined:
      return { kind: 'stored', binding: 'stored' };
  }
}
