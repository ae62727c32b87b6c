import { posix } from 'node:path';
import ts from 'typescript';
import { parsedSource } from './parsed-source.js';

/** One module that a source names. */
export interface Import {
  /** As written: `../core/errors.js`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** The source it means, from the root of the checkout, for a relative one. */
  readonly path: string | undefined;
  /** Line in the importing source, from 1. */
  readonly line: number;
}

/**
 * Every module that a source names: imports and re-exports (of types too), `import()`, `import('…')` types, `require`,
 * and `new URL('…', import.meta.url)`, by which workers and children are started.
 */
export function importsOf(path: string, text: string): Import[] {
  const source = parsedSource(path, text);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push({ specifier, path: targetOf(path, specifier), line });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (ts.isCallExpression(node)) {
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
    return isImport || isRequire ? textOf(node.arguments[0]) : undefined;
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
    return node.arguments?.[1]?.getText() === 'import.meta.url' ? textOf(node.arguments[0]) : undefined;
  }
  return undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function targetOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
