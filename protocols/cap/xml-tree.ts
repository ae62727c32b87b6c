import { SaxesParser } from 'saxes';
import { accepted, LoaError, messageOf, refused, type Outcome } from '../../agent/core/errors.js';

/** An element of an XML document. Comments and processing instructions are gone; so is white space beside elements. */
export interface XmlElement {
  /** Namespace; empty where there is none. */
  readonly uri: string;
  readonly local: string;
  readonly children: readonly XmlElement[];
  /** Its own text, trimmed; empty where it has children. */
  readonly text: string;
}

/** How large a document may be. */
export interface XmlLimits {
  /** UTF-8 bytes of the whole. */
  readonly bytes: number;
  /** Elements within each other. */
  readonly depth: number;
  readonly elements: number;
  /** Attributes of one element. */
  readonly attributes: number;
}

interface Open {
  readonly uri: string;
  readonly local: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an XML 1.0 document with namespaces into a tree. Without document types there is nothing to expand and nothing to
 * fetch: a DOCTYPE is refused before what is in it means anything, and only the five entities of XML itself are known.
 * @returns `E_CAP_SIZE` over a limit, `E_CAP_XML` where it is not well-formed, not UTF-8, or has a DOCTYPE
 */
export function readXml(text: string, limits: XmlLimits): Outcome<XmlElement> {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > limits.bytes)
    return refused('E_CAP_SIZE', `${bytes} bytes of XML; ${limits.bytes} are allowed`);
  try {
    return accepted(treeOf(text.replace(/^\uFEFF/, ''), limits));
  } catch (error) {
    if (error instanceof LoaError) return refused(error.code, error.message.slice(0, 200));
    return refused('E_CAP_XML', messageOf(error).slice(0, 200));
  }
}

/** @throws LoaError, or the parser's error */
function treeOf(text: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new LoaError('E_CAP_XML', 'a DOCTYPE is not allowed');
  });
  parser.on('xmldecl', ({ version = '1.0', encoding = 'UTF-8' }) => {
    if (version !== '1.0') throw new LoaError('E_CAP_XML', `XML ${version.slice(0, 8)}`);
    if (!/^(utf-8|us-ascii)$/i.test(encoding))
      throw new LoaError('E_CAP_XML', `encoding ${encoding.slice(0, 20)}`);
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    elements += 1;
    if (elements > limits.elements) throw new LoaError('E_CAP_SIZE', `more than ${limits.elements} elements`);
    if (open.length >= limits.depth) throw new LoaError('E_CAP_SIZE', `nested deeper than ${limits.depth}`);
    if (Object.keys(attributes).length > limits.attributes)
      throw new LoaError('E_CAP_SIZE', `more than ${limits.attributes} attributes`);
    open.push({ uri, local, children: [], text: '' });
  });
  const addText = (piece: string): void => {
    const last = open.at(-1);
    if (last !== undefined) last.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = open.pop();
    if (done === undefined) return;
    const element = { ...done, text: done.text.trim() };
    if (element.children.length > 0 && element.text !== '')
      throw new LoaError('E_CAP_XML', `text beside the elements of ${element.local.slice(0, 40)}`);
    const above = open.at(-1);
    if (above === undefined) root = element;
    else above.children.push(element);
  });
  parser.write(text).close();
  if (root === undefined) throw new LoaError('E_CAP_XML', 'no element');
  return root;
}
