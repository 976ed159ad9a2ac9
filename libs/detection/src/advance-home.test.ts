import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Reading } from '#libs/telemetry';
import { advanceHome, nextDueMs } from './advance-home.js';
import { newHomeState, type HomeState } from './engine/home-state.js';
import type { Status } from './engine/rule.js';
import type { Finding } from './finding.js';
import { at, brief, DAY_MS, device, found, homeFacts, HOUR_MS, MINUTE_MS, reading } from './test-home.js';

/** Something that arrives. */
type Arrival = { nowMs: number; reading: Reading; status?: undefined } | { nowMs: number; status: Status; reading?: undefined };

const SENSORS: readonly [device: string, kind: string, value: fc.Arbitrary<Reading['value']>][] = [
  ['pir-hall', 'motion', fc.constant(true)], ['pir-lounge', 'motion', fc.constant(true)], ['door', 'open', fc.boolean()], ['door', 'opened', fc.constant(true)],
  ['fridge', 'open', fc.boolean()], ['bed', 'bed_occupied', fc.boolean()], ['climate', 'temperature', fc.integer({ min: 8, max: 22 })],
  ['climate', 'battery', fc.integer({ min: 1, max: 100 })],
  ['pendant', 'sos', fc.constant(true)], ['pendant', 'fall', fc.constant(true)], ['pendant', 'cancel', fc.constant(true)],
  ['alarm', 'smoke', fc.boolean()], ['alarm', 'carbon_monoxide_ppm', fc.integer({ min: 0, max: 200 })],
  ['cuff', 'systolic', fc.integer({ min: 80, max: 200 })], ['cuff', 'diastolic', fc.integer({ min: 40, max: 130 })],
  ['cuff', 'heart_rate', fc.integer({ min: 35, max: 140 })], ['ear', 'body_temperature', fc.integer({ min: 34, max: 41 })], ['scale', 'weight', fc.integer({ min: 60, max: 72 })],
];
const SORTED = new Set(['motion', 'open', 'opened', 'bed_occupied', 'temperature', 'battery']);

const facts = homeFacts({
  contexts: [{ kind: 'carer', fromMs: at('1d 01:00'), untilMs: at('1d 02:00') }, { kind: 'away', fromMs: at('2d 09:00'), untilMs: at('2d 15:00') }],
  rules: [{ rule: 'inactivity', effectiveFromMs: at('1d 12:00'), enabled: true, parameters: { urgentAfterMs: 2 * HOUR_MS } }],
});
const END_MS = at('4d 12:00');

/** Gaps that make days: mostly moments and minutes, sometimes hours. */
const gaps = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 * MINUTE_MS }) }, { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 * MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * HOUR_MS }) },
);
const delays = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 20_000 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 * HOUR_MS }) });

const readings: fc.Arbitrary<Reading> = fc.constantFrom(...SENSORS)
  .chain(([id, kind, values]) => values.map((value) => reading(0, id, kind, value)));
const statuses: fc.Arbitrary<Status> = fc.record({ home: fc.constant('h1'), hub: fc.constant('hub'), online: fc.boolean(), mains: fc.boolean(), atMs: fc.constant(0) });

/** Days of a home, as they arrive. */
function days(among: fc.Arbitrary<Reading> = readings, lateness = delays): fc.Arbitrary<Arrival[]> {
  const things = fc.oneof({ weight: 12, arbitrary: among.map((one) => ({ reading: one })) }, { weight: 1, arbitrary: statuses.map((status) => ({ status })) });
  const steps = fc.array(fc.tuple(gaps, lateness, things), { minLength: 5, maxLength: 90 });
  return fc.tuple(fc.integer({ min: 0, max: 24 * HOUR_MS }), steps).map(([startMs, all]) => {
    let atMs = DAY_MS + startMs;
    const arrivals = all.map(([gapMs, delayMs, thing]): Arrival => {
      atMs += gapMs;
      const nowMs = atMs + delayMs;
      if ('status' in thing) return { nowMs, status: { ...thing.status, atMs: nowMs } };
      return { nowMs, reading: { ...thing.reading, atMs, receivedMs: nowMs } };
    });
    return arrivals.sort((a, b) => a.nowMs - b.nowMs);
  });
}

