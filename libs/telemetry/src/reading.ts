import type { Kind } from './kinds.js';

/**
 * How far a reading's time can be trusted.
 * - `device`: the device said so and it is plausible;
 * - `arrival`: the device gave no time, so the time of arrival stands in;
 * - `wrong`: the device's time was implausible (more than 5 min ahead, or older than the retention),
 *   so the time of arrival stands in.
 */
export type ClockQuality = 'device' | 'arrival' | 'wrong';

/** One measured or observed value. Telemetry carries pseudonyms only. */
export interface Reading {
  /** Pseudonym of the home: 1 to 64 of `A–Z a–z 0–9 _ -`. */
  home: string;
  /** Pseudonym of the device, unique within its home; same alphabet. */
  device: string;
  /** A kind of the table, or an unknown name (`/^[a-z][a-z0-9_]{0,63}$/`) that is stored and listed. */
  kind: Kind | (string & {});
  /** In the kind's unit; events are `true`; states are booleans; enumerations and unknown texts are strings. */
  value: number | boolean | string;
  /** When it happened, ms since 1970 UTC. */
  atMs: number;
  /** When the broker received it, ms since 1970 UTC, by the service's clock. */
  receivedMs: number;
  clock: ClockQuality;
  /** True for a device test: stored, never pages. */
  test: boolean;
  /** The resident whom a shared device measured, if the message said so. */
  resident?: string;
  /** The device's own message number, if it sends one. */
  seq?: number;
}
