import type { AirClass } from '../../protocols/messages/common.js';
import type { Emergency } from '../../protocols/messages/emergency.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { instant } from '../core/clock.js';
import type { ChainSource, PlayTally } from '../sound/messages.js';
import type { AirClaim } from './arbitration.js';
import type { Occurrence } from './day-plan.js';

/** A play that was asked for and has not ended. */
export interface Bulletin {
  readonly playId: string;
  readonly commandId: string | undefined;
  /** The emergency that this is a sounding of. */
  readonly emergencyId: string | undefined;
  /** What tells that emergency apart from all others. */
  readonly emergencyKey: string | undefined;
  /** The time of a schedule that it is played for. */
  readonly occurrence: Occurrence | undefined;
  readonly authority: string;
  readonly level: number;
  readonly class: AirClass;
  readonly rank: number;
  readonly severity: Emergency['severity'] | undefined;
  readonly title: string;
  readonly chain: readonly ChainSource[];
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
  /** Which sources of its chain were heard, in turn. */
  readonly heardLinks: number[];
}

/** What decides its place on air. @param place of its authority in the commune's order */
export function claimOf(bulletin: Bulletin, place: number): AirClaim {
  const { playId, rank, level, severity, issuedMs, turn } = bulletin;
  return { playId, class: bulletin.class, rank, place, level, severity, issuedMs, turn };
}

/** The body of its receipt. */
export function receiptOf(bulletin: Bulletin, tally: PlayTally, endedMs: number): Receipt['body'] {
  return {
    playId: bulletin.playId,
    ...(bulletin.commandId === undefined ? {} : { commandId: bulletin.commandId }),
    ...scheduledOf(bulletin.occurrence),
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
    ...soundDetails(tally),
    underruns: tally.underruns,
    reconnects: tally.reconnects,
    ...sourcesHeard(bulletin.heardLinks),
    ...(tally.pcmSha256 === undefined ? {} : { pcmSha256: tally.pcmSha256 }),
    evidence: tally.evidence,
  };
}

/** What the sound worker of today tells beyond the least. */
function soundDetails(tally: PlayTally): Partial<Receipt['body']> {
  const { peakDbBySecond, lufsBySecond, gaps = [], sinkBufferMs } = tally;
  return {
    ...(peakDbBySecond === undefined ? {} : { peakDbBySecond: [...peakDbBySecond] }),
    ...(lufsBySecond === undefined ? {} : { lufsBySecond: [...lufsBySecond] }),
    ...(gaps.length === 0
      ? {}
      : {
          gaps: gaps.map(({ cause, fromMs, durationMs }) => ({
            ...{ cause, fromAt: instant(fromMs), durationMs: Math.round(durationMs) },
          })),
        }),
    ...(sinkBufferMs === undefined ? {} : { sinkBufferMs }),
  };
}

function scheduledOf(occurrence: Occurrence | undefined): Pick<Receipt['body'], 'scheduled'> {
  if (occurrence === undefined) return {};
  return { scheduled: { entry: occurrence.entry.id, startsAt: instant(occurrence.startMs) } };
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
}: Extract<ChainSource, { kind: 'live' }>): Receipt['body']['source']['binding'] {
  if (!url.startsWith('https:')) return 'plain-local-list';
  return pin === undefined ? 'tls-host' : 'tls-pin';
}

/** Left out where nothing but the first source was heard. */
function sourcesHeard(links: readonly number[]): Pick<Receipt['body'], 'sourcesHeard'> {
  return links.some((link) => link > 0) ? { sourcesHeard: [...links] } : {};
}

function receiptSource(source: ChainSource | undefined): Receipt['body']['source'] {
  switch (source?.kind) {
    case 'live':
      return { kind: 'live', url: source.url, binding: liveBinding(source) };
    case 'file':
      return { kind: 'file', url: source.url, sha256: source.sha256, binding: 'sha256' };
    case 'text':
      return { kind: 'text', binding: 'message' };
    case 'capture':
      return { kind: 'capture', binding: 'none' };
    case 'playlist':
      return receiptSource(source.items[0]?.source);
    case 'stored':
    case 'tone':
    case undefined:
      return { kind: 'stored', binding: 'stored' };
  }
}
