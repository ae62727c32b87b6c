import { accepted, LoaError, refused, type Outcome } from '../../agent/core/errors.js';
import {
  CAP_CATEGORIES,
  CAP_CERTAINTIES,
  CAP_MESSAGE_TYPES,
  CAP_RESPONSES,
  CAP_SCOPES,
  CAP_SEVERITIES,
  CAP_STATUS,
  CAP_URGENCIES,
  type CapAlert,
  type CapArea,
  type CapCircle,
  type CapInfo,
  type GeoPoint,
} from './alert.js';
import { Fields, instantOf, nameText, referencesOf, shown, wrong, type Count } from './fields.js';
import { readXml, type XmlElement } from './xml-tree.js';

/** Longest document, UTF-8 bytes: it travels in a signed message of 64 KiB at most. */
export const CAP_LIMIT_BYTES = 32_768;
/** Namespace of CAP 1.2, clause 3.4. */
export const CAP_NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';
const SIGNATURE_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';
const LIMITS = { bytes: CAP_LIMIT_BYTES, depth: 12, elements: 2_000, attributes: 8 } as const;
/** How often an element that may be repeated is. */
const REPEATS = 64;
const POINTS = 2_000;

const ALERT: Readonly<Record<string, Count>> = {
  ...{ identifier: 'one', sender: 'one', sent: 'one', status: 'one', msgType: 'one', scope: 'one' },
  ...{ source: 'optional', restriction: 'optional', addresses: 'optional', code: 'many', note: 'optional' },
  ...{ references: 'optional', incidents: 'optional', info: 'many' },
};
const INFO: Readonly<Record<string, Count>> = {
  ...{ language: 'optional', category: 'many', event: 'one', responseType: 'many', urgency: 'one' },
  ...{ severity: 'one', certainty: 'one', audience: 'optional', eventCode: 'many', effective: 'optional' },
  ...{ onset: 'optional', expires: 'optional', senderName: 'optional', headline: 'optional' },
  ...{ description: 'optional', instruction: 'optional', web: 'optional', contact: 'optional' },
  ...{ parameter: 'many', resource: 'many', area: 'many' },
};
const AREA: Readonly<Record<string, Count>> = {
  ...{ areaDesc: 'one', polygon: 'many', circle: 'many', geocode: 'many' },
  ...{ altitude: 'optional', ceiling: 'optional' },
};
const CODE: Readonly<Record<string, Count>> = { valueName: 'one', value: 'one' };

/**
 * Reads a CAP 1.2 alert (CAP-v1.2-os, clause 3.2), strictly: an element that the standard does not have, one too many, a word
 * that is none of its own and a DateTime in another form are refused. The order of elements is not asked for. An XML
 * signature (clause 3.3.4) is passed over: what is believed here is the signed message that brings the document.
 * @returns `E_CAP_SIZE`, `E_CAP_XML`, `E_CAP_FIELD`
 */
export function readCap(text: string): Outcome<CapAlert> {
  const tree = readXml(text, LIMITS);
  if (!tree.ok) return tree;
  try {
    return accepted(alertOf(tree.value));
  } catch (error) {
    if (error instanceof LoaError) return refused(error.code, error.message.slice(0, 200));
    throw error;
  }
}

function fields(element: XmlElement, counts: Readonly<Record<string, Count>>): Fields {
  return new Fields(element, CAP_NAMESPACE, counts, REPEATS);
}

