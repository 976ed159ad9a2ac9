import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentMessages, brokenPromises, listenTo, told } from '../../../../test/harness/family-messages.js';
import { HOMEASSISTANT_SAMPLES } from './samples.js';

const spoken = listenTo('h1');

test.each(HOMEASSISTANT_SAMPLES)('$says: $topic', ({ topic, payload, gives }) => {
  expect(told(spoken(topic, payload))).toEqual(gives);
});

/** What a binary sensor of this configuration makes of these payloads, told one after the other. */
function readingsOf(config: object, payloads: [payload: string, afterMs?: number, retain?: boolean][]): number[] {
  const say = listenTo('h1');
  say('homeassistant/binary_sensor/d/config', { stat_t: 'd/s', ...config });
  return payloads.map(([payload, afterMs = 0, retain = false]) => say('d/s', payload, { afterMs, retain }).readings.length);
}

test('a movement that ends by itself (off_delay) begins with each message', () => {
  expect(readingsOf({ dev_cla: 'motion', off_dly: 5 }, [['ON'], ['ON']])).toEqual([1, 1]);
  expect(readingsOf({ dev_cla: 'motion' }, [['ON'], ['ON']])).toEqual([1, 0]);
});

test('a state that has expired (expire_after) is no longer believed', () => {
  expect(readingsOf({ dev_cla: 'motion', exp_aft: 60 }, [['ON'], ['ON', 60_000], ['ON', 60_001]])).toEqual([1, 0, 1]);
});

test('an SOS counts each time, but not when it is merely retained', () => {
  expect(readingsOf({ name: 'SOS' }, [['ON'], ['ON'], ['ON', 0, true]])).toEqual([1, 1, 0]);
});

test('payloads are compared as Jinja writes them', () => {
  expect(readingsOf({ dev_cla: 'door', pl_on: true, pl_off: false, val_tpl: '{{ value_json.c }}' }, [['{"c":true}'], ['{"c":false}'], ['{"c":1}'], ['{}']])).toEqual([1, 1, 0, 0]);
  expect(readingsOf({ dev_cla: 'door', pl_on: '1', pl_off: '0' }, [['1.0'], ['0']])).toEqual([1, 1]);
});

test('a second sensor of a kind is a device of its own', () => {
  const say = listenTo('h1');
  for (const id of ['door_a', 'door_b']) say(`homeassistant/binary_sensor/${id}/config`, { stat_t: `panel/${id}`, dev_cla: 'door', dev: { ids: 'panel' } });
  expect([told(say('panel/door_a', 'ON')), told(say('panel/door_b', 'ON'))]).toEqual([['panel open=true'], ['panel-door_b open=true']]);
});

test('an availability topic that devices share is that of a hub', () => {
  const say = listenTo('h1');
  for (const id of ['a', 'b']) say(`homeassistant/binary_sensor/${id}/config`, { stat_t: `x/${id}`, dev_cla: 'smoke', dev: { ids: id }, avty: [{ t: 'x/bridge', val_tpl: '{{ value_json.state }}' }] });
  expect(told(say('x/bridge', { state: 'offline' }))).toEqual(['hub x-bridge-1460332d offline']);
});

test('a home remembers 500 sensors, and says so of the one too many', () => {
  const say = listenTo('h1');
  const last = Array.from({ length: 501 }, (_, index) => say(`homeassistant/sensor/s${index}/config`, { stat_t: `s/${index}`, dev_cla: 'humidity' })).map(({ faults }) => faults.length);
  expect([last.slice(0, 500).some((faults) => faults > 0), last.at(-1)]).toEqual([false, 1]);
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(fc.array(bentMessages(HOMEASSISTANT_SAMPLES, 'homeassistant'), { maxLength: 12 }), (messages) => {
    const say = listenTo('h1');
    for (const { topic, payload, retain } of messages) expect(brokenPromises(say(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
