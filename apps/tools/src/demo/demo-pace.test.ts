import { expect, test } from '@jest/globals';
import { hours, minutes, seconds } from '#libs/runtime';
import { meetingThePresent } from './demo-pace.js';

const NOW = Date.parse('2026-11-22T10:00:00Z');

test('a day passes in the time given, meets the present, and goes on at its own time', () => {
  const dueMs = (atMs: number): number => meetingThePresent(NOW - hours(24), NOW, 100)(atMs, NOW);
  expect(dueMs(NOW - hours(24))).toBe(0);
  expect(dueMs(NOW - hours(12) + seconds(50))).toBeCloseTo(seconds(50), 3);
  expect(dueMs(NOW + seconds(100))).toBeCloseTo(seconds(100), 3);
  expect(dueMs(NOW + minutes(30))).toBe(minutes(30));
});
