import ts from 'typescript';
import { parsedSource } from './parsed-source.js';
import type { SourceTree } from './source-tree.js';

/** Names and abbreviations that are the same in both. */
const SAME = ['SIM', 'TLS', 'Watchdog'];

/**
 * Texts for people that lack a language, `path:line why`: an object with `vi` has `en`, neither is empty, and what is written out in both is not
 * the same twice.
 */
export function oneLanguageTexts(tree: SourceTree): string[] {
  return [...tree].flatMap(([path, text]) => {
    const source = parsedSource(path, text);
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const why = ts.isObjectLiteralExpression(node) ? whyNot(node) : undefined;
      if (why !== undefined)
        found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${why}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

function whyNot(node: ts.ObjectLiteralExpression): string | undefined {
  const [vi, en] = [valueOf(node, 'vi'), valueOf(node, 'en')];
  if (vi === undefined && en === undefined) return undefined;
  if (vi === undefined || en === undefined)
    return `has no text in ${vi === undefined ? 'Vietnamese' : 'English'}`;
  const [ofVi, ofEn] = [writtenOut(vi), writtenOut(en)];
  if (ofVi?.trim() === '' || ofEn?.trim() === '') return 'has an empty text';
  return ofVi !== undefined && ofVi === ofEn && !SAME.includes(ofVi)
    ? `says the same twice: ${ofVi}`
    : undefined;
}

function valueOf(node: ts.ObjectLiteralExpression, name: string): ts.Node | undefined {
  const property = node.properties.find((one) => one.name?.getText() === name);
  return property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : property;
}

function writtenOut(node: ts.Node): string | undefined {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) ? node.text : undefined;
}
