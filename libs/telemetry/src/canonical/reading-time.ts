import type { DecodeOptions } from '../decoded.js';
import type { ClockQuality } from '../reading.js';
import { TIMESTAMP_MAX_MS, parseTimestamp } from '../timestamp.js';

/** A `ts` further ahead of the arrival than this is wrong; so is a `sent`, which is then corrected for. */
export const CLOCK_AHEAD_MAX_MS = 5 * 60_000;
/** A `sent` further behind the arrival than this cannot be a message that waited: the clock is behind. */
export const SENT_BEHIND_MAX_MS = 24 * 3_600_000;

export interface ReadingTime {
  atMs: number;
  clock: ClockQuality;
  /** Which of `ts` and `sent` could not be read, and why. */
  faults: string[];
}

/**
 * When an element of a message happened, and how far that can be trusted.
 * 1. No `ts`: the arrival. A `ts` that cannot be read: the arrival, clock `wrong` (an SOS is never lost to it).
 * 2. `sent` tells the sender's clock at publishing. If it is more than 5 min ahead of the arrival, the
 *    clock is ahead for certain, because nothing arrives before it is sent. If it is more than 24 h behind,
 *    the clock is behind. In both cases the difference is taken off `ts`. Between the two it is left
 *    alone: a message that waited in the sender while the broadband was down carries an old `sent`
 *    too, and moving what happened last night to now would be worse than calling it late.
 * 3. What is then more than 5 min ahead of the arrival, or older than the retention: arrival, `wrong`.
 */
export function readingTime(ts: unknown, sent: unknown, receivedMs: number, options: DecodeOptions): ReadingTime {
  const faults: string[] = [];
  const withoutTs = ts === undefined || ts === null;
  const toldMs = withoutTs ? undefined : timeOf(ts);
  if (!withoutTs && toldMs === undefined) faults.push(`ts: ${timeReason(ts)}`);
  const sentMs = sent === undefined || sent === null ? undefined : timeOf(sent);
  if (sentMs === undefined && sent !== undefined && sent !== null) faults.push(`sent: ${timeReason(sent)}`);
  if (withoutTs) return { atMs: receivedMs, clock: 'arrival', faults };
  if (toldMs === undefined) return { atMs: receivedMs, clock: 'wrong', faults };
  if (!options.checkClock) return { atMs: toldMs, clock: 'device', faults };

  const atMs = toldMs - clockOffsetMs(sentMs, receivedMs);
  const plausible = atMs <= receivedMs + CLOCK_AHEAD_MAX_MS && atMs >= receivedMs - options.retentionMs && atMs >= 0;
  return plausible ? { atMs, clock: 'device', faults } : { atMs: receivedMs, clock: 'wrong', faults };
}

/** How far the sender's clock is ahead, where that is certain; else 0. */
function clockOffsetMs(sentMs: number | undefined, receivedMs: number): number {
  if (sentMs === undefined) return 0;
  const aheadMs = sentMs - receivedMs;
  return aheadMs > CLOCK_AHEAD_MAX_MS || aheadMs < -SENT_BEHIND_MAX_MS ? aheadMs : 0;
}

function timeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return parseTimestamp(value);
  if (typeof value !== 'number' || !(value >= 0 && value <= TIMESTAMP_MAX_MS)) return undefined;
  return Math.trunc(value);
}

function timeReason(value: unknown): string {
  if (typeof value === 'string') return 'not a time of RFC 3339 with a zone between 1970 and 2255';
  return 'neither a time of RFC 3339 nor milliseconds since 1970';
}
