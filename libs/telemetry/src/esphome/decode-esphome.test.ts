import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentMessages, brokenPromises, listenTo, told, toldOf } from '../../../../test/harness/family-messages.js';
import { ESPHOME_SAMPLES } from './samples.js';

test.each(ESPHOME_SAMPLES)('$says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});

test('a movement that is told again with a new connection is no new one', () => {
  const say = listenTo('h1');
  const pir = (text: string): number => say('esphome/hall/binary_sensor/motion/state', text, { retain: true }).readings.length;
  expect([pir('ON'), pir('ON'), pir('OFF'), pir('ON')]).toEqual([1, 0, 0, 1]);
});

test('the device class and the unit of a discovery message count before the name', () => {
  const say = listenTo('h1');
  say('homeassistant/binary_sensor/hall/xyz/config', { stat_t: 'homes/h1/esphome/hall/binary_sensor/xyz/state', dev_cla: 'smoke', dev: { ids: 'abc' } });
  say('homeassistant/sensor/hall/t/config', { stat_t: 'homes/h1/esphome/hall/sensor/temperature/state', dev_cla: 'temperature', unit_of_meas: '°F', dev: { ids: 'abc' } });
  expect(told(say('esphome/hall/binary_sensor/xyz/state', 'ON'))).toEqual(['hall-xyz smoke=true']);
  expect(told(say('esphome/hall/sensor/temperature/state', '70.7'))).toEqual(['hall temperature=21.5']);
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(fc.array(bentMessages(ESPHOME_SAMPLES, 'esphome'), { maxLength: 5 }), (messages) => {
    const say = listenTo('h1');
    for (const { topic, payload, retain } of messages) expect(brokenPromises(say(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
