import type { FleetBucket } from '../home-facts.js';
import type { Period } from '../time/period.js';

export const BUCKET_MS = 5 * 60_000;
/** A smaller fleet is silent by chance. */
export const KNOWN_MIN = 10;
/** Nearly the whole fleet: at most this share is still heard. */
export const HEARD_SHARE_MAX = 0.05;
/** Half an hour. */
export const BUCKETS_MIN = 6;
/**
 * A bucket counts once it ended this long ago by a home's own time. Homes of a replay are within 5 min
 * of each other, and homes by the readings' clock within 15: by then a bucket has its final number.
 */
export const BUCKET_AGE_MIN_MS = 15 * 60_000;

/** True if next to nobody was heard in a bucket of a fleet that is large enough to say so. */
export function isSilent(bucket: FleetBucket): boolean {
  return bucket.known >= KNOWN_MIN && bucket.heard <= bucket.known * HEARD_SHARE_MAX;
}

/**
 * When nearly the whole fleet was silent, as far as it can be said at `nowMs`: a fault of the platform,
 * not of forty people. Buckets ascend; one that is missing ends a period. The last period may go on.
 */
export function silentPeriods(buckets: readonly FleetBucket[], nowMs: number): Period[] {
  const periods: Period[] = [];
  let run: Period | undefined;
  for (const bucket of buckets) {
    if (bucket.startMs + BUCKET_MS + BUCKET_AGE_MIN_MS > nowMs) break;
    const joins = run !== undefined && bucket.startMs === run.untilMs;
    if (run !== undefined && (!joins || !isSilent(bucket))) {
      keepLong(periods, run);
      run = undefined;
    }
    if (!isSilent(bucket)) continue;
    if (run === undefined) run = { fromMs: bucket.startMs, untilMs: bucket.startMs + BUCKET_MS };
    else run.untilMs = bucket.startMs + BUCKET_MS;
  }
  if (run !== undefined) keepLong(periods, run);
  return periods;
}

function keepLong(periods: Period[], run: Period): void {
  if (run.untilMs - run.fromMs >= BUCKETS_MIN * BUCKET_MS) periods.push(run);
}
