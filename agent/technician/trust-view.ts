import { printable } from '../../protocols/printable.js';
import { folded } from './columns.js';
import { momentText } from './day-text.js';
import type { Authority, TrustDocument } from '../../protocols/trust-document.js';
import type { ClockState } from '../commands/clock-trust.js';
import type { Freshness } from '../commands/may-accept.js';
import { instant } from '../core/clock.js';
import type { Language } from '../core/errors.js';

/** Who may say what to this receiver. Instants are RFC 3339. */
export interface TrustView {
  readonly version: number;
  readonly issuedAt: string;
  readonly root: { readonly threshold: number; readonly keys: number };
  readonly clock: ClockState;
  readonly freshness: Freshness;
  /** The newest beat. */
  readonly since: string;
  /** The highest first. */
  readonly authorities: readonly {
    readonly id: string;
    readonly name: Authority['name'];
    readonly homeArea: string;
    readonly level: number;
    /** Its area contains this receiver. */
    readonly here: boolean;
    readonly revokedSince?: string;
    /** Keys within their validity and not revoked. */
    readonly keys: number;
    readonly grants: Authority['grants'];
  }[];
}

/** What the receiver knows of its own place and time. */
export interface TrustStanding {
  readonly areas: readonly string[];
  readonly nowMs: number;
  readonly clock: ClockState;
  readonly freshness: Freshness;
  readonly freshMs: number;
  /** Keys of an authority that hold now. */
  readonly keysOf: (authorityId: string) => number;
}

/** The view of a trust document from one receiver. Pure. */
export function trustViewOf(document: TrustDocument, standing: TrustStanding): TrustView {
  const { root, version, issuedAt, revoked } = document;
  const authorities = document.authorities.map(({ id, name, homeArea, level, grants }) => {
    const since = revoked.find((one) => 'authority' in one && one.authority === id)?.since;
    return {
      ...{ id, name, homeArea, level, grants, keys: standing.keysOf(id) },
      here: standing.areas.includes(homeArea),
      ...(since === undefined ? {} : { revokedSince: since }),
    };
  });
  return {
    ...{ version, issuedAt, clock: standing.clock, freshness: standing.freshness },
    root: { threshold: root.threshold, keys: root.keys.length },
    since: instant(standing.freshMs),
    authorities: authorities.sort((a, b) => b.level - a.level || (a.id < b.id ? -1 : 1)),
  };
}

const MESSAGES: Readonly<Record<Authority['grants'][number]['messages'][number], [vi: string, en: string]>> =
  {
    'play.start': ['phát bản tin', 'play bulletins'],
    'play.stop': ['dừng bản tin', 'stop bulletins'],
    'emergency.set': ['phát khẩn cấp', 'raise emergencies'],
    schedule: ['đặt lịch phát', 'set schedules'],
    assignment: ['phân công bộ thu', 'assign receivers'],
    renew: ['cho bộ thu gia hạn chứng thư', 'have receivers renew their certificate'],
    desired: ['đặt khung giờ được phép phát', 'set permitted hours'],
    retire: ['thu hồi bộ thu', 'retire receivers'],
    update: ['cho phép, giữ hoặc lùi bản cập nhật', 'let updates begin, hold them, take them back'],
    beat: ['báo giờ', 'give the time'],
    permit: ['cho thử tiếng ban đêm', 'permit sound on site at night'],
  };
const CLOCKS: Readonly<Record<ClockState, [vi: string, en: string]>> = {
  trusted: ['được tỉnh xác nhận', 'confirmed by the province'],
  unconfirmed: ['chưa được tỉnh xác nhận', 'not confirmed by the province yet'],
  ahead: [
    'chưa chắc (vượt hơn một ngày so với giờ đã ký)',
    'in doubt (more than a day beyond what was signed)',
  ],
  behind: ['sai (chậm hơn giờ đã ký)', 'wrong (behind what was signed)'],
};

/** The view in words, for a person; names come from the signed document, control characters are taken out. */
export function trustText(view: TrustView, language: Language): string {
  const say = (vi: string, en: string): string => (language === 'vi' ? vi : en);
  const of = ([vi, en]: readonly [string, string]): string => say(vi, en);
  const { root } = view;
  const lines = [
    `${say('Văn bản tin cậy phiên bản', 'Trust document, version')} ${view.version} (${momentText(Date.parse(view.issuedAt))})`,
    say(
      `Khóa gốc: cần ${root.threshold} trong ${root.keys} chữ ký`,
      `Root keys: ${root.threshold} of ${root.keys} must sign`,
    ),
    `${say('Đồng hồ', 'Clock')}: ${of(CLOCKS[view.clock])}`,
    `${say('Nhịp gần nhất của tỉnh', 'Newest beat of the province')}: ${momentText(Date.parse(view.since))}${
      view.freshness === 'stale'
        ? say(' (QUÁ LÂU: từ chối phát trực tiếp)', ' (STALE: live play is refused)')
        : ''
    }`,
  ];
  for (const authority of view.authorities) {
    const { id, name, level, here, revokedSince, keys } = authority;
    lines.push('', `${name[language]} (${id}), ${say('cấp', 'level')} ${level}`);
    if (revokedSince !== undefined) {
      lines.push(`  ${say('ĐÃ THU HỒI từ', 'REVOKED since')} ${revokedSince}`);
    } else if (!here) {
      lines.push(
        `  ${say('không có quyền ở đây: địa bàn', 'no right here: its area is')} ${authority.homeArea}`,
      );
    } else if (keys === 0) {
      lines.push(`  ${say('không có khóa nào còn hiệu lực', 'none of its keys is valid now')}`);
    } else {
      for (const grant of authority.grants) lines.push(`  ${grantText(grant, language)}`);
    }
  }
  return lines.map((line) => folded(printable(line, 600))).join('\n');
}

function grantText(grant: Authority['grants'][number], language: Language): string {
  const at = language === 'vi' ? 0 : 1;
  const say = (vi: string, en: string): string => (at === 0 ? vi : en);
  const parts = [grant.messages.map((message) => MESSAGES[message][at]).join(', ')];
  const speaks = grant.messages.includes('play.start');
  if (speaks) {
    parts.push(
      grant.maxClass === 'priority'
        ? say('đến mức ưu tiên', 'up to priority')
        : say('mức thường', 'normal only'),
    );
    parts.push(
      say(
        `mỗi lần tối đa ${minutes(grant.longestPlayMs)} phút`,
        `at most ${minutes(grant.longestPlayMs)} min each`,
      ),
    );
    if (grant.minutesADay !== undefined)
      parts.push(say(`${grant.minutesADay} phút mỗi ngày`, `${grant.minutesADay} min a day`));
    if (grant.hours !== undefined) parts.push(grant.hours.map(({ from, to }) => `${from}–${to}`).join(', '));
  }
  if (speaks || grant.messages.includes('emergency.set')) {
    parts.push(
      grant.content === 'free'
        ? say('âm thanh bất kỳ', 'any sound')
        : say('chỉ âm thanh có sẵn', 'stored sounds only'),
    );
  }
  return parts.join('; ');
}

function minutes(ms: number): string {
  return String(Math.round(ms / 6_000) / 10);
}
