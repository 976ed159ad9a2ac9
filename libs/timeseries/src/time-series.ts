import type { ClockQuality, Reading } from '#libs/telemetry';

/** A stored reading. `atMs` is in ms; its place within the millisecond is the engine's own business. */
export interface Point {
  home: string;
  device: string;
  kind: string;
  value: number | boolean | string;
  atMs: number;
  receivedMs: number;
  clock: ClockQuality;
  test: boolean;
  resident?: string;
}

export interface Refusal {
  reading: Reading;
  /** Why, for a person; in the server's words where a server refused it. */
  reason: string;
}

/** A home's series, narrowed by device or kind, from `fromMs` up to and without `toMs`. */
export interface Range {
  home: string;
  device?: string;
  kind?: string;
  fromMs: number;
  toMs: number;
}

export interface RawQuery extends Range {
  /** 1 to RAW_LIMIT_MAX. */
  limit: number;
  /** The `next` of the page before. */
  after?: string;
}

export type Fn = 'count' | 'mean' | 'min' | 'max' | 'last';

export interface AggregateQuery extends Range {
  /** Length of an interval in whole ms; intervals are aligned to 1970 UTC. */
  everyMs: number;
  fn: Fn;
}

export interface Interval {
  device: string;
  kind: string;
  /** Where the interval begins; it may lie before the query's `fromMs`. */
  startMs: number;
  value: number | string | boolean;
}

/** Points per page, at most. */
export const RAW_LIMIT_MAX = 10_000;

/**
 * Every reading ever received, by home, device, kind and time. One writer; any number of readers in
 * other threads. The same reading appended again overwrites itself, so a repeat changes nothing.
 */
export interface TimeSeries {
  /**
   * Resolves when every reading is durable, but for those in `refused`: readings that no repeat will
   * ever get stored. While the engine is away it holds and tries again for ever, telling `onHolding`.
   * Rejects when a file can't be written (HW-SERIES-FULL, HW-SERIES-FILE, HW-SERIES-CORRUPT; then
   * nothing of the call is stored), and with the signal's reason when that aborts it.
   */
  append(readings: readonly Reading[]): Promise<{ refused: Refusal[] }>;

  /** A page of points, ascending by time, then device, then kind. `next` is missing on the last page. */
  raw(query: RawQuery): Promise<{ items: Point[]; next?: string }>;

  /**
   * One value per interval, device and kind, ordered by device, kind and time; empty intervals are
   * left out. `count` and `last` speak of every point, `last` in the point's own type; `mean`, `min`
   * and `max` of numbers, true and false standing for 1 and 0, and never of texts.
   */
  aggregate(query: AggregateQuery): Promise<Interval[]>;

  /** The newest point of each device and kind of a home, ordered by device and kind. */
  latest(home: string): Promise<Point[]>;

  /** Points in all, or of one home. Reads all of them: for checks, not for pages. */
  count(query?: { home?: string }): Promise<number>;

  /** Forgets every point before `beforeMs`. */
  prune(beforeMs: number): Promise<void>;

  /** Rejects with a CodedError while the engine can't answer. */
  ping(): Promise<void>;

  /** Ends it; an append that holds is aborted. */
  close(): Promise<void>;
}
