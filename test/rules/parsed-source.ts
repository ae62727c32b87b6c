import ts from 'typescript';

const parsed = new Map<string, ts.SourceFile>();

/** A source's syntax tree, made once for each text, whoever asks for it. Nobody writes into it. */
export function parsedSource(path: string, text: string): ts.SourceFile {
  const key = `${path}\n${text}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  parsed.set(key, source);
  return source;
}
