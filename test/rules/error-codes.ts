import ts from 'typescript';
import type { SourceTree } from './source-tree.js';

/** The file that defines the codes: a code used only there is not used. */
export const ERROR_TEXTS_PATH = 'agent/core/error-texts.ts';

/**
 * Codes that no source uses yet, because the part that will is not written. A code leaves this list when it is used; a
 * new code may enter it only with the work that is to use it.
 */
export const NOT_USED_YET: readonly string[] = [
  'E_USAGE',
  'E_CONFIG_READ',
  'E_CONFIG_KEY',
  'E_IDENTITY_KEY',
  'E_IDENTITY_CERTIFICATE',
  'E_IDENTITY_EXPIRED',
  'E_IDENTITY_FOREIGN',
  'E_TRUST_DOCUMENT',
  'E_TRUST_SIGNATURE',
  'E_TRUST_OLD',
  'E_MESSAGE_GARBAGE',
  'E_MESSAGE_SIZE',
  'E_MESSAGE_TYPE',
  'E_MESSAGE_CLASS',
  'E_MESSAGE_SCHEMA',
  'E_SIGNATURE_ALGORITHM',
  'E_SIGNATURE_KEY',
  'E_SIGNATURE_INVALID',
  'E_AUTHORITY_AREA',
  'E_AUTHORITY_GRANT',
  'E_AUTHORITY_REVOKED',
  'E_COMMAND_EXPIRED',
  'E_COMMAND_TIME',
  'E_COMMAND_REPLAY',
  'E_COMMAND_TARGET',
  'E_COMMAND_STOP',
  'E_DOCUMENT_OLD',
  'E_DOCUMENT_SLOT',
  'E_MEDIA_ADDRESS',
  'E_MEDIA_CONNECT',
  'E_MEDIA_STATUS',
  'E_MEDIA_FORMAT',
  'E_MEDIA_DIGEST',
  'E_MEDIA_STALL',
  'E_MEDIA_SIZE',
  'E_MEDIA_DECODE',
  'E_DECODER_MISSING',
  'E_SINK_OPEN',
  'E_SINK_DIED',
  'E_SOUND_ENGINE',
  'E_LINK_CONNECT',
  'E_LINK_TLS',
  'E_LINK_REFUSED',
  'E_LINK_LOST',
  'E_LINK_PROTOCOL',
  'E_STORE_OPEN',
  'E_NOT_RUNNING',
  'E_LOCAL_LIMIT',
];

/** Every string literal of the form `E_…` in a tree outside the table, with where it stands first. */
export function codesUsed(tree: SourceTree): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const [path, text] of tree) {
    if (path === ERROR_TEXTS_PATH) continue;
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
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
