/** Text within HTML. Pure. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The text that a reader sees of a piece of HTML made here. Pure. */
export function plainText(html: string): string {
  return html
    .replace(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A table: its column widths in percent, its head, its rows as cells of HTML with an id and a class. Pure. */
export function tableOf(parts: {
  readonly widths: readonly number[];
  readonly heads: readonly string[];
  readonly rows: readonly {
    readonly id: string;
    readonly kind?: string;
    readonly cells: readonly string[];
  }[];
}): string {
  const columns = parts.widths.map((width) => `<col style="width:${width}%">`).join('');
  const heads = parts.heads.map((head) => `<th>${escaped(head)}</th>`).join('');
  const rows = parts.rows.map(
    ({ id, kind, cells }) =>
      `<tr data-row="${escaped(id)}"${kind === undefined ? '' : ` class="${kind}"`}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  return `<table><colgroup>${columns}</colgroup><thead><tr>${heads}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}
