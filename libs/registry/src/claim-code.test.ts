import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CLAIM_CODE_BASE, CLAIM_CODE_NUMBERS, claimCode, readClaimCode } from './claim-code.js';

const numbers = fc.array(fc.nat(CLAIM_CODE_BASE - 1), { minLength: CLAIM_CODE_NUMBERS, maxLength: CLAIM_CODE_NUMBERS });

test('a code is read as it was made, however it was typed', () => {
  fc.assert(fc.property(numbers, (random) => {
    const code = claimCode(random);
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
    expect(readClaimCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toBe(code);
  }));
});

test('one wrong character is noticed, and two that changed places', () => {
  fc.assert(fc.property(numbers, fc.nat(11), fc.nat(11), fc.integer({ min: 1, max: 30 }), (random, at, other, by) => {
    const characters = claimCode(random).replaceAll('-', '').split('');
    const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
    const wrong = characters.with(at, alphabet[(alphabet.indexOf(characters[at]!) + by) % 31]!);
    expect(readClaimCode(wrong.join(''))).toBeNull();
    if (characters[at] === characters[other] || at === 11 || other === 11) return;
    expect(readClaimCode(characters.with(at, characters[other]!).with(other, characters[at]!).join(''))).toBeNull();
  }));
});

test.each(['', 'AAAA', '0000-0000-0000', 'x'.repeat(1_000_000), 'ÄÖÜÄ-ÄÖÜÄ-ÄÖÜÄ', '2222-2222-2222\0'])('what is no code is none', (typed) => {
  expect(readClaimCode(typed)).toBeNull();
});
