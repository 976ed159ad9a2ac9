import { describe, expect, test } from '@jest/globals';

import type { Reading } from '#libs/telemetry';
import type { Status } from '../engine/rule.js';
import { at, brief, device, found, homeFacts, MINUTE_MS, reading, type Play } from '../test-home.js';

const of = (rule: string, readings: Reading[], until: string, play?: Play) => brief(found(readings, until, play).filter((finding) => finding.rule === rule));
const hub = (time: string, online = true, more: Partial<Status> = {}): Status => ({ home: 'h1', hub: 'hub', online, atMs: at(time), ...more });
const every = (minutes: number, from: string, until: string, make: (atMs: number) => Reading): Reading[] =>
  Array.from({ length: Math.floor((at(until) - at(from)) / (minutes * MINUTE_MS)) + 1 }, (_, index) => make(at(from) + index * minutes * MINUTE_MS));

describe('a cold home', () => {
  const degrees = (time: string | number, value: number, id = 'climate') => reading(time, id, 'temperature', value);
  const cold = (readings: Reading[], until: string, play?: Play) => of('cold-home', readings, until, play);
  const moving = every(60, '08:00', '14:00', (atMs) => reading(atMs, 'pir-lounge', 'motion'));
  const steady = (value: number, until = '14:00') => every(60, '08:00', until, (atMs) => degrees(atMs, value));
  const together = (...all: Reading[][]) => all.flat().sort((a, b) => a.atMs - b.atMs);

  test('below 18 °C for half an hour is routine and ends above it', () => {
    expect(cold([degrees('08:00', 17.5), degrees('09:00', 18.2), degrees('10:00', 18.5)], '11:00')).toEqual([
      '08:30:30 raise routine: The lounge is 17.5 °C, below 18 °C since 08:00 (30 minutes); limit 18 °C', '10:00:30 clear routine: The lounge is 18.5 °C again at 10:00',
    ]);
    expect(cold([degrees('08:00', 17.5), degrees('08:20', 18)], '11:00')).toEqual([]);
  });

  test('below 16 °C for two hours is urgent, below 12 °C for one an emergency where somebody lives', () => {
    expect(cold(steady(15), '14:00').map((line) => line.slice(0, 21))).toEqual(['08:30:30 raise routin', '10:00:30 raise urgent']);
    expect(cold(together(moving, steady(11)), '14:00').at(-1)).toBe(
      '09:00:30 raise emergency: The lounge is 11 °C, below 12 °C since 08:00 (1 hour); limit 12 °C. Somebody is at home');
    expect(cold(steady(11), '14:00').map((line) => line.slice(0, 21))).toEqual(['08:30:30 raise routin', '10:00:30 raise urgent']);
  });

  test('of a fridge, a shed or nobody knows what is none', () => {
    const devices = [device('fridge-probe', 'fridge', 'kitchen'), device('shed', 'climate', 'garden'), device('pir-lounge', 'movement', 'lounge')];
    for (const id of ['fridge-probe', 'shed', 'found-it']) {
      expect(cold(together(moving, every(60, '08:00', '14:00', (atMs) => degrees(atMs, 4, id))), '14:00', { facts: homeFacts({ devices }) })).toEqual([]);
    }
  });

  test('while nobody is there waits until they are back', () => {
    const facts = homeFacts({ contexts: [{ kind: 'away', fromMs: at('07:00'), untilMs: at('12:00') }] });
    expect(cold(steady(15, '11:00'), '11:59', { facts })).toEqual([]);
    expect(cold(steady(15), '14:00', { facts })).toEqual(['12:00:30 raise urgent: The lounge is 15 °C, below 16 °C since 08:00 (4 hours); limit 16 °C']);
    const often = every(10, '08:00', '14:00', (atMs) => degrees(atMs, 15));
    expect(cold(often, '14:00', { facts })).toHaveLength(1);
  });

  test('of a thermometer that has fallen silent is not known', () => {
    expect(cold([degrees('08:00', 15.9)], '14:00').map((line) => line.slice(0, 21))).toEqual(['08:30:30 raise routin', '10:00:30 raise urgent']);
    expect(cold([degrees('08:00', 17), degrees('08:10', 11)], '14:00').map((line) => line.slice(0, 21))).toEqual(['08:30:30 raise routin', '10:10:30 raise urgent']);
  });
});

