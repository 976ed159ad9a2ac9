/** By the readings' clock a home that says nothing is at most this far behind the newest of all. */
export const BEHIND_MAX_MS = 15 * 60_000;

/**
 * A home's time by HEARTHWATCH_CLOCK=readings: the later of its own newest reading and the newest of all
 * less 15 min. It stops at the last reading. `undefined` while nothing has come from anywhere.
 */
export function readingsClockMs(ownNewestMs: number | undefined, newestOfAllMs: number | undefined): number | undefined {
  if (newestOfAllMs === undefined) return ownNewestMs;
  return Math.max(ownNewestMs ?? 0, newestOfAllMs - BEHIND_MAX_MS);
}
