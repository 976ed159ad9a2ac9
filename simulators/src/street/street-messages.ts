import { readingsMessage, type TimedMessage } from '../timed-message.js';
import { backgroundOf } from './background.js';
import { planDay } from './day-plan.js';
import { firingsOf, type Firing } from './firings.js';
import type { Household } from './household.js';
import { withIncidents, type Incident } from './incident.js';
import { LocalDay } from './local-day.js';

/** A movement sensor sees nothing for so long after it has seen something. */
const BLIND_MS = 60_000;

export interface StreetOptions {
  seed: number;
  households: readonly Household[];
  incidents: readonly Incident[];
  /** ms since 1970 UTC; the end excluded, Infinity for a street that goes on for ever. */
  fromMs: number;
  untilMs: number;
}

/**
 * What the homes of a street send between two times, in the order of time. The same seed,
 * households and incidents give the same messages byte for byte, whatever part of them is asked for.
 * All households share a time zone's midnight here: that of the first.
 */
export function* streetMessages({ seed, households, incidents, fromMs, untilMs }: StreetOptions): Generator<TimedMessage> {
  const zone = households[0]?.plan.timeZone ?? 'Europe/London';
  for (let day = LocalDay.of(fromMs, zone); day.startMs < untilMs; day = day.plus(1)) {
    const messages = households.flatMap((household) => dayOf(seed, household, day, incidents));
    messages.sort((a, b) => a.atMs - b.atMs || (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0));
    for (const message of messages) {
      if (message.atMs >= fromMs && message.atMs < untilMs) yield message;
    }
  }
}

/** All messages of one home on one calendar day. */
function dayOf(seed: number, household: Household, day: LocalDay, incidents: readonly Incident[]): TimedMessage[] {
  const home = household.plan.id;
  const firings = household.people.flatMap((person) => {
    // Yesterday's plan runs to this morning; this morning's first steps come from its last activity.
    const plans = [...planDay(seed, home, person, day.plus(-1)), ...planDay(seed, home, person, day)];
    return firingsOf(seed, household, person, plans);
  });
  const seen = blinded(withIncidents(seed, household, firings, incidents))
    .filter(({ atMs }) => atMs >= day.startMs && atMs < day.endMs)
    .map(({ atMs, device, values }) => readingsMessage(home, device, atMs, values));
  return [...seen, ...backgroundOf(seed, household, day, incidents)];
}

/** Movement that a sensor is blind for is not sent. */
function blinded(firings: readonly Firing[]): Firing[] {
  const lastMs = new Map<string, number>();
  return firings.toSorted((a, b) => a.atMs - b.atMs).filter(({ atMs, device, values }) => {
    if (!('motion' in values)) return true;
    if (atMs - (lastMs.get(device) ?? -Infinity) < BLIND_MS) return false;
    lastMs.set(device, atMs);
    return true;
  });
}
