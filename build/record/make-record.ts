import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../agent/core/errors.js';
import { findChromium, printPdf } from './print-pdf.js';
import { recordPage, type RecordParts } from './record-page.js';

/** The languages of the record, the one that counts first. */
export const RECORD_LANGUAGES: readonly Language[] = ['vi', 'en'];

/** What was made. */
export interface MadeRecord {
  /** Paths of the pages and of the PDFs that were printed. */
  readonly pages: readonly string[];
  readonly pdfs: readonly string[];
  /** Why a PDF is absent, one line each. */
  readonly troubles: readonly string[];
}

/** Writes `acceptance.LANG.html` and, where Chromium is there, `acceptance.LANG.pdf`. What was there before is replaced. */
export async function makeRecord(parts: RecordParts, folder: string): Promise<MadeRecord> {
  await mkdir(folder, { recursive: true });
  const chromium = await findChromium();
  const pages: string[] = [];
  const pdfs: string[] = [];
  const troubles: string[] = [];
  for (const language of RECORD_LANGUAGES) {
    const page = join(folder, `acceptance.${language}.html`);
    const pdf = join(folder, `acceptance.${language}.pdf`);
    // An old PDF beside a new page would be another record.
    await rm(pdf, { force: true });
    await writeFile(page, recordPage(parts, language));
    pages.push(page);
    const trouble = await printPdf(page, pdf, chromium);
    if (trouble === undefined) pdfs.push(pdf);
    else troubles.push(`${pdf}: ${trouble}`);
  }
  return { pages, pdfs, troubles };
}
