import { expect, test } from '@jest/globals';

import { at, brief, found, homeFacts, reading } from '../test-home.js';

const press = (time: string, more = {}) => reading(time, 'pendant', 'sos', true, more);

test('a press pages at once, whoever it is', () => {
  const [finding] = found([press('02:14')], '02:14');
  expect(finding).toEqual({
    key: `h1/sos/resident:r1/pressed/${at('02:14')}/emergency`, episode: `h1/sos/resident:r1/pressed/${at('02:14')}/emergency`, change: 'raise', home: 'h1',
    subjectKind: 'resident', subject: 'r1', rule: 'sos', ruleVersion: 1, cause: 'pressed', severity: 'emergency', fromMs: at('02:14'), atMs: at('02:14'),
    reason: 'Pressed for help at 02:14', familyReason: 'Pressed for help at 02:14',
    evidence: [{ device: 'pendant', kind: 'sos', value: true, atMs: at('02:14') }], parameters: { joinMaxMs: 900_000 },
  });
});

test('each further press pages again, the same press delivered twice does not', () => {
  const readings = [press('02:14'), press('02:14', { receivedMs: at('02:14:20') }), press('02:15'), press('02:40')];
  const findings = found(readings, '02:40');
  expect(brief(findings)).toEqual([
    '02:14:00 raise emergency: Pressed for help at 02:14',
    '02:15:00 again emergency: Pressed for help again at 02:15',
    '02:40:00 raise emergency: Pressed for help at 02:40',
  ]);
  expect(findings[1]?.episode).toBe(findings[0]?.key);
});

test('a press of a device without a clock is known by its number, for five minutes', () => {
  const readings = ['02:14', '02:15', '02:25'].map((time) => press(time, { clock: 'arrival', seq: 7 }));
  expect(brief(found(readings, '02:30'))).toEqual([
    '02:14:00 raise emergency: Pressed for help at 02:14',
    '02:25:00 again emergency: Pressed for help again at 02:25',
  ]);
});

test('a press that comes late says both times', () => {
  expect(brief(found([press('02:14', { receivedMs: at('1d 09:00') })], '1d 09:00'))).toEqual([
    '1d 09:00:00 raise emergency: Pressed for help at 02:14 on 21 November, received at 09:00 on 22 November',
  ]);
});

test('no context and no pause silences it; a test of the device does', () => {
  const contexts = ['away', 'hospital', 'holiday', 'pause', 'visit', 'carer'].map((kind) => ({ kind, fromMs: 0, untilMs: at('2d 00:00') }));
  expect(found([press('02:14')], '02:14', { facts: homeFacts({ contexts }) })).toHaveLength(1);
  expect(found([press('02:14', { test: true })], '02:14')).toEqual([]);
});

test('a device that nobody registered pages all the same; where two live, for itself', () => {
  expect(found([reading('02:14', 'found-button', 'sos')], '02:14')[0]).toMatchObject({ subjectKind: 'resident', subject: 'r1' });
  const couple = homeFacts({ residents: [{ id: 'r1' }, { id: 'r2' }] });
  expect(found([press('02:14')], '02:14', { facts: couple })[0]).toMatchObject({ subjectKind: 'device', subject: 'pendant' });
  expect(found([press('02:14', { resident: 'r2' })], '02:14', { facts: couple })[0]).toMatchObject({ subjectKind: 'resident', subject: 'r2' });
  expect(found([press('02:14', { resident: 'stranger' })], '02:14')[0]).toMatchObject({ subjectKind: 'device', subject: 'pendant' });
});

test('a device called __proto__ is a device like any other', () => {
  expect(found([reading('02:14', '__proto__', 'sos'), reading('02:14', '__proto__', 'sos')], '02:14')).toHaveLength(1);
});
