import { msOf, RATE_HZ } from '../../agent/core/units.js';
import type { Receipt } from '../../protocols/messages/up.js';
import { levelDb } from '../heard/level.js';
import type { Mark } from './teller.js';

/** One receiver in the picture. */
export interface Lane {
  readonly receiver: string;
  readonly hamlet: string;
  readonly receipts: readonly Receipt['body'][];
  /** What was heard, with the wall time of its first frame; undefined where it went to a loudspeaker. */
  readonly heard: { readonly samples: Float32Array; readonly startMs: number } | undefined;
}

const WIDTH = 1200;
const LEFT = 130;
const RIGHT = 20;
const LANE_HEIGHT = 150;
const TOP = 70;
const STEP_MS = 100;
const FLOOR_DB = -60;
const COLOURS: Readonly<Record<string, string>> = {
  normal: '#2f7d4f',
  priority: '#b7791f',
  emergency: '#c0392b',
  chime: '#e67e22',
  local: '#888888',
};

/** Who was on air when, with the level that was heard, as a picture (SVG 1.1) that stands by itself. */
export function timelineSvg(lanes: readonly Lane[], marks: readonly Mark[]): string {
  const startMs = Math.min(...marks.map(({ atMs }) => atMs));
  const endMs =
    Math.max(
      ...marks.map(({ atMs }) => atMs),
      ...lanes.flatMap(({ receipts }) => receipts.map((one) => Date.parse(one.endedAt))),
    ) + 1_000;
  const x = (atMs: number): number => LEFT + ((atMs - startMs) / (endMs - startMs)) * (WIDTH - LEFT - RIGHT);
  const steps = marks.filter(({ kind }) => kind !== 'refused');
  const stepsTop = TOP + lanes.length * LANE_HEIGHT + 40;
  const height = stepsTop + steps.length * 18 + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(
      LEFT,
      26,
      'Loa: ai được phát, lúc nào, to bao nhiêu · who was on air, when, how loud',
      'font-size="17" font-weight="bold"',
    ),
    legend(),
    ...lanes.map((lane, i) => laneSvg(lane, TOP + i * LANE_HEIGHT, x)),
    axis(startMs, endMs, TOP + lanes.length * LANE_HEIGHT, x),
    ...marks.flatMap((mark) => markSvg(mark, lanes, x)),
    ...steps.map((mark, i) => stepSvg(mark, i, startMs, stepsTop, x)),
    '</svg>',
    '',
  ].join('\n');
}

function laneSvg(lane: Lane, top: number, x: (atMs: number) => number): string {
  const base = top + LANE_HEIGHT - 30;
  const parts = [
    text(12, top + 30, lane.receiver, 'font-weight="bold"'),
    text(12, top + 48, lane.hamlet, 'fill="#555555"'),
    `<line x1="${LEFT}" y1="${base}" x2="${WIDTH - RIGHT}" y2="${base}" stroke="#bbbbbb"/>`,
  ];
  for (const receipt of lane.receipts) {
    for (const span of receipt.spans) {
      const fromMs = Date.parse(span.fromAt);
      const toMs = fromMs + msOf(span.toFrame - span.fromFrame);
      const colour = span.part === 'chime' ? COLOURS.chime : COLOURS[receipt.class];
      const left = x(fromMs);
      parts.push(
        `<rect x="${n(left)}" y="${base + 3}" width="${n(x(toMs) - left)}" height="12" fill="${colour ?? '#000000'}"><title>${escaped(receipt.title)}</title></rect>`,
      );
    }
  }
  parts.push(levels(lane, base, x));
  return parts.join('\n');
}

/** The level of each 100 ms as a bar, in the colour of who had the air. */
function levels(lane: Lane, base: number, x: (atMs: number) => number): string {
  if (lane.heard === undefined) return text(LEFT + 8, base - 40, '♪', 'font-size="28" fill="#999999"');
  const { samples, startMs } = lane.heard;
  const step = (STEP_MS * RATE_HZ) / 1000;
  const bars: string[] = [];
  for (let frame = 0; frame + step <= samples.length; frame += step) {
    const db = levelDb(samples, frame, frame + step);
    if (db < FLOOR_DB) continue;
    const atMs = startMs + msOf(frame);
    const tall = ((db - FLOOR_DB) / -FLOOR_DB) * (LANE_HEIGHT - 50);
    bars.push(
      `<rect x="${n(x(atMs))}" y="${n(base - tall)}" width="${n(x(atMs + STEP_MS) - x(atMs))}" height="${n(tall)}" fill="${colourAt(lane, frame + step / 2)}"/>`,
    );
  }
  return bars.join('\n');
}

