import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentMessages, brokenPromises, listenTo, told, toldOf } from '../../../../test/harness/family-messages.js';
import { TASMOTA_SAMPLES } from './samples.js';

test.each(TASMOTA_SAMPLES)('$says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});

test('a movement that is told again with the hour is no new one; after it ended it is', () => {
  const say = listenTo('h1');
  const hourly = (motion: string): string[] => told(say('tasmota/tele/pir/SENSOR', { Time: '2026-11-21T02:14:05', motion }));
  expect([hourly('ON'), hourly('ON'), hourly('OFF'), hourly('OFF'), hourly('ON')].map((lines) => lines.length)).toEqual([1, 0, 0, 0, 1]);
});

test('an SOS that is pressed again counts though its end was lost, and is not made up by the hourly message', () => {
  const say = listenTo('h1');
  const press = (): string[] => told(say('tasmota/stat/d/RESULT', { sos: { Action: 'ON' } }));
  expect([press(), press()]).toEqual([['d sos=true'], ['d sos=true']]);
  expect(told(say('tasmota/tele/d/SENSOR', { sos: 'ON' }))).toEqual([]);
});

test('a retained press comes again after a reconnect and is none, but nobody’s SOS is lost to that', () => {
  const say = listenTo('h1');
  expect(told(say('tasmota/stat/hall/RESULT', { Button1: { Action: 'SINGLE' } }, { retain: true }))).toEqual([]);
  expect(told(say('tasmota/stat/panic/RESULT', { Button1: { Action: 'SINGLE' } }, { retain: true }))).toEqual(['panic sos=true']);
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(fc.array(bentMessages(TASMOTA_SAMPLES, 'tasmota'), { maxLength: 5 }), (messages) => {
    const say = listenTo('h1');
    for (const { topic, payload, retain } of messages) expect(brokenPromises(say(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
