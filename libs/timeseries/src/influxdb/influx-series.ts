import { assert } from '#libs/runtime';
import { PSEUDONYM, type Reading } from '#libs/telemetry';
import { checkAggregate } from '../aggregate-query.js';
import { order, readPage, type PlacedPoint } from '../page.js';
import { KIND, whyUnstorable } from '../storable.js';
import { pointOf, valueOf } from '../stored-point.js';
import type { AggregateQuery, Fn, Interval, Point, Range, RawQuery, Refusal, TimeSeries } from '../time-series.js';
import { InfluxClient, type Rows } from './influx-client.js';
import type { InfluxAddress } from './influx-url.js';
import { linesOf } from './line.js';
import { LineWriter, type BackOff } from './line-writer.js';

export interface InfluxOptions {
  address: InfluxAddress;
  readOnly: boolean;
  onHolding: (reason: string) => void;
  signal: AbortSignal | undefined;
  timing: InfluxTiming | undefined;
}

export interface InfluxTiming {
  /** A request without a whole answer by then has failed. */
  requestMs: number;
  /** Between attempts, doubled each time up to `maxMs`. */
  backOff: BackOff;
}

const TIMING: InfluxTiming = { requestMs: 30_000, backOff: { firstMs: 200, maxMs: 10_000 } };
/** Somebody waits for a page. */
const READER_TIMING: InfluxTiming = { ...TIMING, requestMs: 10_000 };

/** For statements that go through everything. */
const LONG_MS = 600_000;

/** Every kind, and nothing else that may lie in the same database. */
const ANY_KIND = '/^[a-z][a-z0-9_]*$/';
const FIELDS = '"f", "r", "v", "s", "p"';

/** InfluxDB 1.x, 2.x and 3. Statements hold checked names and numbers only, so that nothing needs a bind parameter. */
export class InfluxSeries implements TimeSeries {
  private readonly client: InfluxClient;
  private readonly writer: LineWriter;
  private readonly readOnly: boolean;
  private readonly closing = new AbortController();

  constructor({ address, readOnly, onHolding, signal, timing = readOnly ? READER_TIMING : TIMING }: InfluxOptions) {
    const ended = signal === undefined ? this.closing.signal : AbortSignal.any([signal, this.closing.signal]);
    this.client = new InfluxClient(address, timing.requestMs, ended);
    this.readOnly = readOnly;
    this.writer = new LineWriter(this.client, timing.backOff, onHolding, ended);
  }

  async append(readings: readonly Reading[]): Promise<{ refused: Refusal[] }> {
    assert(!this.readOnly, 'append to a series that was opened for reading');
    const refused: Refusal[] = [];
    const storable = readings.filter((reading) => {
      const reason = whyUnstorable(reading);
      if (reason !== undefined) refused.push({ reading, reason });
      return reason === undefined;
    });
    for (const { line, words } of await this.writer.write(linesOf(storable))) refused.push({ reading: line.reading, reason: words });
    return { refused };
  }

  async raw(query: RawQuery): Promise<{ items: Point[]; next?: string }> {
    return readPage(query, async (fromUs, toUs, perSeriesMax) => {
      const answer = await this.select(FIELDS, { ...query, fromUs, toUs }, `GROUP BY "device" LIMIT ${perSeriesMax}`);
      return answer.map((one) => placed(query.home, one));
    });
  }

  async aggregate(query: AggregateQuery): Promise<Interval[]> {
    checkAggregate(query);
    const { everyMs, fn, fromMs, toMs } = query;
    const answer = await this.select(AGGREGATES[fn], { ...query, fromUs: fromMs * 1_000, toUs: toMs * 1_000 }, `GROUP BY time(${everyMs}ms), "device" fill(none)`);
    return answer.sort(byDeviceAndKind).flatMap(({ device, kind, rows }) => rows
      .filter(({ value, f }) => value !== null && f !== null)
      .map((row) => ({
        device, kind,
        startMs: Math.floor(Number(row['time']) / 1_000),
        value: fn === 'last' ? valueOf(stored(row)) : Number(row['value']),
      })));
  }

