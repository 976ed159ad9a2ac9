import type { HomeState } from './home-state.js';
import type { RuleIndex } from './rule-index.js';
import type { AnyRule } from './rule.js';
import { SORT_WAIT_MS } from './reorder.js';

/** A state that wants to be asked again. */
export interface Due {
  rule: AnyRule;
  key: string;
  dueMs: number;
}

/** What was found last, so that a home in which nothing changed is not searched for every reading. Not part of the state. */
const found = new WeakMap<HomeState, Due | 'none'>();

/**
 * The timer that fires first: by the moment of its lane, then in the order of the rules, then by key, so
 * that it is the same one after a restart. With a lane, the first of that lane.
 */
export function earliestDue(state: HomeState, index: RuleIndex, lane?: AnyRule['lane']): Due | undefined {
  const known = lane === undefined ? found.get(state) : undefined;
  if (known !== undefined) return known === 'none' ? undefined : known;
  let first: Due | undefined;
  let firstMs = Infinity;
  for (const rule of index.rules) {
    if (lane !== undefined && rule.lane !== lane) continue;
    const states = state.rules[rule.id];
    if (states === undefined) continue;
    const waitMs = rule.lane === 'sorted' ? SORT_WAIT_MS : 0;
    for (const key in states) {
      const dueMs = states[key]?.dueAtMs;
      if (dueMs === undefined) continue;
      const moment = dueMs + waitMs;
      if (moment < firstMs || (moment === firstMs && first?.rule === rule && key < first.key)) {
        first = { rule, key, dueMs };
        firstMs = moment;
      }
    }
  }
  if (lane === undefined) found.set(state, first ?? 'none');
  return first;
}

/** To be called when a state's due time has changed. */
export function forgetDue(state: HomeState): void {
  found.delete(state);
}
