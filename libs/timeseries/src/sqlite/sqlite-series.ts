import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { assert } from '#libs/runtime';
import type { Reading } from '#libs/telemetry';
import { checkAggregate } from '../aggregate-query.js';
import { readPage, type PlacedPoint } from '../page.js';
import { whyUnstorable } from '../storable.js';
import { pointOf, valueOf } from '../stored-point.js';
import type { AggregateQuery, Fn, Interval, Point, Range, RawQuery, Refusal, TimeSeries } from '../time-series.js';
import { PointWriter } from './point-writer.js';
import { guarded, openSeriesFile, openSeriesFileReadOnly } from './series-file.js';

type Row = Record<string, SQLOutputValue>;
interface Series { id: number; device: string; kind: string }

/** Of one transaction: some hundredths of a second. */
const PRUNE_POINTS_MAX = 20_000;
const PRUNE_SERIES_MAX = 500;
const COLUMNS = 'atUs, v, s, lagMs, flags, resident';

/** The embedded engine: one SQLite file. Readers see each batch whole or not at all. */
export class SqliteSeries implements TimeSeries {
  private database: DatabaseSync | undefined;
  private writer: PointWriter | undefined;

  constructor(private readonly file: string, private readonly readOnly: boolean) {
    if (readOnly) return; // Opened when first asked: the writer may not have made the file yet.
    this.database = openSeriesFile(file);
    this.writer = new PointWriter(this.database);
  }

  async append(readings: readonly Reading[]): Promise<{ refused: Refusal[] }> {
    const writer = this.writer;
    assert(writer, 'append to a series that was opened for reading, or closed');
    const refused: Refusal[] = [];
    const storable = readings.filter((reading) => {
      const reason = whyUnstorable(reading);
      if (reason !== undefined) refused.push({ reading, reason });
      return reason === undefined;
    });
    if (storable.length > 0) guarded(this.file, () => writer.write(storable));
    return { refused };
  }

  async raw(query: RawQuery): Promise<{ items: Point[]; next?: string }> {
    const series = this.seriesOf(query);
    return readPage(query, (fromUs, toUs, perSeriesMax) => Promise.resolve(
      series.map((one) => this.pointsOf(query.home, one, fromUs, toUs, perSeriesMax)),
    ));
  }

  async aggregate(query: AggregateQuery): Promise<Interval[]> {
    checkAggregate(query);
    const everyUs = query.everyMs * 1_000;
    const sql = `SELECT atUs / CAST(? AS INTEGER) AS number, ${AGGREGATES[query.fn]} FROM points
      WHERE series = ? AND atUs >= ? AND atUs < ? ${query.fn === 'count' || query.fn === 'last' ? '' : 'AND v IS NOT NULL'} GROUP BY number ORDER BY number`;
    return this.seriesOf(query).flatMap(({ id, device, kind }) =>
      this.all(sql, everyUs, id, query.fromMs * 1_000, query.toMs * 1_000).map((row) => ({
        device, kind,
        startMs: (row['number'] as number) * query.everyMs,
        value: query.fn === 'last' ? valueOf(row as unknown as { v: number | null; s: string | null; flags: number }) : (row['value'] as number),
      })));
  }

  async latest(home: string): Promise<Point[]> {
    return this.seriesOf({ home }).flatMap(({ id, device, kind }) =>
      this.all(`SELECT ${COLUMNS} FROM points WHERE series = ? ORDER BY atUs DESC LIMIT 1`, id)
        .map((row) => placed(home, device, kind, row).point));
  }

  async count(query: { home?: string } = {}): Promise<number> {
    const [row] = query.home === undefined
      ? this.all('SELECT count(*) AS number FROM points')
      : this.all('SELECT count(*) AS number FROM points WHERE series IN (SELECT id FROM series WHERE home = ?)', query.home);
    return Number(row?.['number'] ?? 0);
  }

  /** In pieces, letting appends through between them. */
  async prune(beforeMs: number): Promise<void> {
    const writer = this.writer;
    assert(writer, 'prune of a series that was opened for reading, or closed');
    let series = this.all('SELECT id FROM series').map(({ id }) => Number(id));
    while (series.length > 0 && this.writer === writer) {
      const piece = series.slice(0, PRUNE_SERIES_MAX);
      series = series.slice(guarded(this.file, () => writer.forget(piece, beforeMs * 1_000, PRUNE_POINTS_MAX)));
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  }

  async ping(): Promise<void> {
    this.all('SELECT id FROM series LIMIT 1');
  }

  async close(): Promise<void> {
    this.database?.close();
    this.database = undefined;
    this.writer = undefined;
  }

  private seriesOf({ home, device, kind }: Pick<Range, 'home' | 'device' | 'kind'>): Series[] {
    const conditions = ['home = ?', ...(device === undefined ? [] : ['device = ?']), ...(kind === undefined ? [] : ['kind = ?'])];
    const values = [home, device, kind].filter((value) => value !== undefined);
    return this.all(`SELECT id, device, kind FROM series WHERE ${conditions.join(' AND ')} ORDER BY device, kind`, ...values) as unknown as Series[];
  }

  private pointsOf(home: string, { id, device, kind }: Series, fromUs: number, toUs: number, max: number): PlacedPoint[] {
    return this.all(`SELECT ${COLUMNS} FROM points WHERE series = ? AND atUs >= ? AND atUs < ? ORDER BY atUs LIMIT ?`, id, fromUs, toUs, max)
      .map((row) => placed(home, device, kind, row));
  }

  private all(sql: string, ...values: (string | number)[]): Row[] {
    return guarded(this.file, () => {
      if (this.readOnly) this.database ??= openSeriesFileReadOnly(this.file);
      return this.database?.prepare(sql).all(...values) ?? [];
    });
  }
}

const AGGREGATES: Record<Fn, string> = {
  count: 'count(*) AS value',
  mean: 'avg(v) AS value',
  min: 'min(v) AS value',
  max: 'max(v) AS value',
  last: 'max(atUs), v, s, flags', // Beside max(), SQLite takes the other columns from the same row.
};

function placed(home: string, device: string, kind: string, row: Row): PlacedPoint {
  const { atUs, v, s, lagMs, flags, resident } = row as { atUs: number; v: number | null; s: string | null; lagMs: number; flags: number; resident: string | null };
  return { atUs, point: pointOf(home, device, kind, atUs, { v, s, receivedMs: Math.floor(atUs / 1_000) + lagMs, flags, resident }) };
}
