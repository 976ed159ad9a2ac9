import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayPicture, type Day } from './day-picture.js';
import { dayTable } from './day-table.js';
import { dayStretch } from './day-of-home.js';
import { localHours, nights } from './local-hours.js';
import { valueChart } from './value-chart.js';

const HOUR_MS = 3_600_000;
const LONDON = 'Europe/London';
const MARCH_CLOCK_CHANGE = Date.UTC(2026, 2, 29);

function day(over: Partial<Day> = {}): Day {
  return { startMs: Date.UTC(2026, 10, 20), endMs: Date.UTC(2026, 10, 21), timeZone: LONDON, tickMs: 300_000, ribbons: [], alerts: [], ...over };
}

test('nights and hours follow the home\'s clock, on the day that it changes too', () => {
  expect(nights(MARCH_CLOCK_CHANGE, MARCH_CLOCK_CHANGE + 24 * HOUR_MS, LONDON)).toEqual([
    { fromMs: MARCH_CLOCK_CHANGE, toMs: MARCH_CLOCK_CHANGE + 5 * HOUR_MS }, // 06:00 summer time.
    { fromMs: MARCH_CLOCK_CHANGE + 21 * HOUR_MS, toMs: MARCH_CLOCK_CHANGE + 24 * HOUR_MS },
  ]);
  expect(localHours(MARCH_CLOCK_CHANGE, MARCH_CLOCK_CHANGE + 6 * HOUR_MS, 3, LONDON)).toEqual([0, 2, 5].map((h) => MARCH_CLOCK_CHANGE + h * HOUR_MS));
});

test('the picture reaches to now, or for a replay or long silence to the newest reading', () => {
  const nowMs = Date.UTC(2026, 10, 21, 12);
  expect(dayStretch(nowMs - 3 * HOUR_MS, nowMs)).toEqual({ startMs: nowMs - 24 * HOUR_MS, endMs: nowMs, old: false });
  const newestMs = Date.UTC(2019, 5, 30, 22, 59, 30);
  expect(dayStretch(newestMs, nowMs)).toEqual({ startMs: Date.UTC(2019, 5, 29, 23), endMs: Date.UTC(2019, 5, 30, 23), old: true });
});

test('everything drawn lies within the picture, whatever the times', () => {
  const time = fc.integer({ min: Date.UTC(2026, 10, 19), max: Date.UTC(2026, 10, 22) });
  fc.assert(fc.property(fc.array(fc.tuple(time, time)), fc.array(time), (spans, ticks) => {
    const svg = dayPicture(day({
      ribbons: [{ label: 'x', door: false, quiet: '', spans: spans.map(([a, b]) => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) })), ticks: ticks.map((startMs) => ({ startMs, count: 1 })) }],
      alerts: ticks.map((atMs) => ({ atMs, severity: 'urgent' as const, reason: 'r' })),
    }));
    for (const [, x, width] of svg.matchAll(/ x="([\d.-]+)%"[^>]*? width="([\d.-]+)%"/g)) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(100.03);
    }
    expect(svg).not.toContain('NaN');
  }));
});

test('what a device or a person wrote is text in a picture', () => {
  const nasty = '<script>"&\'';
  const svg = dayPicture(day({ ribbons: [{ label: nasty, ticks: [], spans: [], door: true, quiet: nasty }], alerts: [{ atMs: Date.UTC(2026, 10, 20, 5), severity: 'emergency', reason: nasty }] }));
  expect(svg).not.toContain('<script>');
  expect(valueChart({ ...day(), id: 'c', name: nasty, unit: nasty, lines: [{ name: 'n', points: [{ atMs: Date.UTC(2026, 10, 20, 5), value: 1 }] }], limits: [] })).not.toContain('<script>');
});

test('the table tells the same as the picture', () => {
  const startMs = Date.UTC(2026, 10, 20);
  const { columns, rows } = dayTable(day({ ribbons: [{
    label: 'Front door', door: true, quiet: '', ticks: [{ startMs: startMs + HOUR_MS, count: 2 }, { startMs: startMs + 2 * HOUR_MS, count: 1 }],
    spans: [{ fromMs: startMs + 2.5 * HOUR_MS, toMs: startMs + 3.5 * HOUR_MS }],
  }, { label: 'Quiet', door: false, quiet: '', ticks: [], spans: [] }] }));
  expect(columns).toEqual(['From 00:00', 'From 03:00', 'From 06:00', 'From 09:00', 'From 12:00', 'From 15:00', 'From 18:00', 'From 21:00']);
  expect(rows[0]).toEqual({ label: 'Front door', counts: ['3, for 30 minutes', 'for 30 minutes', '–', '–', '–', '–', '–', '–'], last: '03:30' });
  expect(rows[1]!.last).toBe('nothing');
});

test('a chart of one value, and of equal values, is drawn', () => {
  for (const points of [[{ atMs: Date.UTC(2026, 10, 20, 5), value: 71 }], [1, 2].map((h) => ({ atMs: Date.UTC(2026, 10, 20, h), value: 71 }))]) {
    expect(valueChart({ ...day(), id: 'c', name: 'Pulse', unit: 'a minute', lines: [{ name: 'heart_rate', points }], limits: [] })).not.toMatch(/NaN|Infinity/);
  }
});
