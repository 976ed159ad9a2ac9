import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ARRIVAL, bentMessages, brokenPromises, listenTo, told, toldOf } from '../../../../test/harness/family-messages.js';
import { SENML_SAMPLES } from './samples.js';

test.each(SENML_SAMPLES)('$says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});

test('a relative time is so long before the arrival, never after it, and no older than what is kept', () => {
  const at = (t: number): unknown[] => listenTo('h1')('senml/d1', [{ n: 'sos', vb: true, t }]).readings.map(({ atMs, clock }) => [atMs - ARRIVAL, clock]);
  expect([at(-60), at(0), at(500), at(-31 * 86_400)]).toEqual([[[-60_000, 'arrival']], [[0, 'arrival']], [[0, 'arrival']], [[0, 'wrong']]]);
});

test('after a thousand records only alarms are read', () => {
  const records = Array.from({ length: 1_002 }, (_, index) => (index % 2 === 0 ? { n: 'humidity', v: 50 } : { n: 'smoke', vb: true }));
  const decoded = listenTo('h1')('senml/d1', records);
  expect(decoded.readings).toHaveLength(1_001);
  expect(told({ ...decoded, readings: [] })).toEqual(['HW-DECODE-COUNT 1002 records are more than 1000; of those after them only alarms were read']);
});

test('records resolved by hand and by base fields give the same', () => {
  const record = fc.record({ n: fc.constantFrom('temperature', 'humidity'), v: fc.integer({ min: 0, max: 40 }), t: fc.integer({ min: -100, max: 100 }) });
  fc.assert(fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), fc.integer({ min: 1_795_000_000, max: 1_795_200_000 }), (records, bt) => {
    const withBase = records.map((each, index) => (index === 0 ? { bn: 'urn:dev:x/', bt, ...each } : each));
    const byHand = records.map(({ n, v, t }) => ({ n: `urn:dev:x/${n}`, v, t: bt + t }));
    expect(listenTo('h1')('senml/d1', withBase)).toEqual(listenTo('h1')('senml/d1', byHand));
  }));
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(bentMessages(SENML_SAMPLES, 'senml'), ({ topic, payload, retain }) => {
    expect(brokenPromises(listenTo('h1')(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
