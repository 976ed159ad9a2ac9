import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';

import { KINDS, type KindSpec } from '../kinds.js';
import { TIMESTAMP_MAX_MS } from '../timestamp.js';
import { canonicalSchema } from './canonical-schema.js';
import { decodeCanonical } from './decode-canonical.js';

const FILE = 'libs/telemetry/schema/canonical.schema.json';
const OPTIONS = { checkClock: true, retentionMs: 30 * 86_400_000 };
const validate = new Ajv2020({ allowUnionTypes: true }).compile(canonicalSchema());

const decodesWithoutFault = (payload: string): boolean =>
  decodeCanonical({ home: 'h1', device: 'd1' }, Buffer.from(payload), Date.UTC(2026, 10, 21), OPTIONS).faults.length === 0;

/** To write it anew: HEARTHWATCH_WRITE_SCHEMA=1 npm run jest -- canonical-schema */
test('the published schema is what the kinds say', () => {
  const made = `${JSON.stringify(canonicalSchema(), undefined, 2)}\n`;
  if (process.env.HEARTHWATCH_WRITE_SCHEMA === '1') {
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, made);
  }
  expect(readFileSync(FILE, 'utf8')).toBe(made);
});

const two = (max: number, min = 0) => fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'));
const times = fc.tuple(fc.integer({ min: 1971, max: 2250 }), two(12, 1), two(28, 1), two(23), two(59), two(59), fc.constantFrom('', '.5', '.123', '.123456'), fc.constantFrom('Z', 'z', '+01:00', '-05:30'))
  .map(([year, month, day, hour, minute, second, fraction, zone]) => `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`);
const ts = fc.oneof(
  times, fc.integer({ min: 0, max: TIMESTAMP_MAX_MS }), fc.constantFrom(null, -1, TIMESTAMP_MAX_MS + 1, 'yesterday', '2026-11-21', '2026-11-21T02:14:05', true, [], {}),
);
const value = fc.oneof(
  fc.boolean(), fc.integer({ min: -300, max: 300_000 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), fc.string({ maxLength: 8 }),
  fc.constantFrom(null, 'awake', 'taken', 'A', 'x'.repeat(200), 'x'.repeat(201), '\u0000', {}, [], [1]),
);
const kind = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...Object.keys(KINDS)) }, { weight: 1, arbitrary: fc.constantFrom('co2_ppm', 'Loud', '2nd', 'constructor', 'a'.repeat(65), '_x', '') });
/** A kind with a value of its type, mostly within its range. */
const fitting = fc.constantFrom(...Object.entries<KindSpec>(KINDS)).chain(([name, spec]) => {
  const values: fc.Arbitrary<unknown> = spec.type === 'number' ? fc.double({ min: (spec.min ?? 0) - 1, max: spec.max, noNaN: true }) : spec.type === 'choice' ? fc.constantFrom(...spec.choices ?? []) : fc.boolean();
  return values.map((each): [string, unknown] => [name, each]);
});
const usual = fc.record({ ts: times, values: fc.array(fitting, { minLength: 1, maxLength: 3 }).map((pairs): unknown => Object.fromEntries(pairs)) }, { requiredKeys: ['values'] });
const message = fc.record({
  ts, sent: ts, values: fc.oneof({ weight: 9, arbitrary: fc.dictionary(kind, value, { maxKeys: 4 }) }, { weight: 1, arbitrary: value }),
  seq: fc.oneof(fc.integer({ min: -1, max: 99 }), fc.constantFrom(null, 1.5, '1')), resident: fc.constantFrom('r1', null, 'Ann Example', '', 7), test: fc.constantFrom(true, false, null, 1),
  firmware: fc.constantFrom('1.2', { deep: [1] }),
}, { requiredKeys: [] });
const payloads = fc.oneof({ weight: 2, arbitrary: usual }, { weight: 5, arbitrary: message }, { weight: 2, arbitrary: fc.array(fc.oneof(usual, message), { maxLength: 3 }) }, { weight: 1, arbitrary: fc.jsonValue() });

test('schema and decoder agree on what is without a fault', () => {
  let valid = 0;
  fc.assert(fc.property(payloads, (payload) => {
    const text = JSON.stringify(payload);
    const accepted = validate(JSON.parse(text));
    if (accepted) valid++;
    expect({ text, accepted }).toEqual({ text, accepted: decodesWithoutFault(text) });
  }), { numRuns: 2_000 });
  expect(valid).toBeGreaterThan(300);
});

test('every kind is taken at both ends of its range, by both', () => {
  for (const [name, spec] of Object.entries(KINDS)) {
    const values = spec.type === 'number' ? [spec.min, spec.max] : spec.type === 'choice' ? spec.choices : [true, false];
    for (const each of values) {
      const payload = { values: { [name]: each } };
      expect([name, each, validate(payload), decodesWithoutFault(JSON.stringify(payload))]).toEqual([name, each, true, true]);
    }
  }
});
