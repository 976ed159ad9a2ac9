import { expect, test } from '@jest/globals';
import { RULES } from '#libs/detection';
import { limitsIn } from './limits-in-force.js';
import { isOutside } from './value-chart.js';

const setting = { home: 'h1', effectiveFromMs: 0, setBy: 'test' };

test('a chart shows the limits by which the rules judge', () => {
  const rule = RULES.find(({ id }) => id === 'blood-pressure')!;
  const { systolicHighRoutine, systolicLowUrgent, diastolicLowRoutine } = rule.parameters;
  expect(limitsIn([])('systolic')).toEqual([
    { value: systolicHighRoutine!.default, outside: 'above', inclusive: true },
    { value: systolicLowUrgent!.default, outside: 'below', inclusive: true },
  ]);
  expect(limitsIn([])('diastolic').at(-1)).toEqual({ value: diastolicLowRoutine!.default, outside: 'below', inclusive: false });
});

test('a home\'s own settings go before the defaults, and a rule that is off has no limits', () => {
  const own = limitsIn([{ ...setting, rule: 'blood-pressure', enabled: true, parameters: { systolicHighRoutine: 150 } }])('systolic');
  expect(own[0]).toMatchObject({ value: 150, outside: 'above' });
  expect(limitsIn([{ ...setting, rule: 'blood-pressure', enabled: false, parameters: {} }])('systolic')).toEqual([]);
  expect(limitsIn([])('motion')).toEqual([]);
  expect(limitsIn([])('constructor')).toEqual([]);
});

test('a value at a limit is outside where the rule says "at or", and inside where it does not', () => {
  expect(isOutside(160, [{ value: 160, outside: 'above', inclusive: true }], 'systolic')).toBe(true);
  expect(isOutside(55, [{ value: 55, outside: 'below', inclusive: false }], 'diastolic')).toBe(false);
  expect(isOutside(54, [{ value: 55, outside: 'below', inclusive: false, line: 'systolic' }], 'diastolic')).toBe(false);
});
