import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keepInQuarantine, pendingReplays } from '#libs/quarantine';
import { recordDeviceTests, recordSightings, registerDevice, verifyCredential } from '#libs/registry';
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

describe('claim codes', () => {
  const claim = (code: string): Promise<Answer> => ask('POST', `/claims/${encodeURIComponent(code)}`, undefined, { authorization: '' });

  test('are made with a token, and exchanged without one, once', async () => {
    const h = await home('claimed');
    const made = await ask('POST', `/homes/${h}/claims`, { kind: 'device', device: 'plug-1', expires: clock.nowMs() + HOUR_MS });
    expect(made).toMatchObject({ status: 201, body: { code: expect.stringMatching(/^\w{4}-\w{4}-\w{4}$/), url: expect.stringContaining('/api/v1/claims/') } });
    expect(await ask('POST', `/homes/${h}/claims`, { expires: clock.nowMs() + HOUR_MS }, { authorization: '' })).toMatchObject({ status: 401 });
    const code = made.body['code'] as string;
    const login = await claim(code.toLowerCase().replaceAll('-', ''));
    expect(login).toMatchObject({ status: 201, body: { home: h, kind: 'device', device: 'plug-1' } });
    const { username, password } = login.body as { username: string; password: string };
    expect(await verifyCredential(seeded.db, username, password, clock.nowMs())).toMatchObject({ home: h, device: 'plug-1' });
    expect(await claim(code)).toMatchObject({ status: 404, body: { code: 'HW-CLAIM-UNKNOWN' } });
    const [listed] = items(await ask('GET', `/homes/${h}/claims`));
    expect(listed).toMatchObject({ username, claimedAt: new Date(clock.nowMs()).toISOString() });
    expect(JSON.stringify(listed)).not.toContain(code);
  });

  test('can not be guessed: attempts of an address are limited', async () => {
    clock.advance(60_000);
    for (let i = 0; i < 10; i++) expect(await claim('2345-6789-ABCD')).toMatchObject({ body: { code: expect.stringMatching(/^HW-CLAIM-(MISTYPED|UNKNOWN)$/) } });
    const refused = await claim('2345-6789-ABCD');
    expect(refused).toMatchObject({ status: 429, body: { code: 'HW-CLAIM-WAIT' } });
    expect(refused.headers.get('retry-after')).toBe('60');
    clock.advance(60_000);
    expect((await claim('nonsense')).status).toBe(400);
  });
});

describe('a table of devices', () => {
  const HEADER = 'id,room,name,use,kinds,resident,model';
  const send = (h: string, csv: string, query = ''): Promise<Answer> => ask('POST', `/homes/${h}/devices/import${query}`, csv, { 'content-type': 'text/csv' });
  const registered = async (h: string): Promise<unknown[]> => items(await ask('GET', `/homes/${h}/devices`)).map(({ id }) => id);

  test('is registered whole, or not at all with every wrong line told', async () => {
    const h = await home('table');
    const good = `\ufeff${HEADER}\r\npir-hall,hallway,,movement,motion battery,,"RTCGQ11LM, white"\r\ndoor,other,Porch,exterior-door,open,,\r\n`;
    const wrong = `${HEADER}\npir,hallway,,movement,motion,,\npir 2,castle,,movement,motion,,\n\npir,hallway,,movement,motion,,\n`;
    expect(await send(h, wrong)).toMatchObject({ status: 400, body: { code: 'HW-INVALID', errors: [expect.stringMatching(/^Line 3: id: /), expect.stringMatching(/^Line 5: id: stands in an earlier row/)] } });
    expect(await send(h, good, '?dryRun=true')).toMatchObject({ status: 200, body: { devices: 2, dryRun: true } });
    expect(await registered(h)).toEqual([]);
    expect(await send(h, good)).toMatchObject({ status: 200, body: { devices: 2, dryRun: false } });
    expect(await registered(h)).toEqual(['door', 'pir-hall']);
    expect(items(await ask('GET', `/homes/${h}/devices`))[1]).toMatchObject({ kinds: ['battery', 'motion'], model: 'RTCGQ11LM, white' });
  });

  test.each([['nothing', ''], ['another header', 'a,b\n1,2'], ['a column too few', 'id,room,kinds\nx,hallway,motion'], ['too few values', `${HEADER}\nx,hallway`], ['an open quote', `${HEADER}\n"x,hallway`], ['a header alone', HEADER]])(
    '%s is refused with a line', async (_, csv) => {
      expect(await send('table', csv)).toMatchObject({ status: 400 });
    },
  );

  test('other bodies are refused there, and tables elsewhere', async () => {
    expect(await ask('POST', '/homes/table/devices/import', '{}')).toMatchObject({ status: 415, body: { code: 'HW-HTTP-TYPE' } });
    expect(await ask('POST', '/homes', HEADER, { 'content-type': 'text/csv' })).toMatchObject({ status: 415 });
    expect(await send('nowhere', `${HEADER}\nx,hallway,,movement,motion,,`)).toMatchObject({ status: 404 });
  });
});

test('the monthly test tells each alarm and whether it is due', async () => {
  const h = await home('monthly');
  await registerDevice(seeded.db, h, { id: 'smoke', room: 'landing', use: 'alarm', kinds: ['smoke', 'battery'] }, clock.nowMs());
  expect(items(await ask('GET', `/homes/${h}/tests`))).toEqual([{ device: 'smoke', kind: 'smoke', lastAt: null, due: true }]);
  await recordDeviceTests(seeded.db, [{ home: h, device: 'smoke', kind: 'smoke', lastMs: clock.nowMs() }]);
  expect(items(await ask('GET', `/homes/${h}/tests`))).toEqual([{ device: 'smoke', kind: 'smoke', lastAt: new Date(clock.nowMs()).toISOString(), due: false }]);
  expect((await ask('GET', '/homes/nowhere/tests')).status).toBe(404);
});
