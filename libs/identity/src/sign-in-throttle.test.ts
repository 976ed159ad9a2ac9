import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hours, minutes } from '#libs/runtime';
import { SignInThrottle } from './sign-in-throttle.js';

const NOW = Date.UTC(2026, 10, 22, 9);

/** Guesses as fast as allowed for an hour, from address to address in turn. */
function guessesInAnHour(throttle: SignInThrottle, addresses: string[], users: string[] = ['admin']): number {
  let guesses = 0;
  for (let ms = 0; ms < hours(1); ms += 250) {
    const address = addresses[guesses % addresses.length]!;
    if (throttle.attempt(users[guesses % users.length]!, address, NOW + ms) === 0) guesses += 1;
  }
  return guesses;
}

test('five slips are free, then each wait is twice the one before, up to a quarter of an hour', () => {
  const throttle = new SignInThrottle();
  for (let i = 0; i < 5; i += 1) expect(throttle.attempt('admin', 'a', NOW)).toBe(0);
  let nowMs = NOW;
  const waits: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    const waitMs = throttle.attempt('admin', 'a', nowMs);
    waits.push(waitMs / 1_000);
    expect(throttle.attempt('admin', 'a', nowMs + waitMs - 1)).toBe(1);
    nowMs += waitMs;
    expect(throttle.attempt('admin', 'a', nowMs)).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('one machine gets few guesses an hour, whether at one user or at many', () => {
  expect(guessesInAnHour(new SignInThrottle(), ['a'])).toBeLessThan(20);
  expect(guessesInAnHour(new SignInThrottle(), ['a'], Array.from({ length: 500 }, (_, i) => `u${i}`))).toBeLessThan(35);
});

test('many machines that guess one password are slowed too, and the user who was there before is not', () => {
  const throttle = new SignInThrottle();
  expect(throttle.attempt('admin', 'office', NOW - 1_000)).toBe(0);
  throttle.succeeded('admin', 'office');
  const strangers = Array.from({ length: 1_000 }, (_, i) => `stranger ${i}`);
  expect(guessesInAnHour(throttle, strangers)).toBeLessThan(70);
  expect(throttle.attempt('admin', 'elsewhere', NOW + hours(1))).toBeGreaterThan(0);
  expect(throttle.attempt('admin', 'office', NOW + hours(1))).toBe(0);
});

test('who signs in starts afresh; signing in often is never slowed', () => {
  const throttle = new SignInThrottle();
  for (let i = 0; i < 200; i += 1) {
    expect(throttle.attempt('admin', 'office', NOW + i)).toBe(0);
    throttle.succeeded('admin', 'office');
  }
  for (let i = 0; i < 4; i += 1) throttle.attempt('admin', 'office', NOW + 300);
  expect(throttle.attempt('admin', 'office', NOW + 300)).toBe(0);
});

test('whatever the order of attempts, waits are bounded, an hour of quiet forgets, and a clock set back locks nobody out', () => {
  const attempt = fc.record({ user: fc.constantFrom('a', 'b'), address: fc.constantFrom('x', 'y', 'z'), byMs: fc.integer({ min: -minutes(60), max: minutes(10) }), right: fc.boolean() });
  fc.assert(fc.property(fc.array(attempt, { maxLength: 200 }), (attempts) => {
    const throttle = new SignInThrottle();
    let nowMs = NOW;
    let newestMs = NOW;
    for (const { user, address, byMs, right } of attempts) {
      nowMs += byMs;
      newestMs = Math.max(newestMs, nowMs);
      const waitMs = throttle.attempt(user, address, nowMs);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(minutes(15));
      if (waitMs === 0 && right) throttle.succeeded(user, address);
    }
    for (const address of ['x', 'y', 'z']) expect(throttle.attempt('a', address, newestMs + hours(1) + 1)).toBe(0);
  }));
});

test('strangers by the million are forgotten, not kept', () => {
  const throttle = new SignInThrottle(100);
  for (let i = 0; i < 10_000; i += 1) throttle.attempt(`u${i}`, `a${i}`, NOW);
  const { failures, trusted } = throttle as unknown as { failures: Map<string, unknown>; trusted: Map<string, unknown> };
  expect(failures.size).toBeLessThanOrEqual(100);
  expect(trusted.size).toBeLessThanOrEqual(100);
});
