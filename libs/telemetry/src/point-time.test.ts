import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KINDS } from './kinds.js';
import { pointTimeUs } from './point-time.js';

const AT_MS = 1_555_000_000_123;
const micros = (value: number | boolean | string): number => pointTimeUs({ atMs: AT_MS, value }) - AT_MS * 1_000;

test('a point lies within the millisecond of its reading, at the same place each time', () => {
  const values = fc.oneof(fc.double(), fc.boolean(), fc.string({ unit: 'binary' }));
  fc.assert(fc.property(values, fc.integer({ min: 0, max: 9_007_199_254_740 }), (value, atMs) => {
    const us = pointTimeUs({ atMs, value });
    expect(Number.isSafeInteger(us)).toBe(true);
    expect(Math.floor(us / 1_000)).toBe(atMs);
    expect(pointTimeUs({ atMs, value })).toBe(us);
  }));
});

test('whole numbers within 996 of each other never share a point', () => {
  expect(new Set(Array.from({ length: 997 }, (_, index) => micros(index - 150))).size).toBe(997);
});

test('tenths within 99.6 of each other never share a point', () => {
  expect(new Set(Array.from({ length: 997 }, (_, index) => micros((index + 300) / 10))).size).toBe(997);
});

test('true and false, and the choices of every kind, never share a point', () => {
  expect(micros(true)).not.toBe(micros(false));
  for (const spec of Object.values(KINDS)) {
    if (spec.type === 'choice') expect(new Set(spec.choices.map(micros)).size).toBe(spec.choices.length);
  }
});

test('the place never changes between versions: stored points would be doubled by a repeat', () => {
  expect([36.6, 0, -0, -4.5, 1e300, true, false, '', 'awake', 'Grüße'].map(micros)).toMatchInlineSnapshot(`
[
  130,
  0,
  0,
  458,
  844,
  998,
  997,
  223,
  608,
  840,
]
`);
});
