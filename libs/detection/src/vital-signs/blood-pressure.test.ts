import { expect, test } from '@jest/globals';

import { at, brief, found, homeFacts, reading } from '../test-home.js';

const measured = (time: string, systolic: number, diastolic: number, more = {}) => [
  reading(time, 'cuff', 'systolic', systolic, more), reading(time, 'cuff', 'diastolic', diastolic, more),
];
const DOUBT = '(limits not yet agreed for this person)';

test.each([
  [159, 99, []],
  [160, 80, ['routine: Systolic 160 mmHg; limit 160']],
  [180, 80, ['urgent: Systolic 180 mmHg; limit 180']],
  [91, 60, []],
  [90, 60, ['urgent: Systolic 90 mmHg; lower limit 90']],
  [150, 100, ['routine: Diastolic 100 mmHg; limit 100']],
  [150, 120, ['urgent: Diastolic 120 mmHg; limit 120']],
  [150, 55, []],
  [150, 54, ['routine: Diastolic 54 mmHg; lower limit 55']],
  [176, 104, ['routine: Systolic 176 mmHg; limit 160. Diastolic 104 mmHg; limit 100']],
  [176, 124, ['urgent: Systolic 176 mmHg; limit 160. Diastolic 124 mmHg; limit 120']],
])('%d over %d', (systolic, diastolic, expected) => {
  expect(brief(found(measured('08:00', systolic, diastolic), '08:00'))).toEqual(expected.map((said) => `08:00:00 raise ${said} ${DOUBT}`));
});

test('the two halves are judged together in either order, each alone after 5 seconds', () => {
  const [systolic, diastolic] = measured('08:00', 176, 104);
  if (systolic === undefined || diastolic === undefined) throw new Error('two halves');
  const together = found([systolic, diastolic], '08:01');
  expect(found([diastolic, systolic], '08:01')).toEqual(together);
  expect(together[0]?.evidence).toHaveLength(2);
  expect(brief(found([systolic], '08:01'))).toEqual([`08:00:05 raise routine: Systolic 176 mmHg; limit 160 ${DOUBT}`]);
});

test('a bad day is one finding, one more if it gets worse, and ends at midnight', () => {
  const day = [...measured('08:00', 165, 80), ...measured('09:00', 130, 80), ...measured('10:00', 170, 80), ...measured('11:00', 185, 80), ...measured('12:00', 190, 80)];
  const findings = found([...day, ...measured('1d 08:00', 165, 80)], '1d 08:00');
  expect(brief(findings)).toEqual([
    `08:00:00 raise routine: Systolic 165 mmHg; limit 160 ${DOUBT}`,
    `11:00:00 raise urgent: Systolic 185 mmHg; limit 180 ${DOUBT}`,
    '1d 00:00:00 clear urgent: The day is over; the next reading is judged anew',
    `1d 08:00:00 raise routine: Systolic 165 mmHg; limit 160 ${DOUBT}`,
  ]);
  expect(findings.map(({ episode }) => episode)).toEqual([findings[0]?.key, findings[0]?.key, findings[0]?.key, findings[3]?.key]);
});

test('midnight is where the person lives, on the day when the clocks change too', () => {
  const facts = homeFacts({ timeZone: 'America/New_York' }); // 1 November 2026, 02:00 → 01:00.
  const change = Date.UTC(2026, 10, 1, 4);
  const findings = found([reading(change, 'cuff', 'systolic', 170), reading(change, 'cuff', 'diastolic', 80)], '08:00', { facts });
  expect(findings.map(({ atMs }) => (atMs - change) / 3_600_000)).toEqual([0, 25]);
});

test('a late reading speaks only if it is the newest and of today', () => {
  const late = (time: string, received: string) => measured(time, 170, 80, { receivedMs: at(received) });
  expect(brief(found(late('08:00', '10:00'), '10:00'))).toEqual([`10:00:00 raise routine: Systolic 170 mmHg; limit 160. Measured at 08:00 ${DOUBT}`]);
  expect(found([...measured('09:00', 130, 80), ...late('08:00', '10:00')], '10:00')).toEqual([]);
  expect(found(late('22:00', '1d 08:00'), '1d 08:00')).toEqual([]);
});

test('agreed limits are the person’s own, from the time at which they were set', () => {
  const own = { rule: 'blood-pressure', effectiveFromMs: at('09:00'), enabled: true, parameters: { systolicHighRoutine: 150, agreed: true, systolicHighUrgent: 'much' } };
  const facts = homeFacts({ rules: [own] });
  expect(found(measured('08:59', 155, 80), '08:59', { facts })).toEqual([]);
  expect(brief(found(measured('09:00', 155, 80), '09:00', { facts }))).toEqual(['09:00:00 raise routine: Systolic 155 mmHg; limit 150']);
  expect(found(measured('09:00', 155, 80), '09:00', { facts })[0]?.parameters).toMatchObject({ systolicHighRoutine: 150, systolicHighUrgent: 180 });
  expect(found(measured('09:00', 190, 80), '09:00', { facts: homeFacts({ rules: [{ ...own, enabled: false }] }) })).toEqual([]);
});

test('an impossible measurement is nothing; twice running somebody has to look', () => {
  expect(found(measured('08:00', 90, 120), '08:10')).toEqual([]);
  expect(brief(found([...measured('08:00', 90, 120), ...measured('08:05', 85, 110)], '08:10'))).toEqual([
    '08:05:00 raise routine: Systolic 85 mmHg is not above diastolic 110 mmHg, twice running: check the person and the device',
  ]);
});

test('a test of the cuff is nobody’s blood pressure', () => {
  expect(found(measured('08:00', 200, 80, { test: true }), '08:10')).toEqual([]);
});

test('family are told without clinical detail', () => {
  expect(found(measured('08:00', 200, 80), '08:10')[0]?.familyReason).toBe('A health reading needs a look by the care team');
});
