/** A CAP alert: OASIS Common Alerting Protocol Version 1.2, CAP-v1.2-os of 1 July 2010, clause 3.2. */

/** A message as `references` names it, clause 3.2.1: what tells one CAP message apart from all others. */
export interface CapName {
  readonly sender: string;
  readonly identifier: string;
  /** Unix milliseconds. */
  readonly sentMs: number;
}

/** A place on the earth, WGS 84, degrees. */
export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}

/** A circle of clause 3.2.4. */
export interface CapCircle {
  readonly centre: GeoPoint;
  readonly radiusKm: number;
}

/** An area of clause 3.2.4: the union of all that describes it. */
export interface CapArea {
  readonly description: string;
  /** Each closed: the first point is the last one too. */
  readonly polygons: readonly (readonly GeoPoint[])[];
  readonly circles: readonly CapCircle[];
  readonly geocodes: readonly { readonly name: string; readonly value: string }[];
}

/** Words of `status`, clause 3.2.1. */
export const CAP_STATUS = ['Actual', 'Exercise', 'System', 'Test', 'Draft'] as const;
/** Words of `msgType`, clause 3.2.1. */
export const CAP_MESSAGE_TYPES = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'] as const;
/** Words of `scope`, clause 3.2.1. */
export const CAP_SCOPES = ['Public', 'Restricted', 'Private'] as const;
/** Words of `category`, clause 3.2.2. */
export const CAP_CATEGORIES = [
  ...['Geo', 'Met', 'Safety', 'Security', 'Rescue', 'Fire'],
  ...['Health', 'Env', 'Transport', 'Infra', 'CBRNE', 'Other'],
] as const;
/** Words of `responseType`, clause 3.2.2. */
export const CAP_RESPONSES = [
  'Shelter',
  'Evacuate',
  'Prepare',
  'Execute',
  'Avoid',
  'Monitor',
  'Assess',
  'AllClear',
  'None',
] as const;
/** Words of `urgency`, clause 3.2.2. */
export const CAP_URGENCIES = ['Immediate', 'Expected', 'Future', 'Past', 'Unknown'] as const;
/** Words of `severity`, clause 3.2.2. */
export const CAP_SEVERITIES = ['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const;
/** Words of `certainty`, clause 3.2.2; of CAP 1.0 "Very Likely" is read as `Likely`, as the clause says. */
export const CAP_CERTAINTIES = ['Observed', 'Likely', 'Possible', 'Unlikely', 'Unknown'] as const;

/** One of {@link CAP_RESPONSES}. */
export type CapResponse = (typeof CAP_RESPONSES)[number];

/** What is said in one language of one event, clause 3.2.2. Instants are Unix milliseconds. */
export interface CapInfo {
  /** RFC 3066; `en-US` where the message does not say. */
  readonly language: string;
  readonly event: string;
  readonly responses: readonly CapResponse[];
  readonly urgency: (typeof CAP_URGENCIES)[number];
  readonly severity: (typeof CAP_SEVERITIES)[number];
  readonly certainty: (typeof CAP_CERTAINTIES)[number];
  readonly effectiveMs: number | undefined;
  readonly onsetMs: number | undefined;
  readonly expiresMs: number | undefined;
  readonly senderName: string | undefined;
  readonly headline: string | undefined;
  readonly description: string | undefined;
  readonly instruction: string | undefined;
  /** None: wherever the message goes. */
  readonly areas: readonly CapArea[];
}

/** A CAP message, clause 3.2.1. */
export interface CapAlert extends CapName {
  readonly status: (typeof CAP_STATUS)[number];
  readonly messageType: (typeof CAP_MESSAGE_TYPES)[number];
  readonly scope: (typeof CAP_SCOPES)[number];
  readonly note: string | undefined;
  readonly references: readonly CapName[];
  readonly infos: readonly CapInfo[];
}