function colourAt(lane: Lane, frame: number): string {
  for (const receipt of lane.receipts) {
    const span = receipt.spans.find(({ fromFrame, toFrame }) => frame >= fromFrame && frame < toFrame);
    if (span !== undefined)
      return (span.part === 'chime' ? COLOURS.chime : COLOURS[receipt.class]) ?? '#000000';
  }
  return '#444444';
}

function markSvg(mark: Mark, lanes: readonly Lane[], x: (atMs: number) => number): string[] {
  const lane = lanes.findIndex(({ receiver }) => receiver === mark.receiver);
  const at = n(x(mark.atMs));
  if (mark.kind === 'refused') {
    const y = lane < 0 ? TOP - 8 : TOP + lane * LANE_HEIGHT + 14;
    return [
      `<g stroke="#c0392b" stroke-width="2"><path d="M${at} ${y} l8 8 m0 -8 l-8 8"/><title>${escaped(mark.text)}</title></g>`,
    ];
  }
  const colour = mark.kind === 'step' ? '#dddddd' : '#2c3e90';
  const dash = mark.kind === 'step' ? '' : ' stroke-dasharray="6 3" stroke-width="2"';
  const [top, bottom] =
    lane < 0
      ? [TOP, TOP + lanes.length * LANE_HEIGHT]
      : [TOP + lane * LANE_HEIGHT, TOP + (lane + 1) * LANE_HEIGHT - 14];
  return [`<line x1="${at}" y1="${top}" x2="${at}" y2="${bottom}" stroke="${colour}"${dash}/>`];
}

function stepSvg(
  mark: Mark,
  index: number,
  startMs: number,
  top: number,
  x: (atMs: number) => number,
): string {
  const y = top + index * 18;
  const seconds = `${((mark.atMs - startMs) / 1000).toFixed(1)} s`;
  const at = x(mark.atMs);
  const late = at > WIDTH * 0.6;
  return [
    `<circle cx="${n(at)}" cy="${y - 4}" r="3" fill="#2c3e90"/>`,
    text(late ? at - 8 : at + 8, y, `${seconds}  ${mark.text}`, late ? 'text-anchor="end"' : ''),
  ].join('');
}

function axis(startMs: number, endMs: number, y: number, x: (atMs: number) => number): string {
  const ticks: string[] = [];
  for (let atMs = startMs; atMs <= endMs; atMs += 5_000) {
    ticks.push(
      text(
        x(atMs),
        y + 14,
        `${Math.round((atMs - startMs) / 1000)} s`,
        'fill="#777777" text-anchor="middle" font-size="11"',
      ),
    );
  }
  return ticks.join('\n');
}

function legend(): string {
  const entries: [string, string][] = [
    [COLOURS.normal ?? '', 'thông thường · normal'],
    [COLOURS.chime ?? '', 'chuông báo · chime'],
    [COLOURS.emergency ?? '', 'khẩn cấp · emergency'],
  ];
  const drawn = entries.map(([colour, label], i) => {
    const left = LEFT + i * 190;
    return `<rect x="${left}" y="38" width="12" height="12" fill="${colour}"/>${text(left + 18, 48, label)}`;
  });
  const left = LEFT + entries.length * 190;
  drawn.push(
    `<path d="M${left} 40 l8 8 m0 -8 l-8 8" stroke="#c0392b" stroke-width="2"/>${text(left + 18, 48, 'bị từ chối · refused')}`,
  );
  drawn.push(
    `<line x1="${left + 170}" y1="44" x2="${left + 195}" y2="44" stroke="#2c3e90" stroke-width="2" stroke-dasharray="6 3"/>${text(left + 203, 48, 'mất mạng, có lại · network cut, mended')}`,
  );
  return drawn.join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${n(x)}" y="${n(y)}" ${attributes}>${escaped(content)}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
