import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keepInQuarantine, pendingReplays } from '#libs/quarantine';
import { recordSightings, verifyCredential } from '#libs/registry';
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

describe('a device that is fitted', () => {
  const tell = (home: string, device: string, kind: string, value: number | boolean, atMs: number, receivedMs = atMs): Promise<unknown> =>
    seeded.series.append([{ home, device, kind, value, atMs, receivedMs, clock: 'device', test: false }]);

  test('is confirmed by what it tells after the question, not by what waited in the hub', async () => {
    const h = await home('fitted');
    expect(await ask('GET', `/homes/${h}/devices/pir/check`)).toMatchObject({ status: 404, body: { code: 'HW-NOT-FOUND' } });
    await tell(h, 'pir', 'motion', true, clock.nowMs() - 1_000);
    const asked = await ask('POST', `/homes/${h}/devices/pir/check`);
    expect(asked).toMatchObject({ status: 201, body: { confirmedAt: null, seen: null, askedBy: 'bootstrap-token' } });
    clock.advance(5_000);
    await tell(h, 'pir', 'motion', true, clock.nowMs() - 600_000, clock.nowMs()); // A backlog.
    await tell(h, 'pir', 'battery', 80, clock.nowMs());
    expect(await ask('GET', `/homes/${h}/devices/pir/check`)).toMatchObject({ status: 200, body: { confirmedAt: null } });
    await recordSightings(seeded.db, [{ home: h, device: 'pir', firstMs: 1, lastMs: clock.nowMs(), kinds: ['motion', 'battery'], battery: 80, said: null, missed: 0 }]);
    await tell(h, 'pir', 'motion', true, clock.nowMs());
    const at = new Date(clock.nowMs()).toISOString();
    clock.advance(1_000);
    const confirmed = { status: 200, body: { confirmedAt: new Date(clock.nowMs()).toISOString(), seen: { kind: 'motion', value: true, at } } };
    expect(await ask('GET', `/homes/${h}/devices/pir/check`)).toMatchObject(confirmed);
    clock.advance(60_000);
    await tell(h, 'pir', 'motion', true, clock.nowMs());
    expect(await ask('GET', `/homes/${h}/devices/pir/check`)).toMatchObject(confirmed); // The first stays.
    expect(await ask('POST', '/homes/nowhere/devices/pir/check')).toMatchObject({ status: 404 });
  });

  test('has its wiring set; an alarm is never turned round', async () => {
    const h = await home('wired');
    const answer = await ask('PUT', `/homes/${h}/devices/door/wiring`, { kind: 'open', inverted: true });
    expect(answer).toMatchObject({ status: 200, body: { device: 'door', kind: 'open', inverted: true, effectiveFrom: new Date(clock.nowMs() + 2_000).toISOString() } });
    expect(items(await ask('GET', `/homes/${h}/wiring`))).toEqual([answer.body]);
    expect(await ask('PUT', `/homes/${h}/devices/smoke/wiring`, { kind: 'smoke', inverted: true })).toMatchObject({ status: 400, body: { code: 'HW-INVALID' } });
  });
});

test('messages of the quarantine are found and asked to be read again', async () => {
  const h = await home('unread');
  await keepInQuarantine(seeded.db, [1, 2].map((n) => ({
    key: `message/${n}`, kind: 'message' as const, home: h, device: n === 1 ? 'plug' : null, topic: `homes/${h}/tasmota/${n}`, atMs: clock.nowMs(), code: 'HW-DECODE-FAMILY' as const, reason: 'no decoder yet for tasmota', payload: Buffer.from('{}'),
  })));
  const keys = async (query: string): Promise<unknown[]> => items(await ask('GET', `/quarantine?${query}`)).map(({ key }) => key);
  expect(await keys(`home=${h}&text=TASMOTA/2`)).toEqual(['message/2']);
  expect(await keys(`home=${h}&device=plug`)).toEqual(['message/1']);
  expect(await keys(`home=${h}&code=HW-DECODE-JSON`)).toEqual([]);
  expect(await ask('GET', '/quarantine?code=nonsense')).toMatchObject({ status: 400, body: { code: 'HW-INVALID' } });
  expect(await ask('POST', '/quarantine/replay', { home: h, text: 'tasmota/2' })).toMatchObject({ status: 202, body: { requested: 1 } });
  expect((await pendingReplays(seeded.db, 'detection', 10)).map(({ key }) => key)).toEqual(['message/2']);
  const [second, first] = items(await ask('GET', `/quarantine?home=${h}`));
  expect([first!['replayAskedAt'], second!['replayAskedAt'], second!['replayOutcome']]).toEqual([null, new Date(clock.nowMs()).toISOString(), null]);
});
