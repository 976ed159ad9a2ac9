import { expect, test } from '@jest/globals';
import { Counter, aggregateMetrics, metrics, metricsJson } from './index.js';

test('the metrics of several threads add up in one text', async () => {
  const readings = new Counter({ name: 'hearthwatch_test_total', help: 'of this test', registers: [metrics] });
  readings.inc(3);
  const oneThread = await metricsJson();
  expect(await aggregateMetrics([oneThread, structuredClone(oneThread)])).toContain('hearthwatch_test_total 6');
});
