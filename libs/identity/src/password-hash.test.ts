import { expect, test } from '@jest/globals';
import { hashPassword, newPassword, passwordMatches } from './password-hash.js';

test('a hash says how it was made, and matches its own password alone', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await passwordMatches('correct horse', hash)).toBe(true);
  expect(await passwordMatches('correct horsf', hash)).toBe(false);
  expect(await passwordMatches('', '')).toBe(false);
  expect(await passwordMatches('x', '$2b$10$not-ours')).toBe(false);
  expect(await hashPassword('correct horse')).not.toBe(hash);
});

// From `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`, the reference implementation's own example (test.c).
test('a hash of the reference implementation, of another cost, is understood', async () => {
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await passwordMatches('password', hash)).toBe(true);
  expect(await passwordMatches('passwort', hash)).toBe(false);
});

test('the same letters, typed on another keyboard in another form, are the same password', async () => {
  expect(await passwordMatches('caf\u0065\u0301-caf\u0065\u0301', await hashPassword('caf\u00e9-caf\u00e9'))).toBe(true);
});

test('new passwords use all letters alike', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2_000; i += 1) for (const letter of newPassword().replaceAll('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(31);
  for (const count of counts.values()) expect(Math.abs(count - 50_000 / 31)).toBeLessThan(6 * Math.sqrt(50_000 / 31));
});