function advance(state: HomeState, arrivals: readonly Arrival[], nowMs: number): Finding[] {
  return advanceHome(state, {
    readings: arrivals.flatMap((one) => (one.reading === undefined ? [] : [one.reading])),
    statuses: arrivals.flatMap((one) => (one.status === undefined ? [] : [one.status])),
    nowMs, facts, fleet: [], clock: 'system',
  });
}

const allAtOnce = (arrivals: readonly Arrival[]): Finding[] => advance(newHomeState('h1'), arrivals, END_MS);

describe('whatever happens to the stream, the findings are the same', () => {
  test('cut into calls anywhere, time going on in between, the state saved and loaded at every cut', () => {
    let seen = 0;
    fc.assert(fc.property(days(), fc.infiniteStream(fc.integer({ min: 0, max: 6 })), fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (arrivals, sizes, shares) => {
      let state = newHomeState('h1');
      const findings: Finding[] = [];
      for (let from = 0; from < arrivals.length;) {
        const size = Math.min(arrivals.length - from, Number(sizes.next().value));
        const batch = arrivals.slice(from, from + size);
        from += size;
        // Anywhere between what came last and what comes next.
        const lastMs = arrivals[from - 1]?.nowMs ?? DAY_MS;
        const nextMs = arrivals[from]?.nowMs ?? END_MS;
        findings.push(...advance(state, batch, lastMs + Math.floor((nextMs - lastMs) * Number(shares.next().value))));
        state = JSON.parse(JSON.stringify(state)) as HomeState;
      }
      findings.push(...advance(state, [], END_MS));
      seen += findings.length;
      expect(findings).toEqual(allAtOnce(arrivals));
    }), { numRuns: 100 });
    expect(seen).toBeGreaterThan(250);
  });

  test('every reading delivered twice, the second time within seconds', () => {
    fc.assert(fc.property(days(readings, fc.integer({ min: 0, max: 20_000 })), fc.integer({ min: 0, max: 9_000 }), (arrivals, againMs) => {
      const again = arrivals.flatMap(({ nowMs, reading: one }): Arrival[] => (one === undefined ? [] : [{ nowMs: nowMs + againMs, reading: { ...one, receivedMs: nowMs + againMs } }]));
      expect(allAtOnce([...arrivals, ...again].sort((a, b) => a.nowMs - b.nowMs))).toEqual(allAtOnce(arrivals));
    }), { numRuns: 100 });
  });

  test('all of it delivered a second time afterwards', () => {
    fc.assert(fc.property(days(readings, fc.integer({ min: 0, max: 20_000 })), (arrivals) => {
      const state = newHomeState('h1');
      const first = advance(state, arrivals, END_MS);
      const again = advance(state, arrivals.filter(({ reading: one }) => one !== undefined).map((one) => ({ ...one, nowMs: END_MS })), END_MS + MINUTE_MS);
      const known = new Set(first.map(({ key }) => key));
      expect(again.filter(({ key }) => !known.has(key)).map(({ key }) => key)).toEqual([]);
    }), { numRuns: 100 });
  });

  test('readings of the sorted lane in another order, each within 30 seconds', () => {
    const sorted = readings.filter(({ kind }) => SORTED.has(kind));
    fc.assert(fc.property(days(sorted, fc.constant(0)), fc.infiniteStream(fc.integer({ min: 0, max: 29_999 })), (arrivals, shifts) => {
      const inOrder = arrivals.filter(({ reading: one }) => one !== undefined);
      const shuffled = inOrder.map((one) => {
        const nowMs = one.nowMs + Number(shifts.next().value);
        return { nowMs, reading: { ...(one.reading as Reading), receivedMs: nowMs } };
      });
      expect(allAtOnce(shuffled.sort((a, b) => a.nowMs - b.nowMs))).toEqual(allAtOnce(inOrder));
    }), { numRuns: 100 });
  });
});

