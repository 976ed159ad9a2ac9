import { describe, expect, test } from '@jest/globals';

import { at, brief, DAY_MS, found, reading } from '../test-home.js';

const DOUBT = '(limits not yet agreed for this person)';

test.each([
  ['heart_rate', 51, undefined], ['heart_rate', 50, 'routine: Pulse 50 per minute; lower limit 50'], ['heart_rate', 40, 'urgent: Pulse 40 per minute; lower limit 40'],
  ['heart_rate', 99, undefined], ['heart_rate', 100, 'routine: Pulse 100 per minute; limit 100'], ['heart_rate', 131, 'urgent: Pulse 131 per minute; limit 131'],
  ['respiratory_rate', 9, undefined], ['respiratory_rate', 8, 'urgent: Respiration 8 breaths per minute; lower limit 8'],
  ['respiratory_rate', 24, undefined], ['respiratory_rate', 25, 'urgent: Respiration 25 breaths per minute; limit 25'],
  ['spo2', 92, undefined], ['spo2', 91, 'urgent: Oxygen saturation 91 %; lower limit 91'],
  ['blood_glucose', 4, undefined], ['blood_glucose', 3.9, 'urgent: Blood glucose 3.9 mmol/L; lower limit 4'], ['blood_glucose', 2.9, 'emergency: Blood glucose 2.9 mmol/L; lower limit 3'],
  ['body_water', 40, undefined], ['body_water', 39, 'routine: Body water 39 %; lower limit 40'], ['body_water', 71, 'routine: Body water 71 %; limit 70'],
])('%s of %d', (kind, value, said) => {
  expect(brief(found([reading('08:00', 'cuff', kind, value)], '08:01'))).toEqual(said === undefined ? [] : [`08:00:00 raise ${said} ${DOUBT}`]);
});

describe('body temperature', () => {
  const measured = (time: string, value: number) => reading(time, 'ear', 'body_temperature', value);

  test('outside limits waits for a repeat; a normal one ends it', () => {
    expect(found([measured('08:00', 38), measured('08:10', 37)], '09:00')).toEqual([]);
  });

  test('repeated outside limits is raised', () => {
    expect(brief(found([measured('08:00', 38), measured('08:05', 37.9)], '09:00'))).toEqual([
      `08:05:00 raise routine: Body temperature 37.9 °C; limit 37.6, repeated after 38 °C ${DOUBT}`,
    ]);
  });

  test('without a repeat in 30 minutes is raised as unrepeated', () => {
    expect(brief(found([measured('08:00', 39.2)], '08:30'))).toEqual([
      `08:30:00 raise urgent: Body temperature 39.2 °C; limit 39.1, unrepeated. Measured at 08:00 ${DOUBT}`,
    ]);
    expect(found([measured('08:00', 34.9)], '08:29')).toEqual([]);
  });

  test('sent twice by the thermometer is not repeated', () => {
    expect(brief(found([measured('08:00', 38), measured('08:00:31', 38)], '08:30'))[0]).toContain('unrepeated');
  });

  test('measured before midnight and raised after it ends with the day in which it was raised', () => {
    expect(found([measured('23:50', 38)], '1d 23:59').map(({ change, atMs }) => [change, (atMs - DAY_MS) / 60_000])).toEqual([['raise', 1_460]]);
    expect(found([measured('23:50', 38)], '2d 00:00').map(({ change }) => change)).toEqual(['raise', 'clear']);
  });

  test('of 37.6 and 35 is normal', () => {
    expect(found([measured('08:00', 37.6), measured('09:00', 35)], '10:00')).toEqual([]);
  });
});

describe('weight', () => {
  const week = (kg: number, days = 4) => Array.from({ length: days }, (_, day) => reading(at('08:00') + day * 86_400_000, 'scale', 'weight', kg));
  const next = (kg: number, day = 4, time = '08:00') => reading(at(`${day}d ${time}`), 'scale', 'weight', kg);

  test('lost or gained against the week before is raised', () => {
    expect(brief(found([...week(80), next(76)], '4d 08:00'))).toEqual([
      `4d 08:00:00 raise routine: Weight 76 kg, 5.0 % below the last week’s mean of 80.0 kg; limit 5 % ${DOUBT}`,
    ]);
    expect(brief(found([...week(80), next(83)], '4d 08:00'))).toEqual([
      `4d 08:00:00 raise routine: Weight 83 kg, 3.0 kg above the last week’s mean of 80.0 kg; limit 3 kg ${DOUBT}`,
    ]);
    expect(found([...week(80), next(76.1)], '4d 08:00')).toEqual([]);
    expect(found([...week(80), next(82.9)], '4d 08:00')).toEqual([]);
  });

  test('says nothing before three days of the week were measured', () => {
    expect(found([...week(80, 2), next(60, 2)], '2d 09:00')).toEqual([]);
  });

  test('far from the mean is somebody else’s, unless the next one agrees', () => {
    expect(found([...week(80), next(60), next(80, 5)], '5d 09:00')).toEqual([]);
    expect(brief(found([...week(80), next(60), next(60.5, 4, '08:05')], '4d 09:00'))).toEqual([
      `4d 08:05:00 raise routine: Weight 60.5 kg, 24.4 % below the last week’s mean of 80.0 kg; limit 5 %, seen twice running ${DOUBT}`,
    ]);
  });
});
