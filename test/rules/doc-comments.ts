import ts from 'typescript';
import { parsedSource } from './parsed-source.js';
import type { SourceTree } from './source-tree.js';

/** The exported names that have no doc comment, as `path:line name`. A re-export is documented at its home. */
export function undocumented(tree: SourceTree): string[] {
  return [...tree].flatMap(([path, text]) => undocumentedIn(path, text));
}

function undocumentedIn(path: string, text: string): string[] {
  const source = parsedSource(path, text);
  const exportedLater = namesExportedLater(source);
  const found: string[] = [];
  const seen = new Set<string>();
  for (const statement of source.statements) {
    for (const name of namesOf(statement)) {
      const isExported = hasExport(statement) || exportedLater.has(name);
      // The first signature of an overloaded function speaks for the others.
      if (!isExported || seen.has(name)) continue;
      seen.add(name);
      if (hasDocComment(statement)) continue;
      const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line + 1;
      found.push(`${path}:${line} ${name}`);
    }
  }
  return found;
}

function hasExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
  );
}

function hasDocComment(statement: ts.Statement): boolean {
  return ts
    .getJSDocCommentsAndTags(statement)
    .some((comment) => ts.isJSDoc(comment) && textIn(comment) !== '');
}

function textIn(comment: ts.JSDoc): string {
  return comment.getText().replace(/[/*\s]/g, '');
}

/** The names in `export { … }` without a `from`. */
function namesExportedLater(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) continue;
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue;
    for (const element of statement.exportClause.elements)
      names.add((element.propertyName ?? element.name).text);
  }
  return names;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  }
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  ) {
    return [statement.name?.text ?? 'default'];
  }
  return ts.isExportAssignment(statement) ? ['default'] : [];
}
