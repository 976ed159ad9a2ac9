import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { days, hours, minutes } from '#libs/runtime';
import { decodeMessage } from '#libs/telemetry';
import type { TimedMessage } from '../timed-message.js';
import { STREET } from './household.js';
import type { Incident } from './incident.js';
import { streetMessages } from './street-messages.js';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const NIGHT = Date.parse('2026-11-21T02:10:00Z');

const street = (fromMs: number, untilMs: number, seed = 7, incidents: Incident[] = []): TimedMessage[] =>
  [...streetMessages({ seed, households: STREET, incidents, fromMs, untilMs })];

const ofDevice = (messages: TimedMessage[], home: string, device: string): TimedMessage[] =>
  messages.filter(({ topic }) => topic === `homes/${home}/devices/${device}/readings`);

describe('the street', () => {
  test('the same seed gives the same messages byte for byte, another seed others', () => {
    const once = JSON.stringify(street(NOON, NOON + days(2)));
    expect(JSON.stringify(street(NOON, NOON + days(2)))).toBe(once);
    expect(JSON.stringify(street(NOON, NOON + days(2), 8))).not.toBe(once);
  });

  test('any part of the time gives that part of the messages', () => {
    const whole = street(NOON, NOON + days(2));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: days(2) }), fc.integer({ min: 0, max: hours(20) }), (startMs, lengthMs) => {
        const fromMs = NOON + startMs;
        const untilMs = Math.min(fromMs + lengthMs, NOON + days(2));
        expect(street(fromMs, untilMs)).toEqual(whole.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs));
      }),
      { numRuns: 8, verbose: true },
    );
  });

  test('messages come in the order of time, across the change of the clocks too', () => {
    const autumn = Date.parse('2026-10-24T12:00:00Z');
    const times = street(autumn, autumn + days(2)).map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('the service can read every message', () => {
    for (const { topic, payload, atMs } of street(NOON, NOON + days(1))) {
      const decoded = decodeMessage({ topic, payload: Buffer.from(payload), receivedMs: atMs }, { checkClock: true, retentionMs: days(30) });
      expect(decoded.faults).toEqual([]);
      expect(decoded.readings.length + (decoded.status ? 1 : 0)).toBeGreaterThan(0);
    }
  });

  test('every device that is registered is heard within a day and an hour, and no other is', () => {
    const heard = new Set(street(NOON, NOON + days(1) + hours(1)).map(({ topic }) => topic).filter((topic) => topic.includes('/devices/')));
    const registered = STREET.flatMap(({ plan }) => plan.devices.map(({ id }) => `homes/${plan.id}/devices/${id}/readings`));
    expect([...heard].toSorted()).toEqual(registered.toSorted());
  });

  test('a bed is left as often as it is taken, in turns', () => {
    const states = ofDevice(street(NOON, NOON + days(4)), 'street-1', 'bed').map(({ payload }) => /"bed_occupied":(true|false)/.exec(payload)?.[1]).filter((state) => state !== undefined);
    expect(states.length).toBeGreaterThan(8);
    states.forEach((state, index) => expect(state).toBe(index % 2 === 0 ? states[0] : states[1]));
  });
});

describe('incidents', () => {
  test('a night exit: the door, then nobody in the house until the return', () => {
    const incident: Incident = { kind: 'night-exit', home: 'street-3', person: 'r1', atMs: NIGHT, backMs: NIGHT + minutes(95) };
    const messages = street(NOON, NOON + days(1), 7, [incident]).filter(({ home }) => home === 'street-3');
    expect(ofDevice(messages, 'street-3', 'door-front').filter(({ atMs }) => atMs >= NIGHT && atMs < NIGHT + minutes(1)).map(({ payload }) => payload)).toEqual([
      '{"ts":"2026-11-21T02:10:00.000Z","values":{"open":true}}',
      expect.stringMatching(/"open":false/),
    ]);
    const between = messages.filter(({ atMs, payload }) => atMs > NIGHT && atMs < NIGHT + minutes(94) && payload.includes('motion'));
    expect(between).toEqual([]);
    const before = messages.filter(({ atMs, payload }) => atMs > NIGHT - minutes(10) && atMs < NIGHT && payload.includes('motion'));
    expect(before.length).toBeGreaterThan(0);
  });

  test('an SOS is pressed twice, four minutes apart', () => {
    const pressed = street(NOON, NOON + hours(12), 7, [{ kind: 'sos', home: 'street-1', person: 'r1', atMs: NOON + hours(3) }]).filter(({ payload }) => payload.includes('sos'));
    expect(pressed.map(({ atMs }) => Math.round((atMs - NOON - hours(3)) / minutes(1)))).toEqual([0, 4]);
  });

  test('a high blood pressure is measured and measured again', () => {
    const atMs = NOON + hours(3);
    const high = street(NOON, NOON + hours(12), 7, [{ kind: 'high-blood-pressure', home: 'street-2', person: 'r2', atMs, systolic: 186, diastolic: 104 }]);
    expect(ofDevice(high, 'street-2', 'cuff').map((message) => message.atMs - atMs)).toEqual([0, minutes(8)]);
  });

  test('without heating a home falls below 18 °C within 4 hours and below 16 °C within 9', () => {
    const messages = ofDevice(street(NOON, NOON + days(1), 7, [{ kind: 'heating-failure', home: 'street-4', fromMs: NOON }]), 'street-4', 'climate-lounge');
    const celsius = (atMs: number): number => Number(/"temperature":([\d.]+)/.exec(messages.find((message) => message.atMs >= atMs && message.payload.includes('temperature'))?.payload ?? '')?.[1]);
    expect(celsius(NOON)).toBeGreaterThan(18.5);
    expect(celsius(NOON + hours(4))).toBeLessThan(18);
    expect(celsius(NOON + hours(9))).toBeLessThan(16);
  });

  test('an incident changes nothing in another home', () => {
    const others = (incidents: Incident[]): TimedMessage[] => street(NOON, NOON + days(1), 7, incidents).filter(({ home }) => home !== 'street-3');
    expect(others([{ kind: 'night-exit', home: 'street-3', person: 'r1', atMs: NIGHT, backMs: NIGHT + hours(1) }])).toEqual(others([]));
  });
});
