import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bentMessages, brokenPromises, listenTo, told, toldOf } from '../../../../test/harness/family-messages.js';
import { THEENGS_SAMPLES } from './samples.js';

const BUTTON = 'theengs/OMG_hall/BTtoMQTT/A4C138000003';

test.each(THEENGS_SAMPLES)('$says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});

test('a packet that arrives many times, through two gateways, is one press; the next packet is another', () => {
  const say = listenTo('h1');
  const presses = (packet: number, topic = BUTTON, afterMs = 300): number => say(topic, { packet, rssi: -60 - packet, button: 1 }, { afterMs }).readings.filter(({ kind }) => kind === 'button').length;
  const other = BUTTON.replace('hall', 'bedroom');
  expect([presses(29), presses(29), presses(29, other), presses(30), presses(29, other), presses(30)]).toEqual([1, 0, 0, 1, 0, 0]);
  expect(presses(30, BUTTON, 3_600_000)).toBe(1);
});

test('a retained packet never comes again', () => {
  const say = listenTo('h1');
  const presses = (afterMs: number): number => say(BUTTON, { packet: 7, button: 1 }, { afterMs, retain: true }).readings.length;
  expect([presses(0), presses(3_600_000 * 5)]).toEqual([1, 0]);
});

test('a device without numbers that says the same is heard once a minute', () => {
  const say = listenTo('h1');
  const readings = (tempc: number, afterMs: number): number => say('theengs/g/BTtoMQTT/A4C138000005', { tempc, rssi: -afterMs / 1_000 - 1 }, { afterMs }).readings.length;
  expect([readings(20, 0), readings(20, 2_000), readings(20.1, 2_000), readings(20.1, 60_000)]).toEqual([2, 0, 2, 2]);
});

test('of a device that is not registered nothing is kept, not even a fault or a trace in the memory; it is counted', () => {
  const asked: unknown[] = [];
  const say = listenTo('h1', { isRegistered: (home, device, atMs) => asked.push([home, device, atMs]) > 0 && device === 'A4C138000003' });
  expect(say('theengs/g/BTtoMQTT/A4C138000001', { packet: 1, smoke: true })).toEqual({ readings: [], faults: [], unheard: 1 });
  expect(say('theengs/g/BTtoMQTT/A4C138000001', '{"open')).toEqual({ readings: [], faults: [], unheard: 1 });
  expect(told(say(BUTTON, { packet: 1, button: 1 }))).toEqual(['A4C138000003 button=true']);
  expect(asked.length).toBeGreaterThan(2);
});

test.each(['A4C138000003', 'a4c138000003', 'A4-C1-38-00-00-03', 'a4_c1_38_00_00_03'])('a device may be registered as %s', (id) => {
  const say = listenTo('h1', { isRegistered: (_, device) => device === id });
  expect(told(say(BUTTON, { packet: 1, button: 1 }))).toEqual([`${id} button=true`]);
});

test('whatever arrives, it keeps its promises', () => {
  fc.assert(fc.property(fc.array(bentMessages(THEENGS_SAMPLES, 'theengs'), { maxLength: 5 }), (messages) => {
    const say = listenTo('h1');
    for (const { topic, payload, retain } of messages) expect(brokenPromises(say(topic, payload, { retain }))).toEqual([]);
  }), { numRuns: 500 });
});