function alertOf(root: XmlElement): CapAlert {
  if (root.uri !== CAP_NAMESPACE || root.local !== 'alert')
    throw wrong(`the root is ${shown(root.local)} of ${shown(root.uri)}`);
  const own = { ...root, children: root.children.filter(({ uri }) => uri !== SIGNATURE_NAMESPACE) };
  const has = fields(own, ALERT);
  const messageType = has.word('msgType', CAP_MESSAGE_TYPES);
  const scope = has.word('scope', CAP_SCOPES);
  const references = referencesOf(has.text('references'), REPEATS);
  // Clause 3.2.1: an update, a cancellation, an acknowledgement and an error name what they are about.
  if (messageType !== 'Alert' && references.length === 0) throw wrong(`${messageType} without references`);
  if (scope === 'Restricted' && has.text('restriction') === undefined) throw wrong('no restriction');
  if (scope === 'Private' && has.text('addresses') === undefined) throw wrong('no addresses');
  return {
    identifier: nameText('identifier', has.needed('identifier')),
    sender: nameText('sender', has.needed('sender')),
    sentMs: instantOf('sent', has.needed('sent')),
    status: has.word('status', CAP_STATUS),
    messageType,
    scope,
    note: has.text('note'),
    references,
    infos: has.all('info').map(infoOf),
  };
}

function infoOf(element: XmlElement): CapInfo {
  const has = fields(element, INFO);
  if (has.words('category', CAP_CATEGORIES).length === 0) throw wrong('info has no category');
  const language = has.text('language') ?? 'en-US';
  if (!/^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(language)) throw wrong(`language: ${shown(language)}`);
  for (const code of [...has.all('eventCode'), ...has.all('parameter')]) codeOf(code);
  const [effectiveMs, expiresMs] = [has.instant('effective'), has.instant('expires')];
  if (effectiveMs !== undefined && expiresMs !== undefined && expiresMs <= effectiveMs)
    throw wrong('expires before it is effective');
  return {
    language,
    event: has.needed('event'),
    responses: has.words('responseType', CAP_RESPONSES),
    urgency: has.word('urgency', CAP_URGENCIES),
    severity: has.word('severity', CAP_SEVERITIES),
    certainty: certaintyOf(has),
    effectiveMs,
    onsetMs: has.instant('onset'),
    expiresMs,
    senderName: has.text('senderName'),
    headline: has.text('headline'),
    description: has.text('description'),
    instruction: has.text('instruction'),
    areas: has.all('area').map(areaOf),
  };
}

function certaintyOf(has: Fields): CapInfo['certainty'] {
  return has.text('certainty') === 'Very Likely' ? 'Likely' : has.word('certainty', CAP_CERTAINTIES);
}

function areaOf(element: XmlElement): CapArea {
  const has = fields(element, AREA);
  return {
    description: has.needed('areaDesc'),
    polygons: has.texts('polygon').map(polygonOf),
    circles: has.texts('circle').map(circleOf),
    geocodes: has.all('geocode').map(codeOf),
  };
}

function codeOf(element: XmlElement): { name: string; value: string } {
  const has = fields(element, CODE);
  return { name: has.needed('valueName'), value: has.text('value') ?? '' };
}

/** Clause 3.2.4: at least four pairs, the first and the last the same. */
function polygonOf(text: string): GeoPoint[] {
  const points = text
    .split(/\s+/)
    .slice(0, POINTS + 1)
    .map(pointOf);
  const [first, last] = [points[0], points.at(-1)];
  if (points.length > POINTS) throw wrong(`a polygon of more than ${POINTS} points`);
  const closed = first?.latitude === last?.latitude && first?.longitude === last?.longitude;
  if (points.length < 4 || !closed) throw wrong('a polygon that is not closed');
  return points;
}

/** Clause 3.2.4: a point, a space, a radius in kilometres. */
function circleOf(text: string): CapCircle {
  const [centre = '', radius = '', ...more] = text.split(/\s+/);
  const radiusKm = /^\d{1,5}(\.\d{1,9})?$/.test(radius) ? Number(radius) : NaN;
  if (Number.isNaN(radiusKm) || more.length > 0) throw wrong(`circle: ${shown(text)}`);
  return { centre: pointOf(centre), radiusKm };
}

function pointOf(text: string): GeoPoint {
  const parts = /^(-?\d{1,3}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)$/.exec(text);
  const [latitude, longitude] = [Number(parts?.[1] ?? NaN), Number(parts?.[2] ?? NaN)];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) throw wrong(`no point: ${shown(text)}`);
  return { latitude, longitude };
}
