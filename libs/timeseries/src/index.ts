export { openTimeSeries, type TimeSeriesOptions } from './open-time-series.js';
export { type AggregateQuery, type Fn, type Interval, type Point, type Range, type RawQuery, type Refusal, type TimeSeries } from './time-series.js';
