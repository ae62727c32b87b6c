import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmergencyDesk, type DueEmergency } from '../../agent/programme/emergency-desk.js';
import { readCap, type Place } from '../../protocols/cap.js';
import type { Emergency } from '../../protocols/messages/emergency.js';
import { CAP_TABLE, type CapRow } from '../fixtures/cap/table.js';
import { emergencySetWith } from '../fixtures/trust/messages.js';
import { authorityWith, newSigner, uuidOf } from '../fixtures/trust/signers.js';
import { repositoryRoot } from '../heard/repository-root.js';

const NOW = '2026-11-23T05:00:00+07:00';
/** A receiver in Vĩnh Long. */
const PLACE: Place = {
  position: { latitude: 10.25, longitude: 105.97 },
  geocodes: [{ name: 'TinhThanh', value: '86' }],
};

/** What a receiver did with a document of the table. */
export interface CapSeen {
  readonly row: CapRow;
  readonly decision: string;
  /** Undefined where it is not heard. */
  readonly endsAt?: string;
  /** All that is spoken; empty where nothing is. */
  readonly spoken: string;
  /** How long the receiver took for it, milliseconds. */
  readonly tookMs: number;
}

/** Where the documents are. */
export function capFolder(): string {
  return join(repositoryRoot(import.meta.url), 'test', 'fixtures', 'cap');
}

/** The names of the documents that are there, without `.xml`. */
export function capFiles(): string[] {
  return readdirSync(capFolder())
    .filter((name) => name.endsWith('.xml'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** Puts each document of the table in force at a receiver, as its province's signed entry, and looks what is due. */
export async function judgeCapTable(): Promise<CapSeen[]> {
  const authority = authorityWith(await newSigner());
  return CAP_TABLE.map((row) => {
    const { exercises = false, languages = ['vi'], placeless, beside = [] } = row;
    const desk = new EmergencyDesk({}, { exercises, languages, place: placeless === true ? {} : PLACE });
    const startedMs = performance.now();
    const all = [row.file, ...beside].map(entryOf);
    desk.set('slot', emergencySetWith({ issuedAt: NOW, body: { emergencies: all } }), authority);
    const nowMs = Date.parse(NOW);
    const [own] = all;
    const key = desk.plan(() => nowMs).inForce.find((one) => one.endsWith(`/${own?.id ?? ''}`));
    const due = key === undefined ? undefined : desk.find(key, () => nowMs);
    const tookMs = performance.now() - startedMs;
    if (due !== undefined) return { row, ...heardOf(due), tookMs };
    const silent = desk.silent('slot').find(({ emergency }) => emergency.id === own?.id);
    const decision = silent?.silence ?? whenOf(desk, own, nowMs);
    return { row, decision, spoken: '', tookMs };
  });
}

function entryOf(file: string): Emergency {
  const cap = readFileSync(join(capFolder(), `${file}.xml`), 'utf8');
  return {
    id: uuidOf(file),
    status: 'actual',
    severity: 'moderate',
    title: file,
    startsAt: '2026-11-23T04:00:00+07:00',
    endsAt: '2026-11-23T12:00:00+07:00',
    repeatEveryMs: 60_000,
    content: [{ kind: 'stored', name: 'siren' }],
    cap,
  };
}

function heardOf({ emergency, chain }: DueEmergency): Pick<CapSeen, 'decision' | 'endsAt' | 'spoken'> {
  const texts = chain.flatMap((source) => {
    if (source.kind === 'text') return [source];
    return source.kind === 'playlist'
      ? source.items.flatMap((one) => (one.source.kind === 'text' ? [one.source] : []))
      : [];
  });
  const languages = texts.map(({ lang }) => lang).join('+');
  return {
    decision: `heard ${emergency.severity}${languages === '' ? '' : ` ${languages}`}`,
    endsAt: emergency.endsAt,
    spoken: texts.map(({ text }) => text).join('\n'),
  };
}

/** It is neither silent nor in force: its time is to come, or past. */
function whenOf(desk: EmergencyDesk, own: Emergency | undefined, nowMs: number): string {
  for (let aheadMs = 0; aheadMs <= 12 * 3_600_000; aheadMs += 60_000) {
    if (desk.plan(() => nowMs + aheadMs).inForce.some((key) => key.endsWith(`/${own?.id ?? ''}`)))
      return 'later';
  }
  return 'over';
}

/** Why a row is not as expected; empty where it is. */
export function shortfallOf({ row, decision, endsAt, spoken }: CapSeen): string {
  const cap = readCap(readFileSync(join(capFolder(), `${row.file}.xml`), 'utf8'));
  const refused = row.expect.startsWith('E_');
  if (refused === cap.ok) return cap.ok ? 'it was read' : cap.refusal.detail;
  if (decision !== row.expect) return `${decision}, not ${row.expect}`;
  if (row.endsAt !== undefined && Date.parse(row.endsAt) !== Date.parse(endsAt ?? ''))
    return `ends at ${endsAt ?? 'never'}`;
  return row.says === undefined || spoken.includes(row.says) ? '' : `says: ${spoken}`;
}
