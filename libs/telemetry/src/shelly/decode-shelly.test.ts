import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentMessages, brokenPromises, listenTo, told, toldOf } from '../../../../test/harness/family-messages.js';
import { SHELLY_SAMPLES } from './samples.js';

test.each(SHELLY_SAMPLES)('$says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});

test('Gen1: a press is told again with the count that it had, and counts once', () => {
  const say = listenTo('h1');
  const told1 = (count: number, retain = false): string[] => told(say('shellies/btn/input_event/0', { event: 'S', event_cnt: count }, { retain }));
  expect([told1(4), told1(4), told1(5), told1(5, true)]).toEqual([['btn button=true'], [], ['btn button=true'], []]);
});

test('Gen1: movement that is still told is the same movement', () => {
  const say = listenTo('h1');
  const status = (motion: boolean, lux: number): string[] => told(say('shellies/m/status', { motion, lux }));
  expect([status(true, 12), status(true, 13), status(false, 13), status(true, 13)]).toEqual([
    ['m motion=true', 'm illuminance=12'], ['m illuminance=13'], ['m illuminance=13'], ['m motion=true', 'm illuminance=13'],
  ]);
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(fc.array(bentMessages(SHELLY_SAMPLES, 'shelly'), { maxLength: 5 }), (messages) => {
    const say = listenTo('h1');
    for (const { topic, payload, retain } of messages) expect(brokenPromises(say(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
