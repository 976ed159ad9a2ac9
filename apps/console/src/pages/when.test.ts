import { expect, test } from '@jest/globals';
import { ago, lasting, minuteOfDay, shortWhen, when } from './when.js';

const LONDON = 'Europe/London';

test('a time is told in the home\'s own zone, summer and winter', () => {
  expect(when(Date.UTC(2026, 10, 21, 2, 14), LONDON)).toBe('Sat 21 Nov 2026, 02:14 GMT');
  expect(when(Date.UTC(2019, 3, 8, 12, 35), LONDON)).toBe('Mon 8 Apr 2019, 13:35 BST');
  expect(minuteOfDay(Date.UTC(2019, 3, 8, 23, 30), LONDON)).toBe(30);
});

test('a short time leaves out what is the same as now', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  expect(shortWhen(Date.UTC(2026, 10, 21, 2, 14), now, LONDON)).toBe('02:14');
  expect(shortWhen(Date.UTC(2026, 10, 20, 2, 14), now, LONDON)).toBe('20 Nov, 02:14');
  expect(shortWhen(Date.UTC(2019, 10, 20, 2, 14), now, LONDON)).toBe('20 Nov 2019, 02:14');
});

test('how long ago is rounded down to one unit', () => {
  expect(lasting(59_999)).toBe('less than a minute');
  expect(lasting(60_000)).toBe('1 minute');
  expect(lasting(119 * 60_000)).toBe('119 minutes');
  expect(lasting(120 * 60_000)).toBe('2 hours');
  expect(lasting(49 * 3_600_000)).toBe('2 days');
  expect(ago(1_000, 31_000)).toBe('just now');
  expect(ago(0, 120_000)).toBe('2 minutes ago');
  expect(ago(600_000, 0)).toBe('in 10 minutes');
});
