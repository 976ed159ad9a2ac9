import type { Reading } from '#libs/telemetry';
import { advanceHome, nextDueMs } from './advance-home.js';
import { readingsClockMs } from './detection-time.js';
import { newHomeState, type HomeState } from './engine/home-state.js';
import type { AnyRule } from './engine/rule.js';
import type { Finding } from './finding.js';
import { advanceFleet, newFleetState } from './fleet/advance-fleet.js';
import { FleetCounter } from './fleet/fleet-counter.js';
import type { FleetBucket, HomeFacts } from './home-facts.js';
import { RULES } from './rules.js';

/** Rules look back over less; see AdvanceInput.fleet. */
const BUCKETS_KEPT = 7 * 288;

interface BacktestHome {
  state: HomeState;
  facts: HomeFacts;
  newestMs: number;
}

/**
 * What the service would have found in a recording by the readings' clock (HEARTHWATCH_CLOCK=readings):
 * the same states, rules and fleet. Readings in order of time, homes at most 5 min apart, as a replay
 * keeps them. Time stops at the last reading. Findings come as they are found; those of one home are in
 * order. A home without facts is one that nobody registered: no residents, UTC.
 */
export function* backtest(readings: Iterable<Reading>, facts: ReadonlyMap<string, HomeFacts>, rules: readonly AnyRule[] = RULES): Generator<Finding> {
  const homes = new Map<string, BacktestHome>();
  const counter = new FleetCounter();
  const fleetState = newFleetState();
  let fleet: FleetBucket[] = [];
  let newestMs: number | undefined;

  for (const reading of readings) {
    newestMs = Math.max(newestMs ?? 0, reading.atMs);
    counter.count(reading.home, reading.atMs);
    const closed = counter.close();
    if (closed.length > 0) {
      fleet = [...fleet, ...closed].slice(-Math.max(BUCKETS_KEPT, closed.length));
      yield* advanceFleet(fleetState, closed, newestMs);
      yield* advanceQuiet(homes, newestMs, fleet, rules);
    }
    const home = homes.get(reading.home) ?? enter(homes, reading.home, facts);
    home.newestMs = Math.max(home.newestMs, reading.atMs);
    yield* advanceTo(home, [reading], newestMs, fleet, rules);
  }
  if (newestMs !== undefined) {
    for (const home of homes.values()) yield* advanceTo(home, [], newestMs, fleet, rules);
  }
}

function enter(homes: Map<string, BacktestHome>, home: string, facts: ReadonlyMap<string, HomeFacts>): BacktestHome {
  const unregistered: HomeFacts = { home, timeZone: 'UTC', residents: [], devices: [], contexts: [], rules: [] };
  const entered = { state: newHomeState(home), facts: facts.get(home) ?? unregistered, newestMs: 0 };
  homes.set(home, entered);
  return entered;
}

/** Homes that say nothing have their timers too. */
function* advanceQuiet(homes: ReadonlyMap<string, BacktestHome>, newestMs: number, fleet: readonly FleetBucket[], rules: readonly AnyRule[]): Generator<Finding> {
  for (const home of homes.values()) {
    const dueMs = nextDueMs(home.state, rules);
    const nowMs = readingsClockMs(home.newestMs, newestMs) ?? 0;
    if (dueMs !== undefined && dueMs <= nowMs) yield* advanceTo(home, [], newestMs, fleet, rules);
  }
}

function advanceTo(home: BacktestHome, readings: Reading[], newestMs: number, fleet: readonly FleetBucket[], rules: readonly AnyRule[]): Finding[] {
  const nowMs = readingsClockMs(home.newestMs, newestMs) ?? 0;
  return advanceHome(home.state, { readings, statuses: [], nowMs, facts: home.facts, fleet, clock: 'readings' }, rules);
}
