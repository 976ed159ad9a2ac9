import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { TIMESTAMP_MAX_MS, parseTimestamp } from './timestamp.js';

test.each([
  ['2026-11-21T02:14:05Z', '2026-11-21T02:14:05.000Z'],
  ['2026-11-21T02:14:05.1Z', '2026-11-21T02:14:05.100Z'],
  ['2026-11-21t02:14:05.123456789z', '2026-11-21T02:14:05.123Z'],
  ['2026-11-21 02:14:05.12+01:00', '2026-11-21T01:14:05.120Z'],
  ['2026-11-21T02:14:05-05:30', '2026-11-21T07:44:05.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(new Date(parseTimestamp(text) ?? Number.NaN).toISOString()).toBe(expected);
});

test.each([
  '', 'yesterday', '2026-11-21', '2026-11-21T02:14:05', '2026-11-21T02:14:05.Z', '2026-11-21T02:14Z', '2026-13-01T00:00:00Z',
  '2026-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2026-11-31T00:00:00Z', '2026-11-21T24:00:00Z', '2026-11-21T23:60:00Z', '2026-11-21T02:14:05+0100',
  '2026-11-21T02:14:05+25:00', '2026-11-21T02:14:05Z ', '1969-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '9999-01-01T00:00:00Z', '2026-11-21X02:14:05Z',
])('%s is no time', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

test('every time comes back in every zone', () => {
  const zones = fc.integer({ min: -1_439, max: 1_439 });
  fc.assert(fc.property(fc.integer({ min: 2 * 86_400_000, max: TIMESTAMP_MAX_MS - 2 * 86_400_000 }), zones, (atMs, zone) => {
    const two = (n: number): string => String(n).padStart(2, '0');
    const written = new Date(atMs + zone * 60_000).toISOString().slice(0, -1);
    const offset = `${zone < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
    expect(parseTimestamp(written + offset)).toBe(atMs);
  }));
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ maxLength: 45 }), (text) => {
    expect(['number', 'undefined']).toContain(typeof parseTimestamp(text));
  }));
});
