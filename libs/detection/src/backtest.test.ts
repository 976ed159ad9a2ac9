import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Reading } from '#libs/telemetry';
import { advanceHome } from './advance-home.js';
import { backtest } from './backtest.js';
import { readingsClockMs } from './detection-time.js';
import { newHomeState, type HomeState } from './engine/home-state.js';
import type { Finding } from './finding.js';
import { advanceFleet, newFleetState } from './fleet/advance-fleet.js';
import { FleetCounter } from './fleet/fleet-counter.js';
import type { FleetBucket, HomeFacts } from './home-facts.js';
import { at, DAY_MS, homeFacts, HOUR_MS, MINUTE_MS, reading } from './test-home.js';

const HOMES = Array.from({ length: 14 }, (_, index) => `home-${index}`);
const FACTS = new Map<string, HomeFacts>(HOMES.map((home) => [home, homeFacts({ home })]));
const OUTAGE = { fromMs: at('2d 04:30'), untilMs: at('4d 14:00') };

/** Four days of fourteen homes, and two more after an outage of the platform; the same for a seed. */
function street(seed: number): Reading[] {
  const random = randomNumbers(seed);
  const between = (min: number, max: number): number => min + Math.floor(random() * (max - min));
  const readings: Reading[] = [];
  const add = (home: string, atMs: number, device: string, kind: string, value: Reading['value']): void => {
    if (atMs < OUTAGE.fromMs || atMs >= OUTAGE.untilMs) readings.push({ ...reading(atMs, device, kind, value), home });
  };
  for (const home of HOMES) {
    for (let atMs = DAY_MS + between(0, HOUR_MS); atMs < at('6d 12:00');) {
      const choice = random();
      if (choice < 0.8) add(home, atMs, random() < 0.5 ? 'pir-hall' : 'pir-lounge', 'motion', true);
      else if (choice < 0.95) add(home, atMs, 'door', 'opened', true);
      else {
        add(home, atMs, 'cuff', 'systolic', between(110, 195));
        add(home, atMs, 'cuff', 'diastolic', between(50, 110));
      }
      atMs += random() < 0.03 ? between(0, 9 * HOUR_MS) : between(0, 8 * MINUTE_MS);
    }
  }
  return readings.sort((a, b) => a.atMs - b.atMs);
}

function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A service by the readings' clock: homes up to five minutes apart, batches of any size, states saved after each. */
function service(readings: readonly Reading[], seed: number): Finding[] {
  const random = randomNumbers(seed);
  const lag = new Map(HOMES.map((home) => [home, random() * 5 * MINUTE_MS]));
  const journal = readings.map((one) => ({ one, came: one.atMs + (lag.get(one.home) ?? 0) })).sort((a, b) => a.came - b.came).map(({ one }) => one);
  const states = new Map<string, HomeState>();
  const newest = new Map<string, number>();
  const counter = new FleetCounter();
  const fleetState = newFleetState();
  const fleet: FleetBucket[] = [];
  const findings: Finding[] = [];
  let newestMs = 0;
  for (let from = 0; from < journal.length;) {
    const batch = journal.slice(from, from + 1 + Math.floor(random() * 40));
    from += batch.length;
    for (const one of batch) {
      counter.count(one.home, one.atMs);
      newest.set(one.home, Math.max(newest.get(one.home) ?? 0, one.atMs));
      newestMs = Math.max(newestMs, one.atMs);
    }
    fleet.push(...counter.close());
    findings.push(...advanceFleet(fleetState, fleet, newestMs));
    for (const [home, ownMs] of newest) {
      const state = states.get(home) ?? newHomeState(home);
      const own = batch.filter((one) => one.home === home);
      const nowMs = readingsClockMs(ownMs, newestMs) ?? 0;
      findings.push(...advanceHome(state, { readings: own, statuses: [], nowMs, facts: FACTS.get(home) ?? homeFacts(), fleet, clock: 'readings' }));
      states.set(home, random() < 0.2 ? (JSON.parse(JSON.stringify(state)) as HomeState) : state);
    }
  }
  return findings;
}

const ordered = (findings: Iterable<Finding>): Finding[] => [...findings].sort((a, b) => (a.key < b.key ? -1 : 1));

test('a back-test finds what the service finds by the readings’ clock, however its journal is ordered and cut', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
    const readings = street(seed);
    const expected = ordered(backtest(readings, FACTS));
    expect(expected.length).toBeGreaterThan(50);
    expect(ordered(service(readings, seed))).toEqual(expected);
  }), { numRuns: 4 });
});

test('while the platform is down nothing is said of a person, and one thing of the fleet', () => {
  const findings = [...backtest(street(7), FACTS)];
  const during = findings.filter(({ atMs, change }) => change === 'raise' && atMs > OUTAGE.fromMs + 31 * MINUTE_MS && atMs < OUTAGE.untilMs);
  expect(during.map(({ rule }) => rule)).toEqual(['fleet-silent']);
  expect(findings.filter(({ rule }) => rule === 'inactivity').length).toBeGreaterThan(10);
});

test('time stops at the last reading', () => {
  const last = reading('08:00', 'pir-hall', 'motion');
  expect([...backtest([{ ...last, home: 'home-0' }], FACTS)]).toEqual([]);
  const other = { ...reading('14:15:29', 'pir-hall', 'motion'), home: 'home-1' };
  const findings = (untilMs: number) => [...backtest([{ ...last, home: 'home-0' }, { ...other, atMs: untilMs }], FACTS)].map(({ home, rule }) => [home, rule]);
  expect(findings(at('14:15:29'))).toEqual([]);
  expect(findings(at('14:15:30'))).toEqual([['home-0', 'inactivity']]);
});

test('a home that nobody registered is watched for alarms', () => {
  expect([...backtest([reading('08:00', 'found-it', 'smoke')], new Map())]).toHaveLength(1);
});
