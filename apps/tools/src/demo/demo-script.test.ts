import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hours, minutes } from '#libs/runtime';
import { demoScript } from './demo-script.js';

test('whenever the demo starts, every home has its incident in the played day, at an hour that fits it', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') }), (nowMs) => {
      const { historyFromMs, playFromMs, scenes } = demoScript(nowMs);
      expect(playFromMs - historyFromMs).toBe(hours(24));
      expect(new Set(scenes.map(({ incident }) => incident.home)).size).toBe(4);
      for (const { seenMs } of scenes) {
        expect(seenMs).toBeGreaterThan(playFromMs);
        expect(seenMs).toBeLessThanOrEqual(nowMs - minutes(30));
      }
      const exit = scenes.find(({ incident }) => incident.kind === 'night-exit');
      const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', hour: '2-digit' }).format(exit?.seenMs));
      expect(hour).toBeLessThan(5);
    }),
    { numRuns: 500, verbose: true },
  );
});
