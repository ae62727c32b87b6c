import ts from 'typescript';
import { parsedSource } from './parsed-source.js';
import type { SourceTree } from './source-tree.js';

/** The file that defines the codes: a code used only there is not used. */
export const ERROR_TEXTS_PATH = 'agent/core/error-texts.ts';

/** Every string literal of the form `E_…` in a tree outside the table, with where it stands first. */
export function codesUsed(tree: SourceTree): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const [path, text] of tree) {
    if (path === ERROR_TEXTS_PATH) continue;
    const source = parsedSource(path, text);
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && /^E_[A-Z0-9_]+$/.test(node.text) && !used.has(node.text)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
        used.set(node.text, `${path}:${line}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return used;
}
