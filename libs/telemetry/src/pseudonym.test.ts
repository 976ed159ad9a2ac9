import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pseudonymOf } from './pseudonym.js';
import { PSEUDONYM } from './topics.js';

test('a name that is a pseudonym stays as it is', () => {
  expect(['0x00158d0001a2b3c4', 'pir-hall', 'a'.repeat(64)].map(pseudonymOf)).toEqual(['0x00158d0001a2b3c4', 'pir-hall', 'a'.repeat(64)]);
});

test('any other name can be recognised in its pseudonym', () => {
  expect(pseudonymOf('Küche / PIR')).toMatch(/^Kuche-PIR-[0-9a-f]{8}$/);
  expect(pseudonymOf('📦')).toMatch(/^[0-9a-f]{8}$/);
});

test('every name has a pseudonym, always the same, and names that differ stay apart', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 90 }), (one, other) => {
    expect(pseudonymOf(one)).toMatch(PSEUDONYM);
    expect(pseudonymOf(one)).toBe(pseudonymOf(one));
    if (one !== other) expect(pseudonymOf(one)).not.toBe(pseudonymOf(other));
  }));
  expect(new Set(['hall pir', 'hall/pir', 'hall-pir', 'hall.pir', 'hall–pir'].map(pseudonymOf)).size).toBe(5);
});
