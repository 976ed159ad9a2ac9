import type { Decoded } from './decoded.js';
import { keepValue, type ReadingTemplate } from './foreign-message.js';
import { KINDS, isKind } from './kinds.js';

/** What was last said of each thing, and when that arrived: part of a family's memory. */
export type LastStates = Record<string, readonly [value: boolean | number | string, atMs: number]>;

/** Things remembered for a home and family; those that came first are forgotten first. */
const STATES_MAX = 1_000;
/** Characters of a slot; of longer ones the end tells more than the beginning. */
const SLOT_MAX = 200;

/** Remembers a value and returns what was remembered before. `slot` holds a `/`, so that slots keep their order. */
export function remember(states: LastStates, slot: string, value: boolean | number | string, atMs: number): LastStates[string] | undefined {
  const key = slot.length > SLOT_MAX ? slot.slice(-SLOT_MAX) : slot;
  const before = Object.hasOwn(states, key) ? states[key] : undefined;
  if (before === undefined) {
    const slots = Object.keys(states);
    for (const oldest of slots.slice(0, Math.max(0, slots.length - STATES_MAX + 1))) delete states[oldest];
  }
  states[key] = [value, atMs];
  return before;
}

export interface StateSource {
  states: LastStates;
  slot: string;
  /** The message is sent again though nothing changed: with the hour, or with each other value. */
  periodic: boolean;
  /** A state that is older than this is no longer believed. */
  expiresMs?: number;
}

/**
 * Keeps what a binary sensor says. A state is kept as it is. Of an event only its beginning counts: `true`
 * after `true` is the same event told again, by a retained message or with another value. An SOS or a
 * fall told again in a message that is only sent when something happens counts, since the `false` between
 * may have been lost and a duplicate beats a miss. What was never heard of before counts.
 */
export function keepState(decoded: Decoded, template: ReadingTemplate, kind: string, on: boolean, source: StateSource): void {
  const isEvent = isKind(kind) && KINDS[kind].type === 'event';
  if (!isEvent) {
    keepValue(decoded, template, kind, on);
    return;
  }
  const before = remember(source.states, source.slot, on, template.receivedMs);
  if (!on) return;
  const expired = before !== undefined && source.expiresMs !== undefined && template.receivedMs - before[1] > source.expiresMs;
  const again = before?.[0] === true && !expired;
  const pages = kind === 'sos' || kind === 'fall';
  if (!again || (pages && !source.periodic)) keepValue(decoded, template, kind, true);
}
