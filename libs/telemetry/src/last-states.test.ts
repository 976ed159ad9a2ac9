import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { remember, type LastStates } from './last-states.js';

test('a thousand things are remembered; the first are forgotten first', () => {
  const states: LastStates = {};
  for (let thing = 0; thing < 1_200; thing++) remember(states, `d/${thing}`, true, thing);
  expect([Object.keys(states).length, 'd/199' in states, 'd/200' in states]).toEqual([1_000, false, true]);
});

test('what was said before is what was said last, whatever a thing is called', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('a/b', 'a/__proto__', '__proto__/a', 'a/constructor', `a/${'x'.repeat(500)}`), fc.boolean()), { maxLength: 30 }), (told) => {
    const states: LastStates = {};
    const last = new Map<string, boolean>();
    for (const [slot, value] of told) {
      expect(remember(states, slot, value, 0)?.[0]).toBe(last.get(slot));
      last.set(slot, value);
    }
  }));
});
