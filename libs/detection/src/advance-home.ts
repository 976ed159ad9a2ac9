import type { Reading } from '#libs/telemetry';
import { HomeRun } from './engine/home-run.js';
import type { HomeState } from './engine/home-state.js';
import { SORT_WAIT_MS } from './engine/reorder.js';
import { ruleIndex } from './engine/rule-index.js';
import type { AnyRule, Status } from './engine/rule.js';
import { earliestDue } from './engine/timers.js';
import type { Finding } from './finding.js';
import type { FleetBucket, HomeFacts } from './home-facts.js';
import { RULES } from './rules.js';
import type { Period } from './time/period.js';

/** What HEARTHWATCH_CLOCK says: whose time moves a home's time on. */
export type DetectionClock = 'system' | 'readings';

export interface AdvanceInput {
  /** In the journal's order; repeats are recognised. */
  readings: readonly Reading[];
  /** In the journal's order; `atMs` is the home's time when they came. */
  statuses: readonly Status[];
  /** How far the home's time has come with this; earlier than before counts as before. */
  nowMs: number;
  /** A new object whenever something in it changed: it is arranged once and remembered. */
  facts: HomeFacts;
  /** Ascending, all that are final at `nowMs` of at least the last three days; see FleetCounter. */
  fleet: readonly FleetBucket[];
  /** `system`: a reading moves time to when it was received. `readings`: to when it happened. */
  clock: DetectionClock;
  /** When the service itself was not there to hear anything; a person's clock stands still meanwhile. */
  deaf?: readonly Period[];
}

/**
 * Takes what came from a home, lets its time go on to `nowMs` and says what there is to say, in order.
 * Changes the state. However the same stream is cut into calls, and whenever the state is saved and
 * loaded in between, the findings are the same; readings that come twice change nothing. Never throws on
 * account of a reading or a fact.
 */
export function advanceHome(state: HomeState, input: AdvanceInput, rules: readonly AnyRule[] = RULES): Finding[] {
  const index = ruleIndex(rules);
  const run = new HomeRun(state, index, index.prepare(input.facts), input.fleet, input.deaf ?? []);
  let next = 0;
  for (const arrived of input.readings) {
    const reading = timed(arrived, input.clock, state);
    const momentMs = Math.max(state.nowMs, input.clock === 'system' ? reading.receivedMs : reading.atMs);
    for (let status = input.statuses[next]; status !== undefined && status.atMs < momentMs; status = input.statuses[++next]) {
      run.takeStatus(status, Math.max(state.nowMs, status.atMs));
    }
    run.take(reading, momentMs);
  }
  for (const status of input.statuses.slice(next)) run.takeStatus(status, Math.max(state.nowMs, status.atMs));
  run.goTo(input.nowMs);
  return run.findings;
}

/** When advanceHome has something to do though nothing comes: the home's time at which; undefined if never. */
export function nextDueMs(state: HomeState, rules: readonly AnyRule[] = RULES): number | undefined {
  const timer = earliestDue(state, ruleIndex(rules));
  const timerMs = timer === undefined ? Infinity : timer.dueMs + (timer.rule.lane === 'sorted' ? SORT_WAIT_MS : 0);
  const dueMs = Math.min(timerMs, (state.waiting[0]?.atMs ?? Infinity) + SORT_WAIT_MS);
  return dueMs === Infinity ? undefined : dueMs;
}

/** By the readings' clock the arrival means nothing: what has no time of its own happens now. */
function timed(reading: Reading, clock: DetectionClock, state: HomeState): Reading {
  return clock === 'readings' && reading.clock !== 'device' ? { ...reading, atMs: state.nowMs } : reading;
}
