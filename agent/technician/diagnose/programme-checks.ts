import { broken, ok, UNKNOWN, weak, type Check } from './check.js';
import type { Answers, Facts } from './facts.js';

/** An end so long ago is no answer to "why is it silent now". */
const LATELY_MS = 30 * 60_000;

function answers({ program }: Facts): Answers {
  return program?.kind === 'running' ? program : {};
}

/** Who may speak, where, what is due today, and what is kept for it. */
export const PROGRAMME_CHECKS: readonly Check[] = [
  {
    id: 'trust',
    title: { vi: 'Văn bản tin cậy', en: 'Trust document' },
    facts: ['trustKept', 'program'],
    judge(facts) {
      const { trust } = answers(facts);
      if (facts.trustKept?.kind === 'failed') return broken(facts.trustKept.code, facts.trustKept.detail);
      if (trust === undefined) return facts.trustKept === undefined ? UNKNOWN : ok(facts.trustKept.detail);
      return trust.freshness === 'stale' ? weak('E_TRUST_STALE', trust.since) : ok(`v${trust.version}`);
    },
  },
  {
    id: 'assignment',
    title: { vi: 'Địa bàn', en: 'Area' },
    facts: ['program'],
    needs: ['program', 'trust'],
    judge(facts) {
      const { status, trust } = answers(facts);
      if (status === undefined) return UNKNOWN;
      const { assignment } = status;
      if (assignment === undefined) return broken('E_ASSIGNMENT_MISSING');
      const detail = assignment.areas.join(' < ');
      const speaks = trust?.authorities.some(({ here, revokedSince }) => here && revokedSince === undefined);
      if (speaks === false) return broken('E_AREA_WRONG', detail);
      // Who thinks that it stands with them is refused: they may be right.
      return (status.refused['E_AUTHORITY_AREA'] ?? 0) > 0 ? weak('E_AREA_WRONG', detail) : ok(detail);
    },
  },
  {
    id: 'schedule',
    title: { vi: 'Lịch hôm nay', en: "Today's schedule" },
    facts: ['program'],
    needs: ['program', 'assignment'],
    judge(facts) {
      const { day, why } = answers(facts);
      if (day === undefined) return UNKNOWN;
      // Something has the air: it is no answer to say that nothing is due.
      if (day.rows.length === 0 && why?.onAir === undefined) return weak('E_SCHEDULE_NONE');
      return ok(`${day.rows.length}`);
    },
  },
  {
    id: 'hours',
    title: { vi: 'Khung giờ', en: 'Permitted hours' },
    facts: ['program'],
    needs: ['program'],
    judge(facts) {
      const { why } = answers(facts);
      if (why === undefined) return UNKNOWN;
      const { normal, priority } = why.gate;
      return normal !== 'open' && priority !== 'open' ? weak('E_HOURS_SHUT', `${normal}/${priority}`) : ok();
    },
  },
  {
    id: 'kept',
    title: { vi: 'Tệp lưu sẵn', en: 'Kept files' },
    facts: ['kept'],
    judge({ kept }) {
      if (kept === undefined) return UNKNOWN;
      const [first] = kept.corrupt;
      return first === undefined ? ok(`${kept.checked}`) : weak('E_CACHE_CORRUPT', first);
    },
  },
  {
    id: 'live',
    title: { vi: 'Phát trực tiếp', en: 'Live play' },
    facts: ['lastPlay', 'program'],
    judge(facts) {
      const { lastPlay, nowMs } = facts;
      if (answers(facts).why?.onAir !== undefined) return ok();
      if (lastPlay === undefined) return UNKNOWN;
      const ended = lastPlay.outcome === 'lease-ended' && nowMs - lastPlay.atMs < LATELY_MS;
      return ended ? weak('E_LEASE_ENDED', lastPlay.title) : ok(lastPlay.title);
    },
  },
  {
    id: 'watchdog',
    title: { vi: 'Watchdog', en: 'Watchdog' },
    facts: ['hardware'],
    judge({ hardware }) {
      if (hardware?.watchdog === undefined) return UNKNOWN;
      return hardware.watchdog ? ok() : weak('E_WATCHDOG_ABSENT');
    },
  },
];
