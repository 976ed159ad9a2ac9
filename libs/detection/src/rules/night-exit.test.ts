import { describe, expect, test } from '@jest/globals';

import type { Reading } from '#libs/telemetry';
import { at, brief, found, homeFacts, reading } from '../test-home.js';

const moves = (time: string, more: Partial<Reading> = {}) => reading(time, 'pir-hall', 'motion', true, more);
const opens = (time: string, more: Partial<Reading> = {}) => reading(time, 'door', 'open', true, more);
const closes = (time: string) => reading(time, 'door', 'open', false);

const URGENT = 'raise urgent: An outside door opened at 02:05 and nobody has moved indoors for 3 minutes';
const EMERGENCY = 'raise emergency: An outside door opened at 02:05 and nobody has moved indoors for 30 minutes';

test('somebody goes out at night and does not come back: urgent, then an emergency', () => {
  expect(brief(found([moves('02:00'), opens('02:05'), closes('02:05:10')], '02:40'))).toEqual([`02:08:30 ${URGENT}`, `02:35:30 ${EMERGENCY}`]);
});

test('who comes back within three minutes was never out; who comes back later ends it', () => {
  expect(found([moves('02:00'), opens('02:05'), moves('02:07:59')], '03:00')).toEqual([]);
  expect(brief(found([moves('02:00'), opens('02:05'), moves('02:20')], '03:00'))).toEqual([`02:08:30 ${URGENT}`, '02:20:30 clear urgent: Movement in the hallway at 02:20']);
});

test.each([
  ['by day', [moves('12:00'), opens('12:05')]],
  ['a minute before eleven', [moves('22:55'), opens('22:59:59')]],
  ['at five', [moves('04:55'), opens('05:00')]],
  ['when nobody had moved for ten minutes', [moves('01:50'), opens('02:05')]],
  ['when it was the fridge', [moves('02:00'), reading('02:05', 'fridge', 'open')]],
  ['when the door only sent its state again', [opens('00:05'), moves('00:06'), moves('02:00'), opens('02:05')]],
  ['when it was a test', [moves('02:00'), opens('02:05', { test: true })]],
])('nothing is said %s', (_, readings) => {
  expect(found(readings, '1d 06:00').filter(({ rule }) => rule === 'night-exit')).toEqual([]);
});

test('the night is where the home is', () => {
  const facts = homeFacts({ timeZone: 'Asia/Tokyo' });
  expect(found([moves('15:00'), opens('15:05')], '15:30', { facts })).toHaveLength(1);
  expect(found([moves('02:00'), opens('02:05')], '02:30', { facts })).toEqual([]);
});

test.each(['carer', 'visit', 'away', 'hospital', 'holiday', 'pause'])('%s explains it', (kind) => {
  const during = (from: string, until: string) => homeFacts({ contexts: [{ kind, fromMs: at(from), untilMs: at(until) }] });
  expect(found([moves('02:00'), opens('02:05')], '03:00', { facts: during('01:00', '04:00') })).toEqual([]);
  expect(found([moves('02:00'), opens('02:05')], '03:00', { facts: during('02:07', '04:00') })).toEqual([]);
  expect(found([moves('02:00'), opens('02:05')], '03:00', { facts: during('00:00', '02:00') })).toHaveLength(2);
});

test('by a care plan it is an emergency at once', () => {
  const facts = homeFacts({ rules: [{ rule: 'night-exit', effectiveFromMs: 0, enabled: true, parameters: { emergencyAtOnce: true } }] });
  expect(brief(found([moves('02:00'), opens('02:05')], '03:00', { facts }))).toEqual([
    '02:08:30 raise emergency: An outside door opened at 02:05 and nobody has moved indoors for 3 minutes',
  ]);
});

describe('where two live', () => {
  const facts = homeFacts({ residents: [{ id: 'r1' }, { id: 'r2' }] });

  test('movement of the other does not end it; the door and then movement does', () => {
    const findings = found([moves('02:00'), opens('02:05'), closes('02:05:10'), moves('02:06'), moves('02:10')], '02:20', { facts });
    expect(brief(findings)).toEqual([
      '02:08:30 raise urgent: An outside door opened at 02:05 and has not opened again for 3 minutes. Several live here: movement of somebody else does not count.',
    ]);
    expect(findings[0]).toMatchObject({ subjectKind: 'home', subject: 'h1' });
    expect(found([moves('02:00'), opens('02:05'), closes('02:05:10'), opens('02:07'), moves('02:07:20')], '03:00', { facts })).toEqual([]);
  });
});

test('where many live doors open at night for staff', () => {
  const facts = homeFacts({ residents: ['r1', 'r2', 'r3', 'r4'].map((id) => ({ id })) });
  expect(found([moves('02:00'), opens('02:05')], '03:00', { facts })).toEqual([]);
});

describe('told late', () => {
  const late = { receivedMs: at('02:50') };

  test('it speaks if nobody has moved since', () => {
    expect(brief(found([moves('02:00'), opens('02:05', late)], '03:00'))).toEqual([`02:51:00 ${URGENT}`, `02:52:00 ${EMERGENCY}`]);
  });

  test('who came back later in the same backlog was out for a moment', () => {
    expect(found([moves('02:00'), opens('02:05', late), moves('02:12', late)], '03:30')).toEqual([]);
  });

  test('it is over if somebody has', () => {
    expect(found([moves('02:00'), moves('02:30'), opens('02:05', late)], '03:00')).toEqual([]);
  });

  test('movement ends what was said', () => {
    expect(brief(found([moves('02:00'), opens('02:05'), moves('02:06', late)], '03:00')).at(-1)).toBe('02:50:00 clear emergency: Movement in the hallway at 02:06');
  });
});

test('the next night is another one', () => {
  const findings = found([moves('02:00'), opens('02:05'), closes('02:06'), moves('1d 02:00'), opens('1d 02:05')], '1d 02:10');
  expect(findings.filter(({ rule, change }) => rule === 'night-exit' && change === 'raise').map(({ severity }) => severity)).toEqual(['urgent', 'emergency', 'urgent']);
});
