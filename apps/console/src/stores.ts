import type { Clock, Logger, Settings } from '#libs/runtime';
import type { Database } from '#libs/database';
import type { TimeSeries } from '#libs/timeseries';

/** What every part of the console works with: opened once at the start, closed at the stop. */
export class Stores {
  constructor(
    readonly db: Database,
    readonly series: TimeSeries,
    readonly settings: Settings,
    readonly clock: Clock,
    readonly log: Logger,
  ) {}
}
