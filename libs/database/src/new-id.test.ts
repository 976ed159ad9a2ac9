import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from './index.js';

test('ids sort by their time, and within one millisecond by the order in which they were made', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 50 }), (times) => {
    const made = times.map((time, i) => ({ time, i, id: newId(1_700_000_000_000 + time) }));
    const byId = made.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId).toEqual(made.toSorted((a, b) => a.time - b.time || a.i - b.i));
  }));
});

test('an id is a UUID of version 7, and no two are the same', () => {
  const ids = Array.from({ length: 100_000 }, () => newId(1_700_000_000_000));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids.slice(0, 100)) expect(id).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
