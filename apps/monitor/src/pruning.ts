import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { pruneQuarantine } from '#libs/quarantine';
import { days, hours, minutes } from '#libs/runtime';
import type { TimeSeries } from '#libs/timeseries';
import type { Trouble } from './retrying.js';

const EVERY_MS = hours(1);
const FIRST_AFTER_MS = minutes(1);

/** Drops what is older than the retention, every hour. The journal's own segments are its writer's to drop. */
export class Pruning {
  constructor(
    private readonly database: Database,
    private readonly series: TimeSeries,
    private readonly retentionDays: readonly [journal: number, series: number],
    /** Detection's time: in a replay the readings are old, not expired. */
    private readonly time: { everywhereMs: number },
    private readonly trouble: Trouble,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await sleep(FIRST_AFTER_MS, undefined, { signal });
    for (; ;) {
      await this.prune();
      await sleep(EVERY_MS, undefined, { signal });
    }
  }

  private async prune(): Promise<void> {
    const nowMs = this.time.everywhereMs;
    const seriesBeforeMs = nowMs - days(this.retentionDays[1]);
    try {
      await this.series.prune(seriesBeforeMs);
      await pruneQuarantine(this.database, seriesBeforeMs);
      await this.database.deleteFrom('fleetBuckets').where('startMs', '<', seriesBeforeMs).execute();
      this.trouble.clear('pruning');
    } catch (error) {
      this.trouble.set('pruning', error instanceof Error ? error.message : String(error));
    }
  }
}
