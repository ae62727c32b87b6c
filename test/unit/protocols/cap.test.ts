import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { capTexts, CAP_LIMIT_BYTES, readCap, type CapAlert } from '../../../protocols/cap.js';
import { distanceKm, inPolygon } from '../../../protocols/cap/geometry.js';
import { CAP_TABLE } from '../../fixtures/cap/table.js';
import { capFiles, capFolder, judgeCapTable, shortfallOf } from '../../rig/cap-table.js';

const document = (file: string): string => readFileSync(join(capFolder(), `${file}.xml`), 'utf8');
const alertOf = (file: string): CapAlert => {
  const read = readCap(document(file));
  if (!read.ok) throw new Error(read.refusal.detail);
  return read.value;
};

t.test(
  'every CAP document of the folder stands in the table once, and there are at least sixty',
  async (t) => {
    t.same(CAP_TABLE.map(({ file }) => file).sort(), capFiles());
    t.ok(CAP_TABLE.length >= 60);
  },
);

t.test('a receiver decides on every document as the table says', async (t) => {
  for (const seen of await judgeCapTable()) t.equal(shortfallOf(seen), '', seen.row.file);
});

t.test('a hostile document costs no more than an honest one of its size', async (t) => {
  for (const { row, tookMs } of await judgeCapTable()) t.ok(tookMs < 1_000, `${row.file}: ${tookMs} ms`);
});

t.test('the fields of an alert are read as they stand', async (t) => {
  const alert = alertOf('type-update');
  t.match(alert, {
    sender: 'khituong@tinh.example',
    sentMs: Date.parse('2026-11-22T21:30:00Z'),
    status: 'Actual',
    messageType: 'Update',
    references: [{ identifier: 'VL-2026-9001', sentMs: Date.parse('2026-11-22T21:00:00Z') }],
    infos: [{ language: 'vi-VN', event: 'Lũ', headline: 'Lũ lên nhanh' }],
  });
  t.equal(alertOf('standard-advisory').infos[0]?.language, 'en-US', 'clause 3.2.2: where none is given');
});

t.test('a document of one byte too many is refused before it is parsed', async (t) => {
  const padded = (bytes: number): string => {
    const text = document('status-actual');
    return text + ' '.repeat(bytes - Buffer.byteLength(text));
  };
  t.equal(readCap(padded(CAP_LIMIT_BYTES)).ok, true);
  t.match(readCap(padded(CAP_LIMIT_BYTES + 1)), { ok: false, refusal: { code: 'E_CAP_SIZE' } });
});

t.test('a document cut anywhere is refused, never half believed', async (t) => {
  const text = document('status-actual').trimEnd();
  for (let length = 0; length < text.length; length += 1) t.equal(readCap(text.slice(0, length)).ok, false);
});

t.test('a spoken text ends with a whole word within its limit', async (t) => {
  const infos = alertOf('status-actual').infos.map((info) => ({
    ...info,
    description: 'nước lũ '.repeat(1_000),
  }));
  const [spoken] = capTexts(infos, ['vi'], false, 0);
  t.ok((spoken?.text.length ?? 0) <= 2_000);
  t.match(spoken?.text, /(nước|lũ)$/);
});

t.test('points are in a polygon over the 180th meridian, on its edge and not beside it', async (t) => {
  const at = (latitude: number, longitude: number): { latitude: number; longitude: number } => ({
    latitude,
    longitude,
  });
  const polygon = [at(-10, 170), at(-10, -170), at(10, -170), at(10, 170), at(-10, 170)];
  t.equal(inPolygon(at(0, 179), polygon), true);
  t.equal(inPolygon(at(0, -175), polygon), true);
  t.equal(inPolygon(at(0, 170), polygon), true, 'its edge belongs to it');
  t.equal(inPolygon(at(0, 169), polygon), false);
  t.equal(inPolygon(at(11, 179), polygon), false);
  t.equal(Math.round(distanceKm(at(10.25, 105.97), at(21.03, 105.85))), 1199, 'Vĩnh Long to Hà Nội');
});
