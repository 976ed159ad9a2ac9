/** How long to wait, ms, before a message of data time `atMs` may go, when the wall clock says `nowMs`. */
export type Pace = (atMs: number, nowMs: number) => number;

/** As fast as the broker acknowledges. */
export const atFullSpeed: Pace = () => 0;

/**
 * Data time runs `factor` times as fast as the wall clock: data time `fromAtMs` is due at wall time
 * `startMs`. With a factor of 1 and both the same, messages go at their own times.
 */
export function accelerated(factor: number, fromAtMs: number, startMs: number): Pace {
  return (atMs, nowMs) => startMs + (atMs - fromAtMs) / factor - nowMs;
}
