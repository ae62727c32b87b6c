import { z } from 'zod';
import { messageSchemas } from './messages/catalogue.js';
import { trustDocument, trustEnvelope } from './trust-document.js';

/** A JSON Schema that stands under a name. */
export type NamedSchemas = Readonly<Record<string, object>>;

/**
 * `components.schemas` of `asyncapi.yaml`: every message, the trust document and what they share, printed from the
 * schemas that validate them (JSON Schema 2020-12, only with words that draft 7 has too, which is AsyncAPI 3's own).
 */
export function asyncApiSchemas(): NamedSchemas {
  const all = [...Object.values(messageSchemas), trustDocument, trustEnvelope];
  const named = all.flatMap((schema) => {
    const printed = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
    return Object.entries(printed.$defs ?? {});
  });
  const text = JSON.stringify(Object.fromEntries(named)).replaceAll('#/$defs/', '#/components/schemas/');
  return JSON.parse(text) as NamedSchemas;
}
