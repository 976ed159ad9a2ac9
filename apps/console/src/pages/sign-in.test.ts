import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hours, ManualClock } from '#libs/runtime';
import { startSeeded, type SeededConsole } from '../../../../test/harness/seeded-console.js';

const clock = new ManualClock(Date.UTC(2026, 10, 22));
let seeded: SeededConsole;
beforeAll(async () => { seeded = await startSeeded(undefined, { publicUrl: 'https://care.example.org' }, clock); });
afterAll(() => seeded.stop());

const signIn = (password: string): Promise<Response> => fetch(`${seeded.url}/sign-in`, {
  method: 'POST', redirect: 'manual', headers: { 'x-forwarded-for': '192.0.2.7' }, body: new URLSearchParams({ username: seeded.username, password }),
});
const cookieOf = (answer: Response): string => answer.headers.get('set-cookie')!.split(';')[0]!;

test('behind TLS the cookie is for TLS and this host alone', async () => {
  const cookie = (await signIn(seeded.password)).headers.get('set-cookie')!;
  expect(cookie).toMatch(/^__Host-hearthwatch=/);
  expect(cookie).toMatch(/; Path=\/;/);
  expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
});

test('a session ends without use after two hours', async () => {
  const cookie = cookieOf(await signIn(seeded.password));
  const page = (): Promise<Response> => fetch(`${seeded.url}/alerts`, { redirect: 'manual', headers: { cookie } });
  clock.advance(hours(1.9));
  expect((await page()).status).toBe(200);
  clock.advance(hours(2.1));
  expect((await page()).headers.get('location')).toBe('/sign-in?next=%2Falerts');
  expect((await fetch(`${seeded.url}/alerts/list`, { headers: { cookie } })).status).toBe(401); // The page's script says so.
});

test('whoever guesses passwords has to wait, and is told for how long; then the right one opens', async () => {
  let refused = await signIn('guess 0');
  for (let n = 1; n < 40 && refused.status === 401; n++) refused = await signIn(`guess ${n}`);
  expect(refused.status).toBe(429);
  expect(await refused.text()).toMatch(/Too many failed sign-ins\. Wait \d+ s and try again/);
  clock.advance(hours(2));
  expect((await signIn(seeded.password)).status).toBe(303);
});