describe('keys and episodes', () => {
  test('no key is used twice, and every episode begins with its own first finding', () => {
    fc.assert(fc.property(days(), (arrivals) => {
      const findings = allAtOnce(arrivals);
      expect(new Set(findings.map(({ key }) => key)).size).toBe(findings.length);
      const begun = new Set<string>();
      for (const finding of findings) {
        if (finding.change === 'raise' && finding.episode === finding.key) begun.add(finding.key);
        expect(begun.has(finding.episode)).toBe(true);
      }
    }), { numRuns: 100 });
  });

  test('an SOS, a fall and smoke are never missed', () => {
    fc.assert(fc.property(days(), (arrivals) => {
      const findings = allAtOnce(arrivals);
      for (const { reading: one } of arrivals) {
        if (one?.kind === 'sos') expect(findings.some(({ rule, fromMs, severity }) => rule === 'sos' && fromMs === one.atMs && severity === 'emergency')).toBe(true);
      }
      const falls = arrivals.some(({ reading: one }) => one?.kind === 'fall');
      const cancels = arrivals.some(({ reading: one }) => one?.kind === 'cancel');
      if (falls && !cancels) expect(findings.some(({ rule }) => rule === 'fall')).toBe(true);
      const smokes = arrivals.flatMap(({ reading: one }) => (one?.kind === 'smoke' ? [one] : []));
      if (smokes.length > 0 && smokes.every(({ value }) => value === true)) expect(findings.some(({ rule }) => rule === 'smoke')).toBe(true);
    }), { numRuns: 100 });
  });
});

describe('time', () => {
  test('never goes back', () => {
    const state = newHomeState('h1');
    found([reading('10:00', 'pir-hall', 'motion')], '10:00', { state });
    found([reading('09:00', 'pendant', 'sos')], '08:00', { state });
    expect(state.nowMs).toBe(at('10:00'));
  });

  test('nextDueMs says when a quiet house has something to say', () => {
    const state = newHomeState('h1');
    found([reading('10:00', 'pir-hall', 'motion')], '10:01', { state });
    expect(nextDueMs(state)).toBe(at('16:00:30'));
    expect(brief(found([], '16:00:29', { state }))).toEqual([]);
    expect(brief(found([], '16:00:30', { state }))).toHaveLength(1);
    expect(nextDueMs(newHomeState('h1'))).toBeUndefined();
  });

  test('by the readings’ clock it is what the readings say, whenever they come', () => {
    const old = reading('10:00', 'pir-hall', 'motion', true, { receivedMs: at('900d 00:00') });
    const state = newHomeState('h1');
    expect(found([old, { ...old, atMs: at('17:00') }], '17:00', { state, clock: 'readings' })).toHaveLength(1);
    expect(state.nowMs).toBe(at('17:00'));
  });
});

test('more than wait go on early, none is lost', () => {
  const many = Array.from({ length: 2_500 }, (_, index) => reading(at('10:00') + index, 'pir-hall', 'motion', true, { receivedMs: at('10:00:05') }));
  const state = newHomeState('h1');
  found(many, '10:00:05', { state });
  expect(state.waiting.length).toBe(2_000);
  expect(state.memory.activity.indoors?.atMs).toBe(at('10:00') + 499);
});

test('whatever devices are called and however many there are, the state stays small', () => {
  const names = ['__proto__', 'constructor', 'toString', ...Array.from({ length: 1_500 }, (_, index) => `d${index}`)];
  const state = newHomeState('h1');
  const all = names.flatMap((id, index) => ['open', 'smoke', 'battery', 'temperature'].map((kind) => reading(at('10:00') + index, id, kind, kind === 'battery' ? 50 : kind === 'temperature' ? 15 : true)));
  expect(found(all, '10:30', { state }).filter(({ rule }) => rule === 'smoke')).toHaveLength(names.length);
  expect(JSON.stringify(state).length).toBeLessThan(400_000);
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
});

test('a setting that is wrong is not taken, and a zone that does not exist counts as UTC', () => {
  const odd = homeFacts({ timeZone: 'Mars/Olympus', devices: [device('pir-hall', 'movement', 'hallway')], rules: [{ rule: 'inactivity', effectiveFromMs: 0, enabled: true, parameters: { urgentAfterMs: -5 } }] });
  expect(brief(found([reading('08:00', 'pir-hall', 'motion')], '14:00:30', { facts: odd }))).toHaveLength(1);
});
