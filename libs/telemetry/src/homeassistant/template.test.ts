import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTemplate } from './template.js';

const of = (template: string, payload: string): unknown => {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    json = undefined;
  }
  return parseTemplate(template)({ value: payload, json });
};

test.each([
  ['{{ value }}', 'ON', 'ON'],
  ['{{value_json.a.b}}', '{"a":{"b":3}}', 3],
  ["{{ value_json['a b'][1] }}", '{"a b":[1,2]}', 2],
  ['{{ value_json.t | float | round(1) }}', '{"t":"21.46"}', 21.5],
  ['{{ value | int(0) }}', '12.9', 12],
  ['{{ value | float(0) }}', 'x', 0],
  ['{{ value_json.t | float * 2 + 1 }}', '{"t":"10"}', 21],
  ['{{ (value_json.t - 32) / 2 }}', '{"t":72}', 20],
  ['{{ -value_json.t }}', '{"t":5}', -5],
  ["{{ 'ON' if value_json.p > 10 else 'OFF' }}", '{"p":11}', 'ON'],
  ["{{ value_json.a == 'open' and not value_json.b }}", '{"a":"open","b":false}', true],
  ["{{ 'y' if value_json.x is defined else 'n' }}", '{}', 'n'],
  ['{{ value_json.x | default("none") | upper }}', '{}', 'NONE'],
  ['{{ value_json.missing.deeper }}', '{}', undefined],
  ['{{ value_json.constructor }}', '{}', undefined],
  ['{{ value_json.__proto__ }}', '{}', undefined],
  ['{{ value_json.a }}', 'no JSON', undefined],
])('%s of %s', (template, payload, expected) => {
  expect(of(template, payload)).toBe(expected);
});

test.each([
  ['{% if value %}1{% endif %}', 'not one expression in {{ }}'],
  ['{{ value }} °C', 'not one expression in {{ }}'],
  ['{{ states("sensor.x") }}', 'states is not understood here'],
  ['{{ value_json.items() }}', '.items( ) is not understood'],
  ['{{ value | regex_replace("a","b") }}', 'the filter regex_replace is not understood'],
  ['{{ value ~ "x" }}', '"~ \\"x\\"" is not understood'],
  ['{{ value[0] }}', '[ is not understood here'],
  ['{{ }}', 'nothing is not understood here'],
  [`{{ ${'('.repeat(40)}value${')'.repeat(40)} }}`, 'nested deeper than 20'],
  [`{{ ${'value + '.repeat(100)}value }}`, 'longer than 500 characters'],
])('%.40s is refused with the reason', (template, reason) => {
  expect(() => parseTemplate(template)).toThrow(reason);
});

test('no text makes it do anything but answer or refuse', () => {
  const parts = fc.constantFrom('value', 'value_json', '.a', "['a']", '[0]', '|', 'float', 'int', '(', ')', '+', '-', '*', '/', '==', '<', 'if', 'else', 'and', 'or', 'not', 'is', 'defined', '1', "'x'", 'true', ' ');
  fc.assert(fc.property(fc.array(parts, { maxLength: 30 }), fc.json(), (tokens, payload) => {
    try {
      of(`{{ ${tokens.join(' ')} }}`, payload);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(/not understood|expected|nested|longer|more than|not one expression/);
    }
  }), { numRuns: 2_000 });
});
