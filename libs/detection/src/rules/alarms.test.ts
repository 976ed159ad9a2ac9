import { describe, expect, test } from '@jest/globals';

import { at, brief, found, homeFacts, reading } from '../test-home.js';

const fell = (time: string, received = time) => reading(time, 'pendant', 'fall', true, { receivedMs: at(received) });
const cancelled = (time: string, received = time) => reading(time, 'pendant', 'cancel', true, { receivedMs: at(received) });
const smoke = (time: string, value: boolean, more = {}) => reading(time, 'alarm', 'smoke', value, more);

describe('a fall', () => {
  test('pages when nobody cancels it within 30 seconds', () => {
    expect(brief(found([fell('10:00')], '10:00:29'))).toEqual([]);
    expect(brief(found([fell('10:00')], '10:00:30'))).toEqual(['10:00:30 raise emergency: Fall detected at 10:00, not cancelled within 30 seconds']);
    expect(found([fell('10:00'), cancelled('10:00:29')], '10:05')).toEqual([]);
  });

  test('cancelled too late pages all the same', () => {
    expect(found([fell('10:00'), cancelled('10:00:31')], '10:05')).toHaveLength(1);
  });

  test('whose cancelling comes late is clear afterwards', () => {
    expect(brief(found([fell('10:00'), cancelled('10:00:20', '10:02')], '10:05'))).toEqual([
      '10:00:30 raise emergency: Fall detected at 10:00, not cancelled within 30 seconds',
      '10:02:00 clear emergency: Cancelled by the person at 10:00',
    ]);
  });

  test('that comes late pages saying both times, unless what came with it cancels it', () => {
    expect(brief(found([fell('10:00', '11:00')], '11:01'))).toEqual(['11:00:05 raise emergency: Fall detected at 10:00, received at 11:00, not cancelled within 30 seconds']);
    expect(found([fell('10:00', '11:00'), cancelled('10:00:10', '11:00')], '11:01')).toEqual([]);
    expect(found([cancelled('10:00:10', '11:00'), fell('10:00', '11:00')], '11:01')).toEqual([]);
  });

  test('after a fall pages again', () => {
    const findings = found([fell('10:00'), fell('10:05')], '10:10');
    expect(findings.map(({ change }) => change)).toEqual(['raise', 'again']);
    expect(findings[1]?.episode).toBe(findings[0]?.key);
  });
});

describe('a detector', () => {
  test('pages when it goes on, is quiet while its state is sent again, and is clear when it goes off', () => {
    expect(brief(found([smoke('10:00', true), smoke('10:01', true), smoke('10:05', false), smoke('10:06', false), smoke('10:07', true)], '10:10'))).toEqual([
      '10:00:00 raise emergency: Smoke alarm in the kitchen at 10:00',
      '10:05:00 clear emergency: Smoke alarm in the kitchen has stopped at 10:05',
      '10:07:00 raise emergency: Smoke alarm in the kitchen at 10:07',
    ]);
  });

  test('in its test mode never pages and hides nothing', () => {
    expect(found([smoke('10:00', true, { test: true })], '10:10')).toEqual([]);
    expect(found([smoke('10:00', true, { test: true }), smoke('10:00', true)], '10:10')).toHaveLength(1);
    expect(brief(found([smoke('10:00', true), smoke('10:01', false, { test: true })], '10:10'))).toHaveLength(1);
  });

  test('that is told late pages saying both times, unless it has ended since', () => {
    const late = (time: string, value: boolean) => smoke(time, value, { receivedMs: at('12:00') });
    expect(brief(found([late('10:00', true)], '12:01'))).toEqual(['12:00:05 raise emergency: Smoke alarm in the kitchen at 10:00, received at 12:00']);
    expect(found([late('10:00', true), late('10:05', false)], '12:01')).toEqual([]);
    expect(found([smoke('11:00', false), late('10:00', true)], '12:01')).toEqual([]);
  });

  test.each([
    ['carbon_monoxide', true, 'emergency: Carbon monoxide alarm in the kitchen at 10:00'],
    ['carbon_monoxide_ppm', 120, 'emergency: Carbon monoxide in the kitchen at 10:00 (120 ppm)'],
    ['gas', true, 'emergency: Gas alarm in the kitchen at 10:00'],
    ['heat', true, 'emergency: Heat alarm in the kitchen at 10:00'],
    ['water_leak', true, 'urgent: Water leak in the kitchen at 10:00'],
  ])('of %s', (kind, value, said) => {
    expect(brief(found([reading('10:00', 'alarm', kind, value)], '10:00'))).toEqual([`10:00:00 raise ${said}`]);
  });

  test('is not silenced by any context, and one that nobody registered pages too', () => {
    const contexts = ['away', 'hospital', 'holiday', 'pause', 'visit', 'carer'].map((kind) => ({ kind, fromMs: 0, untilMs: at('2d 00:00') }));
    expect(found([smoke('10:00', true)], '10:00', { facts: homeFacts({ contexts }) })).toHaveLength(1);
    expect(brief(found([reading('10:00', 'found-it', 'smoke')], '10:00'))).toEqual(['10:00:00 raise emergency: Smoke alarm at 10:00']);
  });

  test('beside another is an alert of its own', () => {
    const findings = found([smoke('10:00', true), reading('10:01', 'alarm-2', 'smoke')], '10:02');
    expect(findings.map(({ subjectKind, subject }) => [subjectKind, subject])).toEqual([['device', 'alarm'], ['device', 'alarm-2']]);
  });
});
