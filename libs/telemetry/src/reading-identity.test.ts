import { expect, test } from '@jest/globals';

import { readingIdentity } from './reading-identity.js';
import type { Reading } from './reading.js';

const READING: Reading = { home: 'h', device: 'd', kind: 'temperature', value: 21, atMs: 1_000, receivedMs: 2_000, clock: 'device', test: false };

test('an identity tells apart what a reading can differ in, and nothing else', () => {
  const base = readingIdentity(READING);
  expect(readingIdentity({ ...READING, receivedMs: 9, seq: 4 })).toBe(base);
  for (const other of [{ value: '21' }, { value: 21.1 }, { atMs: 1_001 }, { kind: 'humidity' }, { device: 'e' }, { home: 'i' }]) {
    expect(readingIdentity({ ...READING, ...other })).not.toBe(base);
  }
});
