import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { MINUTE_MS } from '../test-home.js';
import { advanceFleet, newFleetState } from './advance-fleet.js';
import { FleetCounter, type FleetCounterState } from './fleet-counter.js';
import { BUCKET_MS, silentPeriods } from './silent-periods.js';

const START = Date.UTC(2026, 10, 21);
const buckets = (...runs: [count: number, heard: number, known?: number][]) => {
  let startMs = START - BUCKET_MS;
  return runs.flatMap(([count, heard, known = 40]) => Array.from({ length: count }, () => ({ startMs: (startMs += BUCKET_MS), heard, known })));
};
const LATER = START + 1_000 * 86_400_000;

describe('the fleet is silent', () => {
  test('when at most one in twenty is heard for half an hour', () => {
    expect(silentPeriods(buckets([2, 30], [6, 2], [2, 30]), LATER)).toEqual([{ fromMs: START + 2 * BUCKET_MS, untilMs: START + 8 * BUCKET_MS }]);
    expect(silentPeriods(buckets([2, 30], [5, 0], [2, 30]), LATER)).toEqual([]);
    expect(silentPeriods(buckets([2, 30], [9, 3], [2, 30]), LATER)).toEqual([]);
    expect(silentPeriods(buckets([9, 0, 9]), LATER)).toEqual([]);
  });

  test('as far as buckets are old enough to be final', () => {
    const silent = buckets([12, 0]);
    const ends = (nowMs: number) => silentPeriods(silent, nowMs).map(({ untilMs }) => (untilMs - START) / MINUTE_MS);
    expect(ends(START + 45 * MINUTE_MS - 1)).toEqual([]);
    expect(ends(START + 45 * MINUTE_MS)).toEqual([30]);
    expect(ends(START + 52 * MINUTE_MS)).toEqual([35]);
  });

  test('which is one finding after an hour, whatever gets through, and clear when it is heard for half an hour', () => {
    const all = buckets([2, 30], [14, 0], [1, 4], [14, 1], [9, 30]);
    const state = newFleetState();
    const findings = all.flatMap((bucket, index) => advanceFleet(state, all.slice(0, index + 1), bucket.startMs + 20 * MINUTE_MS));
    expect(findings.map(({ change, severity, reason }) => [change, severity, reason])).toEqual([
      ['raise', 'technical', '40 of 40 homes have not been heard for 1 hour: look for a fault of the platform or the network. Nobody is being watched meanwhile'],
      ['clear', 'technical', '30 of 40 homes are heard again after 2 hours 25 minutes'],
    ]);
    expect(findings[1]?.episode).toBe(findings[0]?.key);
    expect(advanceFleet(newFleetState(), all, LATER)).toEqual(findings);
  });
});

describe('buckets', () => {
  test('count homes, not sightings, and close without a gap', () => {
    const counter = new FleetCounter();
    for (const home of ['a', 'b', 'a']) counter.count(home, START + MINUTE_MS);
    counter.count('c', START + 31 * MINUTE_MS);
    expect(counter.close()).toEqual([
      { startMs: START, heard: 2, known: 2 }, { startMs: START + BUCKET_MS, heard: 0, known: 2 }, { startMs: START + 2 * BUCKET_MS, heard: 0, known: 2 },
    ]);
    expect(counter.close()).toEqual([]);
    expect(counter.close(START + 35 * MINUTE_MS)).toEqual([{ startMs: START + 3 * BUCKET_MS, heard: 0, known: 2 }]);
  });

  test('forget a home that was not heard for a week', () => {
    const counter = new FleetCounter();
    counter.count('gone', START);
    for (let day = 0; day <= 8; day++) counter.count('here', START + day * 86_400_000);
    expect(counter.close().at(-1)?.known).toBe(1);
  });

  const sightings = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 40 * MINUTE_MS })), { minLength: 1, maxLength: 60 })
    .map((steps) => {
      let nowMs = START;
      return steps.map(([home, gapMs]) => ({ home, atMs: (nowMs += gapMs) }));
    });

  test('are the same whatever the order of homes within five minutes, and after a restart anywhere', () => {
    fc.assert(fc.property(sightings, fc.infiniteStream(fc.integer({ min: 0, max: 5 * MINUTE_MS })), fc.infiniteStream(fc.boolean()), (all, shifts, restarts) => {
      const inOrder = new FleetCounter();
      const expected = all.flatMap(({ home, atMs }) => {
        inOrder.count(home, atMs);
        return inOrder.close();
      });
      let counter = new FleetCounter();
      const shuffled = all.map((one) => ({ ...one, came: one.atMs + Number(shifts.next().value) })).sort((a, b) => a.came - b.came);
      const found = shuffled.flatMap(({ home, atMs }) => {
        counter.count(home, atMs);
        if (restarts.next().value === true) counter = new FleetCounter(JSON.parse(JSON.stringify(counter.toState())) as FleetCounterState);
        return counter.close();
      });
      const firstMs = Math.max(expected[0]?.startMs ?? 0, found[0]?.startMs ?? 0);
      const from = (list: typeof found) => list.filter(({ startMs }) => startMs >= firstMs);
      expect(from(found)).toEqual(from(expected));
    }));
  });
});
