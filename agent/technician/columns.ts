/** A text cut to so many columns, with a sign that it was. Pure. */
export function fitted(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, columns - 1).join('')}…`;
}

/** A text in lines of at most so many columns; what is longer than a line without a space is cut into pieces. Pure. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns))) {
    if (line !== '' && [...line].length + 1 + [...word].length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A text of several lines, none of them longer than a terminal is wide: what continues stands further in. Pure. */
export function folded(text: string, columns = 80): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if ([...line].length <= columns) return [line];
      const indent = /^ */.exec(line)?.[0] ?? '';
      const [first = '', ...rest] = wrapped(line.trimStart(), columns - indent.length - 2);
      return [`${indent}${first}`, ...rest.map((one) => `${indent}  ${one}`)];
    })
    .join('\n');
}

function pieces(word: string, columns: number): string[] {
  const characters = [...word];
  if (characters.length <= columns) return [word];
  return Array.from({ length: Math.ceil(characters.length / columns) }, (_, i) =>
    characters.slice(i * columns, (i + 1) * columns).join(''),
  );
}

/** Cells side by side, read down each column. Pure. */
export function columnsOf(cells: readonly string[], columns: number, width: number): string[] {
  const rows = Math.ceil(cells.length / columns);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_column, column) => cells[column * rows + row] ?? '')
      .map((cell) => cell + ' '.repeat(Math.max(0, width - [...cell].length)))
      .join(' ')
      .trimEnd(),
  );
}
