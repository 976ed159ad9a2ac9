import { AggregatorRegistry, Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client';

export { Counter, Gauge, Histogram } from 'prom-client';

/** This thread's metrics. Names begin with `hearthwatch_`; labels hold no pseudonyms of homes. */
export const metrics = new Registry();

export type MetricsJson = MetricObjectWithValues<MetricValue<string>>[];

export async function metricsJson(): Promise<MetricsJson> {
  return metrics.getMetricsAsJSON();
}

/** The metrics of several threads summed into one Prometheus text. */
export async function aggregateMetrics(perThread: MetricsJson[]): Promise<string> {
  return AggregatorRegistry.aggregate(perThread).metrics();
}
