import { KINDS, type KindSpec } from '../kinds.js';
import { PSEUDONYM } from '../topics.js';
import { TIMESTAMP_MAX_MS } from '../timestamp.js';
import { ELEMENTS_MAX } from './decode-canonical.js';
import { KIND_NAME, TEXT_CHARACTERS_MAX } from './judge-value.js';

/**
 * The canonical payload as a JSON Schema (2020-12), made from the kinds. It says what the decoder takes
 * without a fault, as far as a schema can: not whether a day exists, nor how many bytes a message has, nor
 * that a key is there once.
 */
export function canonicalSchema(): Record<string, unknown> {
  const time = {
    oneOf: [
      { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}[Tt ]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,13})?([Zz]|[+-]\\d{2}:\\d{2})$' },
      { type: 'number', minimum: 0, maximum: TIMESTAMP_MAX_MS },
      { type: 'null' },
    ],
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:hearthwatch:canonical-readings',
    title: 'Readings of a device: homes/<home>/devices/<device>/readings',
    oneOf: [{ $ref: '#/$defs/message' }, { type: 'array', items: { $ref: '#/$defs/message' }, minItems: 1, maxItems: ELEMENTS_MAX }],
    $defs: {
      message: {
        type: 'object',
        required: ['values'],
        properties: {
          ts: { description: 'When it happened: RFC 3339 with a zone, or milliseconds since 1970. Without it: when it arrives.', ...time },
          sent: { description: 'The sender’s clock at publishing.', ...time },
          seq: { description: 'Rises by one with each message of the device.', type: ['integer', 'null'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          resident: { description: 'Whom a shared device measured: a pseudonym.', type: ['string', 'null'], pattern: PSEUDONYM.source },
          test: { description: 'True for a test: stored, never pages.', type: ['boolean', 'null'] },
          values: { $ref: '#/$defs/values' },
        },
      },
      values: {
        type: 'object',
        minProperties: 1,
        propertyNames: { pattern: KIND_NAME.source },
        properties: Object.fromEntries(Object.entries<KindSpec>(KINDS).map(([kind, spec]) => [kind, valueSchema(spec)])),
        additionalProperties: {
          description: 'A kind that we do not know: stored and listed.',
          anyOf: [{ type: ['number', 'boolean'] }, { type: 'string', maxLength: TEXT_CHARACTERS_MAX, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }],
        },
      },
    },
  };
}

function valueSchema({ type, unit, min, max, choices }: KindSpec): Record<string, unknown> {
  switch (type) {
    case 'event':
      return { description: 'An event: true when it happens; false is not stored.', type: 'boolean' };
    case 'state':
      return { description: 'A state.', type: 'boolean' };
    case 'number':
      return { description: `In ${unit} (UCUM).`, type: 'number', minimum: min, maximum: max };
    case 'choice':
      return { enum: choices };
    default:
      return type satisfies never;
  }
}
