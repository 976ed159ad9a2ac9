import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyCredential } from '#libs/registry';
import { ManualClock } from '#libs/runtime';
import { startSeeded, TOKEN, type SeededConsole } from '../../../../test/harness/seeded-console.js';

interface Answer { status: number; body: Record<string, unknown>; headers: Headers }

const HOUR_MS = 3_600_000;
const clock = new ManualClock(Date.UTC(2026, 10, 22, 9));
let seeded: SeededConsole;
beforeAll(async () => { seeded = await startSeeded(undefined, {}, clock); });
afterAll(() => seeded.stop());

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${seeded.url}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> };
}

async function home(id: string): Promise<string> {
  expect((await ask('POST', '/homes', { id, timeZone: 'Europe/London' })).status).toBe(201);
  return id;
}
const items = ({ body }: Answer): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

describe('logins', () => {
  test('for a hub, for one device, and mounted', async () => {
    const h = await home('logins');
    for (const [body, kind, device] of [[undefined, 'hub', null], [{ kind: 'device', device: 'plug-1' }, 'device', 'plug-1'], [{ kind: 'mounted' }, 'mounted', null]] as const) {
      const answer = await ask('POST', `/homes/${h}/credentials`, body);
      expect(answer.status).toBe(201);
      const { username, password } = answer.body as { username: string; password: string };
      expect(await verifyCredential(seeded.db, username, password, clock.nowMs())).toEqual({ home: h, kind, username, device });
    }
    expect(new Set(items(await ask('GET', `/homes/${h}/credentials`)).map(({ kind }) => kind))).toEqual(new Set(['device', 'hub', 'mounted']));
    expect(await ask('POST', `/homes/${h}/credentials`, { kind: 'device' })).toMatchObject({ status: 400, body: { code: 'HW-INVALID' } });
    expect(await ask('POST', `/homes/${h}/credentials`, { kind: 'castle' })).toMatchObject({ status: 400, body: { code: 'HW-INVALID' } });
  });

  test('a rotation answers with the new login once, and the old one ends when it was said', async () => {
    const h = await home('rotated');
    const old = (await ask('POST', `/homes/${h}/credentials`)).body as { username: string; password: string };
    const until = new Date(clock.nowMs() + HOUR_MS).toISOString();
    const answer = await ask('POST', `/homes/${h}/credentials/${old.username}/rotate`, { until });
    expect(answer).toMatchObject({ status: 201, body: { oldUntil: until } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(items(await ask('GET', `/homes/${h}/credentials`))).toEqual(expect.arrayContaining([expect.objectContaining({ username: old.username, endsAt: until, revokedAt: null })]));
    expect(await ask('POST', `/homes/${h}/credentials/${old.username}/rotate`, {})).toMatchObject({ status: 400, body: { code: 'HW-INVALID' } });
    expect(await ask('POST', `/homes/${h}/credentials/nobody/rotate`, { until })).toMatchObject({ status: 404 });
    clock.advance(2 * HOUR_MS);
    expect(await verifyCredential(seeded.db, old.username, old.password, clock.nowMs())).toBeNull();
    expect(await ask('POST', `/homes/${h}/credentials/${old.username}/rotate`, { until: clock.nowMs() + HOUR_MS })).toMatchObject({ status: 409, body: { code: 'HW-LOGIN-ENDED' } });
  });
});
