/**
 * How the record looks, on the screen and on A4. Rows are not broken over pages, heads of tables are repeated, and page numbers stand in
 * the margin (CSS Paged Media 3, margin boxes). Pure.
 * @param foot stands at the foot of each page
 */
export function recordStyle(foot: string): string {
  return `
@page { size: A4; margin: 15mm 14mm 17mm;
  @bottom-left { content: "${foot.replaceAll(/["\\]/g, '')}"; font: 7.5pt "Liberation Sans", "DejaVu Sans", sans-serif; color: #444; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "Liberation Sans", "DejaVu Sans", sans-serif; } }
* { box-sizing: border-box; }
html { font: 10pt/1.35 "Liberation Sans", "Noto Sans", "DejaVu Sans", Arial, sans-serif; font-variant-ligatures: none; color: #111; }
body { margin: 0 auto; max-width: 182mm; }
h1, .state { text-align: center; margin: 0; }
h1 { font-size: 15pt; margin: 7mm 0 1mm; }
.state { font-size: 10.5pt; line-height: 1.5; }
.motto { text-decoration: underline; }
.subject, .number { text-align: center; margin: 0 0 2mm; }
h2 { font-size: 12pt; margin: 7mm 0 2mm; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 5mm 0 1.5mm; break-after: avoid; }
p { margin: 0 0 1.5mm; }
table { width: calc(100% - 1mm); border-collapse: collapse; table-layout: fixed; font-size: 8pt; line-height: 1.28; margin: 0 0.5mm 3mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.5pt solid #777; padding: 1mm 1.2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #e8ecf1; }
.bound, .note, .meta, .earlier { color: #333; margin-top: 0.8mm; }
.note, .meta, .earlier { font-size: 7.3pt; }
.verdict { font-weight: bold; }
tr.holds .verdict { color: #0a5c2b; } tr.short .verdict { color: #a11212; }
tr.short td { background: #fdeeee; } tr.unmeasured td { background: #fff6df; } tr.notrun td { background: #f4f4f4; }
table.head td:first-child { width: 34%; font-weight: bold; }
table.head td, table.head { font-size: 9pt; }
figure { margin: 0 0 4mm; break-inside: avoid; } figcaption { font-size: 8.5pt; margin-bottom: 1mm; font-weight: bold; }
figure svg, figure img { width: 100%; height: auto; display: block; }
.signs { display: flex; justify-content: space-between; margin-top: 8mm; break-inside: avoid; text-align: center; }
.signs div { width: 32%; height: 38mm; }
.line { border-bottom: 0.6pt dotted #555; height: 7mm; }
.end { break-inside: avoid; }
`;
}
