import { influxAddress } from './influxdb/influx-url.js';
import { InfluxSeries, type InfluxTiming } from './influxdb/influx-series.js';
import { SqliteSeries } from './sqlite/sqlite-series.js';
import type { TimeSeries } from './time-series.js';

export interface TimeSeriesOptions {
  /** `sqlite:` or `influxdb://user:token@host:8086/bucket` (`influxdbs://` over TLS). */
  url: string;
  /** Where the embedded engine keeps its points. */
  sqliteFile: string;
  /** For threads that only ask; there may be any number of them beside the one writer. */
  readOnly?: boolean;
  /** Told of every failed attempt while an append holds. */
  onHolding?: (reason: string) => void;
  /** Ends appends, at once: the caller stops, and has been promised nothing. */
  signal?: AbortSignal;
  /** InfluxDB only; tests shorten it. */
  timing?: InfluxTiming;
}

/**
 * Opens the time series. An InfluxDB that is away is no error here: appends hold until it is back.
 * @throws CodedError HW-SETTING (url), HW-SERIES-CORRUPT, HW-SERIES-NEWER, HW-SERIES-FULL, HW-SERIES-FILE
 */
export async function openTimeSeries(options: TimeSeriesOptions): Promise<TimeSeries> {
  const { url, sqliteFile, readOnly = false, onHolding = () => undefined, signal, timing } = options;
  if (url === 'sqlite:') return new SqliteSeries(sqliteFile, readOnly);
  return new InfluxSeries({ address: influxAddress(url), readOnly, onHolding, signal, timing });
}