  async latest(home: string): Promise<Point[]> {
    const answer = await this.select(FIELDS, { home, ...EVER }, 'GROUP BY "device" ORDER BY time DESC LIMIT 1');
    return answer.sort(byDeviceAndKind).flatMap((one) => placed(home, one).map(({ point }) => point));
  }

  async count({ home }: { home?: string } = {}): Promise<number> {
    const answer = await this.select('count("f") AS "value"', { ...(home === undefined ? {} : { home }), ...EVER }, '', LONG_MS);
    return answer.reduce((sum, { rows }) => sum + Number(rows[0]?.['value'] ?? 0), 0);
  }

  /** 3 can't delete; there the retention that the database was created with does it. */
  async prune(beforeMs: number): Promise<void> {
    assert(!this.readOnly, 'prune of a series that was opened for reading');
    if (/^v?[12]\./.test(await this.client.version())) await this.client.query(`DELETE WHERE time < ${time(beforeMs * 1_000)}`, LONG_MS);
  }

  async ping(): Promise<void> {
    await this.client.version(); // That it answers at all,
    await this.select(FIELDS, { home: '_', ...EVER }, 'LIMIT 1'); // and knows us and the bucket.
  }

  // A write under way is cut off: the caller has not been told that it is stored.
  async close(): Promise<void> {
    this.closing.abort(new Error('the time series was closed'));
    this.client.close();
  }

  private async select(what: string, range: Span, how: string, limitMs?: number): Promise<Rows[]> {
    const { home, device, kind, fromUs, toUs } = range;
    if ([home, device].some((name) => name !== undefined && !PSEUDONYM.test(name))) return []; // Nothing is stored under it.
    if (kind !== undefined && !KIND.test(kind)) return [];
    if (toUs <= fromUs) return [];
    const conditions = [
      ...(home === undefined ? [] : [`"home" = '${home}'`]),
      ...(device === undefined ? [] : [`"device" = '${device}'`]),
      `time >= ${time(fromUs)}`, `time < ${time(toUs)}`,
    ];
    return this.client.query(`SELECT ${what} FROM ${kind === undefined ? ANY_KIND : `"${kind}"`} WHERE ${conditions.join(' AND ')} ${how}`, limitMs);
  }
}

type Span = Partial<Pick<Range, 'home' | 'device' | 'kind'>> & { fromUs: number; toUs: number };

const EVER = { fromUs: 0, toUs: Number.MAX_SAFE_INTEGER };

const AGGREGATES: Record<Fn, string> = {
  count: 'count("f") AS "value"',
  mean: 'mean("v") AS "value"',
  min: 'min("v") AS "value"',
  max: 'max("v") AS "value"',
  last: 'last("f") AS "f", "v", "s"',
};

/** Nanoseconds, as InfluxQL reads a bare number; more than a double can hold. */
function time(us: number): string {
  return us === 0 ? '0' : `${Math.min(Math.max(Math.trunc(us), 0), Number.MAX_SAFE_INTEGER)}000`;
}

function byDeviceAndKind(a: Rows, b: Rows): number {
  return order(a.device, b.device) || order(a.kind, b.kind);
}

type Row = Rows['rows'][number];

function stored(row: Row): { v: number | null; s: string | null; flags: number } {
  return { v: row['v'] as number | null, s: row['s'] as string | null, flags: row['f'] as number };
}

function placed(home: string, { device, kind, rows }: Rows): PlacedPoint[] {
  return rows.map((row) => {
    const atUs = row['time'] as number;
    const point = pointOf(home, device, kind, atUs, { ...stored(row), receivedMs: row['r'] as number, resident: row['p'] as string | null });
    return { atUs, point };
  });
}
