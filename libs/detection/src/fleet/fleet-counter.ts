import type { FleetBucket } from '../home-facts.js';
import { BUCKET_AGE_MIN_MS, BUCKET_MS } from './silent-periods.js';

/** A home is known for this long after it was last heard: one that has moved out must not count as silent for ever. */
export const KNOWN_FOR_MS = 7 * 86_400_000;
/** After a longer gap the count starts anew: nothing is said of the months between two recordings. */
const GAP_MAX_MS = 30 * 86_400_000;

/** A fleet counter as data, to be saved with the journal's position. */
export interface FleetCounterState {
  /** Start of the oldest bucket that is still open; absent before the first sighting. */
  openFromMs?: number;
  newestMs: number;
  /** Homes heard in each open bucket, by its start. */
  open: [startMs: number, homes: string[]][];
  /** Since when each home has been heard, without a longer gap than it takes to be forgotten, and until when. */
  heard: [home: string, firstMs: number, lastMs: number][];
}

/**
 * Counts how many homes are heard in each 5 minutes of detection's time, of how many known (heard in the
 * seven days before). A bucket is closed once the newest sighting of all is 15 min past its end, so that
 * homes a few minutes apart count in the same bucket whatever their order; it then never changes.
 * Count a message's sighting before its home is advanced.
 */
export class FleetCounter {
  private openFromMs: number | undefined;
  private newestMs: number;
  private readonly open = new Map<number, Set<string>>();
  private readonly heard: Map<string, { firstMs: number; lastMs: number }>;

  constructor(state?: FleetCounterState) {
    this.openFromMs = state?.openFromMs;
    this.newestMs = state?.newestMs ?? 0;
    this.heard = new Map(state?.heard.map(([home, firstMs, lastMs]) => [home, { firstMs, lastMs }]));
    for (const [startMs, homes] of state?.open ?? []) this.open.set(startMs, new Set(homes));
  }

  /** A home was heard. Sightings of buckets that are closed only keep the home known. */
  count(home: string, timeMs: number): void {
    const startMs = Math.floor(timeMs / BUCKET_MS) * BUCKET_MS;
    if (this.openFromMs === undefined) this.openFromMs = startMs;
    if (startMs >= this.openFromMs) {
      const homes = this.open.get(startMs);
      if (homes === undefined) this.open.set(startMs, new Set([home]));
      else homes.add(home);
    }
    const heard = this.heard.get(home);
    if (heard === undefined || timeMs - heard.lastMs > KNOWN_FOR_MS) this.heard.set(home, { firstMs: timeMs, lastMs: timeMs });
    else if (timeMs > heard.lastMs) heard.lastMs = timeMs;
    else if (timeMs < heard.firstMs) heard.firstMs = timeMs;
    if (timeMs > this.newestMs) this.newestMs = timeMs;
  }

  /**
   * Buckets that have become final, ascending and without a gap. `nowMs` is the time of a service whose
   * clock goes on by itself; by the readings' clock it is left out and the newest sighting stands for it.
   */
  close(nowMs = this.newestMs): FleetBucket[] {
    if (this.openFromMs === undefined) return [];
    const untilMs = Math.max(nowMs, this.newestMs) - BUCKET_AGE_MIN_MS;
    if (untilMs - this.openFromMs > GAP_MAX_MS) this.skipGap(untilMs);
    const closed: FleetBucket[] = [];
    for (; this.openFromMs + BUCKET_MS <= untilMs; this.openFromMs += BUCKET_MS) {
      const startMs = this.openFromMs;
      closed.push({ startMs, heard: this.open.get(startMs)?.size ?? 0, known: this.knownAt(startMs) });
      this.open.delete(startMs);
    }
    return closed;
  }

  /** Plain data, in a fixed order. */
  toState(): FleetCounterState {
    const open = [...this.open].map(([startMs, homes]): [number, string[]] => [startMs, [...homes].sort()]).sort((a, b) => a[0] - b[0]);
    const heard = [...this.heard].map(([home, { firstMs, lastMs }]): [string, number, number] => [home, firstMs, lastMs]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return { ...(this.openFromMs === undefined ? {} : { openFromMs: this.openFromMs }), newestMs: this.newestMs, open, heard };
  }

  private knownAt(startMs: number): number {
    let known = 0;
    for (const [home, { firstMs, lastMs }] of this.heard) {
      if (lastMs < startMs - KNOWN_FOR_MS) this.heard.delete(home);
      else if (firstMs < startMs + BUCKET_MS) known++;
    }
    return known;
  }

  private skipGap(untilMs: number): void {
    this.openFromMs = Math.floor(untilMs / BUCKET_MS) * BUCKET_MS;
    for (const startMs of this.open.keys()) {
      if (startMs < this.openFromMs) this.open.delete(startMs);
    }
  }
}
