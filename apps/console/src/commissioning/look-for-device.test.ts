import { expect, test } from '@jest/globals';
import type { Point } from '#libs/timeseries';
import { isWiredWrong, provingPoint } from './look-for-device.js';

const point = (kind: string, value: Point['value'], atMs = 1_000): Point => ({ home: 'h1', device: 'd', kind, value, atMs, receivedMs: atMs, clock: 'device', test: false });

test('a battery or a radio proves nothing', () => {
  expect(provingPoint([point('battery', 80), point('link_quality', 120)], ['motion', 'battery'])).toBeUndefined();
});

test('a movement sensor is proved by a movement, not by the temperature that it tells every hour', () => {
  expect(provingPoint([point('temperature', 20)], ['motion', 'temperature'])).toBeUndefined();
  expect(provingPoint([point('temperature', 20), point('motion', true, 2_000)], ['motion', 'temperature'])).toMatchObject({ kind: 'motion' });
});

test('a thermometer is proved by a temperature', () => {
  expect(provingPoint([point('temperature', 20)], ['temperature', 'battery'])).toMatchObject({ kind: 'temperature' });
});

test('of one message the state with a wiring is asked about', () => {
  expect(provingPoint([point('vibration', true), point('open', false)], ['open', 'vibration'])).toMatchObject({ kind: 'open' });
});

test.each([
  [true, true, false, false], [false, false, false, false], [true, false, false, true], [false, true, false, true],
  [true, true, true, true], [false, false, true, true], [true, false, true, false], [false, true, true, false],
])('told %s while it was %s, turned round before: %s → turned round: %s', (told, truth, inverted, expected) => {
  // What it told is after the turn that was in force; the device itself said told XOR inverted.
  const device = told !== inverted;
  expect(isWiredWrong(told, truth, inverted)).toBe(expected);
  expect(device !== expected).toBe(truth); // Turned as answered, it tells the truth.
});
