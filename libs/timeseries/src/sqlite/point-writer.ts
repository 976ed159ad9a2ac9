import { LRUCache } from 'lru-cache';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { pointTimeUs, type Reading } from '#libs/telemetry';
import { storedPoint } from '../stored-point.js';

/** Series whose number is kept in memory; beyond, it is looked up. */
const SERIES_CACHED_MAX = 100_000;

/** Writes batches, each in one transaction. Synchronous: nothing comes between. */
export class PointWriter {
  private readonly ids = new LRUCache<string, number>({ max: SERIES_CACHED_MAX });
  private readonly insertPoint: StatementSync;
  private readonly findSeries: StatementSync;
  private readonly insertSeries: StatementSync;
  private readonly deletePoints: StatementSync;

  constructor(private readonly database: DatabaseSync) {
    this.insertPoint = database.prepare('INSERT OR REPLACE INTO points (series, atUs, v, s, lagMs, flags, resident) VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.findSeries = database.prepare('SELECT id FROM series WHERE home = ? AND device = ? AND kind = ?');
    this.insertSeries = database.prepare('INSERT INTO series (home, device, kind) VALUES (?, ?, ?) RETURNING id');
    this.deletePoints = database.prepare(`DELETE FROM points WHERE series = ? AND atUs < ? AND atUs <= coalesce(
      (SELECT atUs FROM points WHERE series = ? AND atUs < ? ORDER BY atUs LIMIT 1 OFFSET ?), atUs)`);
  }

  /** All of them, durable, or an error and none. */
  write(readings: readonly Reading[]): void {
    this.transaction(() => {
      for (const reading of readings) {
        const { v, s, receivedMs, flags, resident } = storedPoint(reading);
        this.insertPoint.run(this.idOf(reading), pointTimeUs(reading), v, s, receivedMs - reading.atMs, flags, resident);
      }
    });
  }

  /** Deletes what lies before `beforeUs`, `max` points at most; says how many of the series, from the first on, are done. */
  forget(series: readonly number[], beforeUs: number, max: number): number {
    return this.transaction(() => {
      let left = max;
      for (const [done, id] of series.entries()) {
        left -= Number(this.deletePoints.run(id, beforeUs, id, beforeUs, left - 1).changes);
        if (left === 0) return done;
      }
      return series.length;
    });
  }

  private idOf({ home, device, kind }: Reading): number {
    const key = `${home}/${device}/${kind}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const row = this.findSeries.get(home, device, kind) ?? this.insertSeries.get(home, device, kind);
    const id = Number(row!['id']);
    this.ids.set(key, id);
    return id;
  }

  private transaction<T>(action: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = action();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.ids.clear(); // Series made by this batch are gone with it.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }
}
