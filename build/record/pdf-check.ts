import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { plainText } from './markup.js';

const run = promisify(execFile);

/** Points of a millimetre. */
const MM = 72 / 25.4;
/** Margins of the page as the style sets them, and of its foot, millimetres; a hair less, for rounding. */
const SIDE_MM = 13.8;
const TOP_MM = 14.8;
const BOTTOM_MM = 5;

/** A word of a page and where it stands, points from the upper left. */
export interface PageWord {
  readonly text: string;
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

/** A page of a PDF. */
export interface PdfPage {
  readonly width: number;
  readonly height: number;
  readonly words: readonly PageWord[];
}

/** The words of a PDF with their places, by poppler. @throws Error where pdftotext is missing or fails */
export async function pagesOf(pdf: string): Promise<PdfPage[]> {
  const { stdout } = await run('pdftotext', ['-bbox', pdf, '-'], { maxBuffer: 1 << 27, timeout: 60_000 });
  return [...stdout.matchAll(/<page width="([\d.]+)" height="([\d.]+)">([\s\S]*?)<\/page>/g)].map(
    ([, width, height, inside = '']) => ({
      width: Number(width),
      height: Number(height),
      words: [
        ...inside.matchAll(
          /<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">([\s\S]*?)<\/word>/g,
        ),
      ].map(([, xMin, yMin, xMax, yMax, text = '']) => ({
        text: plainText(text),
        ...{ xMin: Number(xMin), yMin: Number(yMin), xMax: Number(xMax), yMax: Number(yMax) },
      })),
    }),
  );
}

/** The text of a PDF in the order in which it was drawn. @throws Error where pdftotext is missing or fails */
export async function drawnText(pdf: string): Promise<string> {
  const { stdout } = await run('pdftotext', ['-raw', pdf, '-'], { maxBuffer: 1 << 27, timeout: 60_000 });
  return stdout;
}

/** Words that leave the margins of their page, a line each. Pure. */
export function outside(pages: readonly PdfPage[]): string[] {
  return pages.flatMap(({ width, height, words }, index) =>
    words
      .filter(
        ({ xMin, xMax, yMin, yMax }) =>
          xMin < SIDE_MM * MM ||
          xMax > width - SIDE_MM * MM ||
          yMin < TOP_MM * MM ||
          yMax > height - BOTTOM_MM * MM,
      )
      .map(({ text }) => `page ${index + 1}: ${text}`),
  );
}

/** Pairs of words of which one lies over the other by more than a quarter of the smaller, a line each. Pure. */
export function overlaps(pages: readonly PdfPage[]): string[] {
  return pages.flatMap(({ words }, index) => {
    const sorted = [...words].sort((a, b) => a.yMin - b.yMin);
    return sorted.flatMap((one, at) => {
      const found: string[] = [];
      for (let next = at + 1; next < sorted.length; next += 1) {
        const other = sorted[next];
        if (other === undefined || other.yMin >= one.yMax) break;
        if (share(one, other) > 0.25) found.push(`page ${index + 1}: ${one.text} over ${other.text}`);
      }
      return found;
    });
  });
}

function share(a: PageWord, b: PageWord): number {
  const width = Math.min(a.xMax, b.xMax) - Math.max(a.xMin, b.xMin);
  const height = Math.min(a.yMax, b.yMax) - Math.max(a.yMin, b.yMin);
  if (width <= 0 || height <= 0) return 0;
  const area = (one: PageWord): number => (one.xMax - one.xMin) * (one.yMax - one.yMin);
  return (width * height) / Math.max(1e-6, Math.min(area(a), area(b)));
}

/** Dots of a page in grey, row by row. */
export interface PageDots {
  readonly width: number;
  readonly height: number;
  readonly dots: Uint8Array;
}

const DOTS_PER_INCH = 72;
/** A rule of a table is unbroken over at least so much of a page's height, and darker than this. */
const RULE_SHARE = 0.02;
const DARK = 200;

/** The pages of a PDF as dots, by poppler. @throws Error where pdftoppm is missing or fails */
export async function dotsOf(pdf: string): Promise<PageDots[]> {
  const { stdout } = await run('pdftoppm', ['-r', String(DOTS_PER_INCH), '-gray', pdf], {
    ...{ maxBuffer: 1 << 28, timeout: 120_000, encoding: 'buffer' },
  });
  const pages: PageDots[] = [];
  for (let at = 0; at < stdout.length;) {
    const [head = '', width = '0', height = '0'] =
      /^P5\s(\d+)\s(\d+)\s255\s/.exec(stdout.subarray(at, at + 40).toString('latin1')) ?? [];
    if (head === '') throw new Error('pdftoppm wrote no greymap');
    const from = at + head.length;
    at = from + Number(width) * Number(height);
    pages.push({ width: Number(width), height: Number(height), dots: stdout.subarray(from, at) });
  }
  return pages;
}

/** Pages on which a table has a rule at its left edge and none at its right one: it is cut. Pure. */
export function cutTables(pages: readonly PageDots[]): string[] {
  return pages.flatMap((page, index) => {
    const margin = Math.floor(SIDE_MM * MM);
    const band = Math.ceil(2 * MM);
    const left = ruled(page, margin, margin + band);
    const right = ruled(page, page.width - margin - band, page.width - margin);
    return left && !right ? [`page ${index + 1}: no rule at the right`] : [];
  });
}

/** True where a column of dots between these has a long dark run: higher than any letter. */
function ruled({ width, height, dots }: PageDots, from: number, to: number): boolean {
  for (let x = from; x < to; x += 1) {
    let run = 0;
    for (let y = 0; y < height && run < RULE_SHARE * height; y += 1)
      run = (dots[y * width + x] ?? 255) < DARK ? run + 1 : 0;
    if (run >= RULE_SHARE * height) return true;
  }
  return false;
}

/** Ids of the rows of a page, in their order. Pure. */
export function rowIdsOf(html: string): string[] {
  return [...html.matchAll(/<tr data-row="([^"]*)"/g)].map(([, id = '']) => plainText(id));
}

/** Cells of a page that the PDF's text does not hold whole, `row id: its beginning` each. Pure. */
export function missingCells(html: string, drawn: string): string[] {
  const whole = squeezed(drawn);
  return [...html.matchAll(/<tr data-row="([^"]*)"[^>]*>([\s\S]*?)<\/tr>/g)].flatMap(
    ([, id = '', inside = '']) =>
      [...inside.matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)]
        .map(([, cell = '']) => plainText(cell))
        .filter((text) => !whole.includes(squeezed(text)))
        .map((text) => `${id}: ${text.slice(0, 60)}`),
  );
}

/** Letters alone: where a line ends is the page's business. */
function squeezed(text: string): string {
  return text.normalize('NFC').replace(/[\s\u00ad\u200b]/g, '');
}
