import { describe, expect, test } from '@jest/globals';

import type { Reading } from '#libs/telemetry';
import { newHomeState } from '../engine/home-state.js';
import { at, brief, found, homeFacts, reading, type Play } from '../test-home.js';

const moves = (time: string, more: Partial<Reading> = {}) => reading(time, 'pir-lounge', 'motion', true, more);
const said = (readings: Reading[], until: string, play?: Play) => brief(found(readings, until, play).filter(({ rule }) => rule === 'inactivity'));

test('six hours by day without movement are urgent, twelve an emergency, movement ends it', () => {
  expect(said([moves('08:00'), moves('21:00')], '22:00')).toEqual([
    '14:00:30 raise urgent: No movement since 08:00, last in the lounge. 6 hours by day; limit 6 hours',
    '20:00:30 raise emergency: No movement since 08:00, last in the lounge. 12 hours by day; limit 12 hours',
    '21:00:30 clear emergency: Movement in the lounge at 21:00',
  ]);
});

test('the night does not count', () => {
  expect(said([moves('21:00')], '1d 11:59')).toEqual([]);
  expect(said([moves('21:00')], '1d 12:01')).toEqual(['1d 12:00:30 raise urgent: No movement since 21:00 on 21 November, last in the lounge. 6 hours by day; limit 6 hours']);
  expect(said([moves('02:00')], '12:59')).toEqual([]);
  expect(said([moves('02:00')], '13:01')).toHaveLength(1);
});

test('the hours of a day on which the clocks change are the clock’s', () => {
  const facts = homeFacts({ timeZone: 'Europe/Berlin' });
  const night = Date.UTC(2027, 2, 28, 0); // 01:00 local; at 02:00 it is 03:00.
  const [finding] = found([{ ...moves('00:00'), atMs: night, receivedMs: night }], '130d 00:00', { facts });
  expect(new Date(finding?.atMs ?? 0).toISOString()).toBe('2027-03-28T11:00:30.000Z'); // 13:00 local: 07:00 and six hours.
});

test('who is registered later begins anew: what was begun for the home is forgotten', () => {
  const state = newHomeState('h1');
  found([moves('08:00')], '09:00', { state, facts: homeFacts({ residents: [] }) });
  expect(brief(found([moves('10:00'), moves('15:00')], '15:30', { state }))).toEqual([]);
});

test('a door is activity and never stops the clock: out, or fallen and not seen', () => {
  expect(said([moves('08:00'), reading('09:00', 'door', 'opened')], '16:00')).toEqual([
    '15:00:30 raise urgent: No movement since an outside door moved at 09:00: out, or fallen and not seen. 6 hours by day; limit 6 hours',
  ]);
});

test('a state that is sent again is no movement', () => {
  const fridge = (time: string, value: boolean) => reading(time, 'fridge', 'open', value);
  expect(said([fridge('08:00', true), fridge('08:01', false), fridge('13:00', false)], '14:02')).toHaveLength(1);
});

test.each(['away', 'hospital', 'holiday', 'pause'])('%s stops the clock while it lasts, no longer', (kind) => {
  const facts = homeFacts({ contexts: [{ kind, fromMs: at('09:00'), untilMs: at('15:00') }] });
  expect(said([moves('08:00')], '19:59', { facts })).toEqual([]);
  expect(said([moves('08:00')], '20:01', { facts })).toHaveLength(1);
});

test('a visit does not: visitors move', () => {
  const facts = homeFacts({ contexts: [{ kind: 'visit', fromMs: at('09:00'), untilMs: at('15:00') }] });
  expect(said([moves('08:00')], '14:01', { facts })).toHaveLength(1);
});

test('an occupied bed delays what is urgent, never the emergency', () => {
  expect(said([reading('08:00', 'bed', 'bed_occupied')], '19:00')).toEqual([]);
  expect(said([reading('08:00', 'bed', 'bed_occupied')], '20:01')).toEqual([
    '20:00:30 raise emergency: No movement since 08:00, last in the bedroom. 12 hours by day; limit 12 hours. The bed is occupied',
  ]);
});

describe('what nobody could hear does not count', () => {
  const buckets = (from: string, until: string, heard: number, known = 40) =>
    Array.from({ length: (at(until) - at(from)) / 300_000 }, (_, index) => ({ startMs: at(from) + index * 300_000, heard, known }));

  test('while nearly the whole fleet is silent', () => {
    const fleet = [...buckets('07:00', '10:00', 30), ...buckets('10:00', '13:00', 2), ...buckets('13:00', '19:00', 30)];
    expect(said([moves('08:00')], '17:00', { fleet })).toEqual([]);
    expect(said([moves('08:00')], '17:01', { fleet })).toHaveLength(1);
  });

  test('but a silence of 25 minutes, of a small fleet or of a part of it does', () => {
    for (const silent of [buckets('10:00', '10:25', 0), buckets('10:00', '13:00', 0, 9), buckets('10:00', '13:00', 3)]) {
      expect(said([moves('08:00')], '14:01', { fleet: silent })).toHaveLength(1);
    }
  });

  test('while the service was not there', () => {
    const deaf = [{ fromMs: at('10:00'), untilMs: at('12:00') }];
    expect(said([moves('08:00')], '16:00', { deaf })).toEqual([]);
    expect(said([moves('08:00')], '16:01', { deaf })).toHaveLength(1);
  });

  test('while the hub was silent, even after it is back', () => {
    const statuses = ['08:00', '13:00', '13:50', '14:40', '15:30', '16:20', '17:10', '18:00', '18:50'].map((time) => ({ home: 'h1', hub: 'hub', online: true, atMs: at(time) }));
    expect(said([moves('08:00')], '18:59', { statuses })).toEqual([]);
    expect(said([moves('08:00')], '19:02', { statuses })).toHaveLength(1);
  });
});

test('told late, movement brings the clock forward and ends what was said, but never back', () => {
  const late = { receivedMs: at('15:00') };
  expect(said([moves('08:00'), moves('10:00', late)], '15:59')).toEqual([
    '14:00:30 raise urgent: No movement since 08:00, last in the lounge. 6 hours by day; limit 6 hours', '15:00:00 clear urgent: Movement in the lounge at 10:00',
  ]);
  expect(said([moves('08:00'), moves('12:00'), moves('10:00', late)], '17:59')).toEqual([]);
});

test('a backlog of days that comes at once is history: what is over is not raised, what lasts is, once', () => {
  const backlog = (untilHour: number) => Array.from({ length: untilHour }, (_, hour) => moves(`${Math.floor(hour / 24)}d ${hour % 24}:00`, { receivedMs: at('2d 18:00') }));
  expect(said(backlog(66), '2d 18:40')).toEqual([]);
  expect(said(backlog(60), '2d 18:40')).toEqual(['2d 18:10:30 raise urgent: No movement since 11:00, last in the lounge. 7 hours 10 minutes by day; limit 6 hours']);
});