describe('a hub', () => {
  const silent = (statuses: Status[], until: string, readings: Reading[] = [], play: Play = {}) => of('hub-silent', readings, until, { ...play, statuses });

  test('without a heartbeat for an hour is silent, until it is heard', () => {
    expect(silent([hub('08:00'), hub('08:05'), hub('12:00')], '12:30')).toEqual([
      '09:05:30 raise urgent: Nothing from hub hub since 08:05, for 1 hour; limit 1 hour. Nobody there is being watched', '12:00:30 clear urgent: Hub hub is heard again at 12:00',
    ]);
  });

  test('is heard by what comes through it', () => {
    expect(silent([hub('08:00')], '10:29', [reading('08:50', 'pir-hall', 'motion'), reading('09:30', 'pir-hall', 'motion')])).toEqual([]);
    expect(silent([hub('08:00')], '10:31', [reading('08:50', 'pir-hall', 'motion'), reading('09:30', 'pir-hall', 'motion')])).toHaveLength(1);
    expect(silent([hub('08:00')], '11:30', [reading('11:02', 'pir-hall', 'motion')]).at(-1)).toBe('11:05:30 clear urgent: Hub hub is heard again at 11:02');
  });

  test('that says it is going has two minutes to come back', () => {
    expect(silent([hub('08:00'), hub('08:10', false), hub('08:11')], '08:30')).toEqual([]);
    expect(silent([hub('08:00'), hub('08:10', false)], '08:30')).toEqual(['08:12:30 raise urgent: Hub hub has been offline since 08:10: nobody there is being watched']);
  });

  test('without mains power says so after two minutes', () => {
    expect(silent([hub('08:00', true, { mains: false }), hub('08:05', true, { mains: false }), hub('08:10', true, { mains: true })], '08:30')).toEqual([
      '08:02:30 raise urgent: Hub hub has run on its battery since 08:00: mains power is away or it was unplugged', '08:10:30 clear urgent: Hub hub has mains power again at 08:10',
    ]);
  });

  test('that never said anything, or in a fleet that is silent as a whole, is not missed', () => {
    expect(silent([], '20:00', [reading('08:00', 'pir-hall', 'motion')])).toEqual([]);
    const fleet = Array.from({ length: 120 }, (_, index) => ({ startMs: at('08:00') + index * 5 * MINUTE_MS, heard: 0, known: 40 }));
    expect(silent([hub('08:00')], '17:59', [], { fleet })).toEqual([]);
  });
});

describe('a device', () => {
  const reports = (id: string, kind: string, from: string, until: string, minutes = 30) => every(minutes, from, until, (atMs) => reading(atMs, id, kind, 20));
  const silent = (readings: Reading[], until: string, play?: Play) => of('device-silent', readings, until, play);

  test('that missed three expected reports is silent, and heard again', () => {
    expect(silent([...reports('climate', 'humidity', '08:00', '10:00'), reading('14:00', 'climate', 'humidity', 20)], '15:00')).toEqual([
      '13:00:30 raise technical: Nothing from climate in the lounge since 10:00, for 3 hours; limit 3 hours', '14:00:30 clear technical: climate is heard again at 14:00',
    ]);
  });

  test('that reports less often is given longer', () => {
    const slow = reports('climate', 'humidity', '00:00', '08:00', 120);
    expect(silent(slow, '13:59')).toEqual([]);
    expect(silent(slow, '14:01')).toHaveLength(1);
  });

  test('on a battery is given 25 hours', () => {
    const asleep = reports('pir-hall', 'battery', '08:00', '10:00');
    expect(silent(asleep, '1d 11:00')).toEqual([]);
    expect(silent(asleep, '1d 11:01')).toHaveLength(1);
  });

  test('that raises alarms is urgent', () => {
    expect(silent(reports('alarm', 'signal', '08:00', '10:00'), '13:01')).toEqual([
      '13:00:30 raise urgent: Nothing from alarm in the kitchen since 10:00, for 3 hours; limit 3 hours. It could not raise an alarm',
    ]);
  });

  test('that only tells events, is used when it is used, or that nobody registered is not missed', () => {
    const readings = [...reports('pir-lounge', 'motion', '08:00', '08:59'), ...reports('cuff', 'battery', '09:00', '10:00'), ...reports('found-it', 'signal', '10:30', '12:00')];
    expect(silent(readings, '4d 00:00')).toEqual([]);
  });

  test('said to be offline has ten minutes', () => {
    const offline = (time: string, online = false): Status => ({ home: 'h1', device: 'climate', online, atMs: at(time) });
    expect(silent([], '08:30', { statuses: [offline('08:00'), offline('08:05', true)] })).toEqual([]);
    expect(silent([], '09:30', { statuses: [offline('08:00'), offline('09:00', true)] })).toEqual([
      '08:10:30 raise technical: climate in the lounge has been offline since 08:00; limit 10 minutes', '09:00:30 clear technical: climate is heard again at 09:00',
    ]);
  });

  test('behind a silent hub is part of the hub’s incident, and has its time again when the hub is back', () => {
    const statuses = [hub('08:00'), hub('08:30'), hub('09:00'), hub('09:30'), hub('10:00'), ...Array.from({ length: 12 }, (_, index) => hub(`${20 + Math.floor(index / 4)}:${(index % 4) * 15}`))];
    const readings = reports('climate', 'humidity', '08:00', '10:00');
    const findings = found(readings, '22:59', { statuses });
    expect(findings.filter(({ change }) => change === 'raise').map(({ rule }) => rule)).toEqual(['hub-silent']);
    expect(of('device-silent', readings, '23:01', { statuses })).toEqual([
      '23:00:30 raise technical: Nothing from climate in the lounge since 10:00, for 13 hours; limit 3 hours',
    ]);
  });
});
