import type { Authority } from '../../protocols/trust-document.js';

/** An area and the one above it. */
export interface Area {
  readonly id: string;
  readonly name: string;
  readonly kind: 'province' | 'commune' | 'hamlet';
  readonly parent?: string;
}

/** An authority before it has keys. */
export type CastAuthority = Omit<Authority, 'keys'>;

/** The areas of the simulated province: one province, two communes, three hamlets. */
export const AREAS: readonly Area[] = [
  { id: 'vinh-long', name: 'Tỉnh Vĩnh Long', kind: 'province' },
  { id: 'tan-hoa', name: 'Xã Tân Hòa', kind: 'commune', parent: 'vinh-long' },
  { id: 'an-phu', name: 'Xã An Phú', kind: 'commune', parent: 'vinh-long' },
  { id: 'ap-1', name: 'Ấp 1', kind: 'hamlet', parent: 'tan-hoa' },
  { id: 'ap-2', name: 'Ấp 2', kind: 'hamlet', parent: 'tan-hoa' },
  { id: 'ap-3', name: 'Ấp 3', kind: 'hamlet', parent: 'an-phu' },
];

const HOUR_MS = 3_600_000;

/** Who may speak: the province everywhere and everything, each commune in its own area. */
export const AUTHORITIES: readonly CastAuthority[] = [
  {
    id: 'province',
    name: { vi: 'Trung tâm nguồn tỉnh', en: 'Provincial source centre' },
    homeArea: 'vinh-long',
    level: 30,
    grants: [
      {
        messages: ['play.start', 'play.stop', 'emergency.set', 'schedule'],
        maxClass: 'priority',
        longestPlayMs: 4 * HOUR_MS,
        content: 'free',
      },
      right('assignment', 'desired', 'renew', 'retire', 'update', 'permit'),
      right('beat'),
    ],
  },
  commune('tan-hoa', 'Ủy ban nhân dân xã Tân Hòa', "People's Committee of Tan Hoa"),
  commune('an-phu', 'Ủy ban nhân dân xã An Phú', "People's Committee of An Phu"),
];

/** A right that has nothing to do with sound. */
function right(...messages: Authority['grants'][number]['messages']): Authority['grants'][number] {
  return { messages, maxClass: 'normal', longestPlayMs: 0, content: 'stored' };
}

function commune(area: string, vi: string, en: string): CastAuthority {
  return {
    id: area,
    name: { vi, en },
    homeArea: area,
    level: 10,
    grants: [
      {
        messages: ['play.start', 'play.stop', 'emergency.set', 'schedule'],
        maxClass: 'priority',
        longestPlayMs: HOUR_MS,
        content: 'free',
      },
    ],
  };
}

/** An area and every area above it, the area itself first; undefined where there is no such area. */
export function lineOf(areaId: string): string[] | undefined {
  const line: string[] = [];
  for (let id: string | undefined = areaId; id !== undefined;) {
    const area = AREAS.find((one) => one.id === id);
    if (area === undefined) return undefined;
    line.push(area.id);
    id = area.parent;
  }
  return line;
}

/** The ids of all areas, for a message to a person. */
export function areaIds(): string {
  return AREAS.map(({ id }) => id).join(', ');
}
