import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { PSEUDONYM, isPseudonym, isServiceTopic, parseTopic } from './topics.js';

test.each([
  ['homes/h1/devices/d1/readings', { type: 'readings', home: 'h1', device: 'd1' }],
  ['homes/h1/devices/d1/status', { type: 'device-status', home: 'h1', device: 'd1' }],
  ['homes/h1/hubs/u1/status', { type: 'hub-status', home: 'h1', hub: 'u1' }],
  ['homes/h1/devices/d1/rejected', { type: 'service', home: 'h1' }],
  ['homes/h1/devices/d1/commands', { type: 'service', home: 'h1' }],
  ['homes/h1/panels/p1/show', { type: 'service', home: 'h1' }],
  ['homes/h1/devices/d1/commands/7/result', { type: 'unknown', home: 'h1' }],
  ['homes/h1/panels/p1/answer', { type: 'unknown', home: 'h1' }],
  ['homes/h1/zigbee2mqtt/bridge/devices', { type: 'foreign', home: 'h1', family: 'zigbee2mqtt' }],
  ['homes/h1/senml/d1', { type: 'foreign', home: 'h1', family: 'senml' }],
  ['homes/h1/zigbee2mqtt', { type: 'unknown', home: 'h1' }],
  ['homes/h1/devices/d 1/readings', { type: 'unknown', home: 'h1' }],
  ['homes/h1/devices//readings', { type: 'unknown', home: 'h1' }],
  ['homes/h1/devices/d1/readings/', { type: 'unknown', home: 'h1' }],
  ['homes/h1/', { type: 'unknown', home: 'h1' }],
  ['homes/h1', { type: 'outside' }],
  ['homes/../devices/d1/readings', { type: 'outside' }],
  ['homes/+/devices/d1/readings', { type: 'outside' }],
  ['/homes/h1/devices/d1/readings', { type: 'outside' }],
  ['Homes/h1/devices/d1/readings', { type: 'outside' }],
  [`homes/${'h'.repeat(65)}/devices/d1/readings`, { type: 'outside' }],
  ['$SYS/broker', { type: 'outside' }],
  ['', { type: 'outside' }],
])('%s', (topic, expected) => {
  expect(parseTopic(topic)).toEqual(expected);
  expect(isServiceTopic(topic)).toBe(expected.type === 'service');
});

test('a pseudonym is what the expression says', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '_', '-', '@', '[', '`', '{', '/', ':', '\u0141', ' '), maxLength: 70 }), (text) => {
    expect(isPseudonym(text)).toBe(PSEUDONYM.test(text));
  }));
});

test('no topic makes it throw', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom('homes', 'h1', 'devices', 'hubs', 'panels', 'readings', 'status', '', '#'), fc.string()), { maxLength: 8 }), (levels) => {
    expect(parseTopic(levels.join('/')).type).toMatch(/^[a-z-]+$/);
  }));
});
