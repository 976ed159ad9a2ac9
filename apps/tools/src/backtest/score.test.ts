import { expect, test } from '@jest/globals';
import type { Finding } from '#libs/detection';
import type { TihmLabel, TihmRecording } from '#simulators';
import { proportion } from './proportion.js';
import { alertBurden, scoreLabels } from './score.js';

const at = (time: string): number => Date.parse(`${time}Z`);
const reading = (home: string, time: string, values: Record<string, number | boolean>) => ({ home, atMs: at(time), device: 'd', values });
const recording = (...messages: TihmRecording['messages']): TihmRecording => ({ homes: [], messages, readings: 0, repeatedRows: 0 });
const label = (home: string, date: string, type: TihmLabel['type'] = 'Blood pressure'): TihmLabel => ({ home, type, date, atMs: 0 });

function finding(home: string, from: string, more: Partial<Finding> = {}): Finding {
  const key = `${home}/${from}`;
  return {
    key, episode: key, change: 'raise', home, subjectKind: 'resident', subject: 'r1', rule: 'blood-pressure', ruleVersion: 1, cause: 'limits',
    severity: 'routine', fromMs: at(from), atMs: at(from), reason: '', familyReason: '', evidence: [], parameters: {}, ...more,
  };
}

const bloodPressure = { systolic: 170, diastolic: 90 };

test('precision and recall count person-days that have a reading', () => {
  const days = recording(
    reading('a', '2019-05-01T09:00', bloodPressure), reading('a', '2019-05-02T09:00', bloodPressure), reading('a', '2019-05-03T09:00', bloodPressure),
    reading('b', '2019-05-01T09:00', bloodPressure), reading('b', '2019-05-02T09:00', { heart_rate: 70 }),
  );
  const findings = [finding('a', '2019-05-01T09:00'), finding('a', '2019-05-01T11:00'), finding('a', '2019-05-02T09:00'), finding('b', '2019-05-01T09:00', { change: 'clear' })];
  const labels = [label('a', '2019-05-01'), label('b', '2019-05-01'), label('b', '2019-05-02'), label('a', '2019-05-01', 'Pulse')];
  expect(scoreLabels(days, findings, labels)[0]).toMatchObject({
    type: 'Blood pressure', days: 4, labelled: 2, raised: 2, both: 1, labelledWithoutReading: 1,
    precision: { hits: 1, total: 2 }, recall: { hits: 1, total: 2 },
  });
});

test('a day is a day in London', () => {
  const days = recording(reading('a', '2019-05-01T23:30', bloodPressure)); // 00:30 on the 2nd
  const [score] = scoreLabels(days, [finding('a', '2019-05-01T23:30')], [label('a', '2019-05-02')]);
  expect(score).toMatchObject({ both: 1, precision: { share: 1 }, recall: { share: 1 } });
});

test('an episode that rises is one alert, at its highest severity', () => {
  const week = recording(...Array.from({ length: 7 }, (_, day) => reading('a', `2019-05-0${day + 1}T09:00`, { motion: true })));
  const rising = [finding('a', '2019-05-01T09:00', { episode: 'e' }), finding('a', '2019-05-01T10:00', { episode: 'e', severity: 'urgent' })];
  expect(alertBurden(week, [...rising, finding('a', '2019-05-03T09:00')])).toEqual({
    personWeeks: 1,
    burdens: [{ rule: 'blood-pressure', severity: 'urgent', alerts: 1, perPersonWeek: 1 }, { rule: 'blood-pressure', severity: 'routine', alerts: 1, perPersonWeek: 1 }],
  });
});

test('intervals are those of Wilson', () => {
  // Newcombe 1998 (Statistics in Medicine 17:857), table I: 81 of 263, and 0 of 20.
  expect(proportion(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
  expect(proportion(0, 20)).toMatchObject({ share: 0, low: 0, high: expect.closeTo(0.1611, 4) });
  expect(proportion(0, 0).share).toBeUndefined();
});
