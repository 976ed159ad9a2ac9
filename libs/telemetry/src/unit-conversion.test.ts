import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KINDS, type KindSpec } from './kinds.js';
import { inUnitOf } from './unit-conversion.js';

test.each([
  ['temperature', 70.7, '°F', 21.5], ['temperature', 294.65, 'K', 21.5], ['temperature', 21.123_456, '°C', 21.123_456], ['weight', 136, 'lb', 61.689], ['weight', 10, 'st', 63.503], ['weight', 123.5, 'jin', 61.75],
  ['blood_glucose', 100, 'mg/dL', 5.551], ['systolic', 16, 'kPa', 120.01], ['power', 2.635, 'kW', 2_635], ['battery', 0.87, '/', 87], ['heart_rate', 1.2, 'Hz', 72], ['carbon_monoxide_ppm', 500, 'ppb', 0.5], ['signal', -90, 'dBW', -60],
])('%s of %d %s is %d', (kind, value, unit, expected) => {
  expect(inUnitOf(kind, value, unit)).toBe(expected);
});

test.each([['temperature', 'kg'], ['weight', '°C'], ['spo2', 'bpm'], ['temperature', 'constructor']])('%s has no unit %s', (kind, unit) => {
  expect(inUnitOf(kind, 1, unit)).toBeUndefined();
});

test('without a unit, in its own unit, and for a kind that has none, a value stays as it is', () => {
  fc.assert(fc.property(fc.constantFrom(...Object.entries<KindSpec>(KINDS)), fc.double({ noNaN: true }), ([kind, { unit }], value) => {
    expect(inUnitOf(kind, value, undefined)).toBe(value);
    if (unit !== undefined) expect(inUnitOf(kind, value, unit)).toBe(value);
    expect(inUnitOf('co2', value, 'anything')).toBe(value);
  }));
});
