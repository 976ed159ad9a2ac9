import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApiToken, revokeApiToken } from '#libs/identity';
import { keepInQuarantine, type QuarantineRow } from '#libs/quarantine';
import { listAlerts } from '#libs/alerts';
import { recordSightings } from '#libs/registry';
import { answerReports } from '#libs/runtime';
import type { Reading } from '#libs/telemetry';
import { finding, raise, startSeeded, TOKEN, type SeededConsole } from '../../../../test/harness/seeded-console.js';

interface Answer { status: number; body: Record<string, unknown>; headers: Headers }
type Item = Record<string, unknown>;

let seeded: SeededConsole;
beforeAll(async () => { seeded = await startSeeded(); });
afterAll(() => seeded.stop());

/** Asks the running console as a program does. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${seeded.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> };
}
/** What leads to the next page, as it is appended to the address; empty on the last. */
const nextOf = ({ body: { next } }: Answer): string => (typeof next === 'string' ? `&after=${encodeURIComponent(next)}` : '');
const items = (answer: Answer): Item[] => answer.body['items'] as Item[];

/** A refusal: its status and code, as problem details with a way out. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({ status, body: { type: 'about:blank', status, code } });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(String(answer.body['detail']).length).toBeGreaterThan(5);
  expect(String(answer.body['remedy']).length).toBeGreaterThan(5);
}

async function home(id: string): Promise<string> {
  expect((await ask('POST', '/homes', { id, timeZone: 'Europe/London' })).status).toBe(201);
  return id;
}
const reading = (of: string, device: string, kind: string, value: Reading['value'], atMs: number): Reading =>
  ({ home: of, device, kind, value, atMs, receivedMs: atMs + 100, clock: 'device', test: false });

describe('who may ask', () => {
  test('nobody without a token, or with a wrong one', async () => {
    expectProblem(await ask('GET', '/homes', undefined, { authorization: '' }), 401, 'HW-HTTP-UNAUTHENTICATED');
    expectProblem(await ask('GET', '/homes', undefined, { authorization: `Bearer ${TOKEN}x` }), 401, 'HW-HTTP-UNAUTHENTICATED');
    expectProblem(await ask('GET', '/homes', undefined, { authorization: `Basic ${TOKEN}` }), 401, 'HW-HTTP-UNAUTHENTICATED');
    expectProblem(await ask('POST', '/homes', { id: 'sneaky', timeZone: 'Europe/London' }, { authorization: '' }), 401, 'HW-HTTP-UNAUTHENTICATED');
  });

  test('an API token, until it is revoked; its changes are audited', async () => {
    const { id, token } = await createApiToken(seeded.db, { name: 'a hub maker', who: 'test' }, Date.now());
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask('POST', '/homes', { id: 'by-token', timeZone: 'Europe/London' }, headers)).status).toBe(201);
    expect(await seeded.db.selectFrom('audit').select(['who', 'what']).where('who', '=', 'token/a hub maker').execute()).toEqual([{ who: 'token/a hub maker', what: 'POST /api/v1/homes' }]);
    await revokeApiToken(seeded.db, id, { who: 'test' }, Date.now());
    expectProblem(await ask('GET', '/homes', undefined, headers), 401, 'HW-HTTP-UNAUTHENTICATED');
  });

  test('every use of the bootstrap token is audited', async () => {
    await ask('GET', '/homes?limit=7');
    const uses = await seeded.db.selectFrom('audit').select('what').where('who', '=', 'bootstrap-token').execute();
    expect(uses.map(({ what }) => what)).toContain('GET /api/v1/homes');
  });

  test('a signed-in person may read; a change needs the page\'s own token', async () => {
    const cookie = await signedIn();
    expect((await ask('GET', '/homes', undefined, { authorization: '', cookie })).status).toBe(200);
    expectProblem(await ask('POST', '/homes', { id: 'forged', timeZone: 'Europe/London' }, { authorization: '', cookie }), 403, 'HW-HTTP-FORGED');
    const page = await (await fetch(`${seeded.url}/alerts`, { headers: { cookie } })).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!;
    expect((await ask('POST', '/homes', { id: 'by-page', timeZone: 'Europe/London' }, { authorization: '', cookie, 'x-csrf-token': csrf })).status).toBe(201);
    expectProblem(await ask('POST', '/homes', { id: 'forged', timeZone: 'Europe/London' }, { authorization: '', cookie, 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' }), 403, 'HW-HTTP-FORGED');
  });
});

async function signedIn(): Promise<string> {
  const response = await fetch(`${seeded.url}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ username: seeded.username, password: seeded.password }) });
  expect(response.status).toBe(303);
  const cookie = response.headers.get('set-cookie')!;
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  return cookie.split(';')[0]!;
}

describe('requests that are not accepted', () => {
  test('say which property and why, all of them', async () => {
    const answer = await ask('POST', '/homes', { id: 'with space', timezone: 'Europe/London', kind: 'castle' });
    expectProblem(answer, 400, 'HW-INVALID');
    expect((answer.body['errors'] as string[]).map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['id', 'timezone', 'timeZone', 'kind']));
    expect(answer.body['errors']).toContain('timeZone: must be a string');
    expectProblem(await ask('POST', '/homes', { id: 'h', timeZone: 'Mars/Olympus' }), 400, 'HW-INVALID');
    expectProblem(await ask('POST', '/homes', { id: 'h', timeZone: 'Europe/London', phone: 7 }), 400, 'HW-INVALID');
  });

  test.each([
    ['cut off', '{"id":', 400, 'HW-HTTP-BODY'], ['a list', '[]', 400, 'HW-HTTP-BODY'], ['a bare text', '"h1"', 400, 'HW-HTTP-BODY'],
    ['too large', `{"id":"${'x'.repeat(70_000)}"}`, 413, 'HW-HTTP-TOO-LARGE'], ['deeply nested', `{"id":${'['.repeat(9_000)}${']'.repeat(9_000)}}`, 400, 'HW-HTTP-BODY'],
  ])('a body that is %s', async (_, body, status, code) => {
    expectProblem(await ask('POST', '/homes', body), status, code);
  });

  test('a body of another type is refused, not taken for an empty one', async () => {
    expectProblem(await ask('POST', '/homes', 'id=h1', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'HW-HTTP-TYPE');
    expectProblem(await ask('POST', '/homes', 'id=h1', { 'content-type': 'text/plain' }), 415, 'HW-HTTP-TYPE');
  });

  test('unknown addresses, methods and bad escapes', async () => {
    expectProblem(await ask('GET', '/castles'), 404, 'HW-HTTP-NOT-FOUND');
    expectProblem(await ask('DELETE', '/homes'), 404, 'HW-HTTP-NOT-FOUND');
    expectProblem(await ask('GET', '/homes/%E0%A4%A'), 400, 'HW-HTTP-BODY');
    expectProblem(await ask('GET', '/homes/nobody'), 404, 'HW-NOT-FOUND');
    expectProblem(await ask('GET', '/homes/no body'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes?limit=many'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes?limit=1001'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes?colour=red'), 400, 'HW-INVALID');
  });
});

describe('homes and what belongs to them', () => {
  test('a home is registered once; the same again is fine, other content a conflict', async () => {
    const body = { id: 'reg', timeZone: 'Europe/London', phone: '01632 960001', hazards: '<script>alert(1)</script>' };
    const first = await ask('POST', '/homes', body);
    expect(first).toMatchObject({ status: 201, body: { ...body, kind: 'single', keySafe: null } });
    expect(await ask('POST', '/homes', body)).toMatchObject({ status: 200, body: first.body });
    expectProblem(await ask('POST', '/homes', { ...body, timeZone: 'Europe/Paris' }), 409, 'HW-EXISTS');
    expect((await ask('GET', '/homes/reg')).body).toEqual(first.body);
    expect((await ask('PATCH', '/homes/reg', { keySafe: 'by the door' })).body).toMatchObject({ keySafe: 'by the door', phone: '01632 960001' });
    expect((await ask('PUT', '/homes/reg/access', { address: '1 Example Street' })).body).toMatchObject({ address: '1 Example Street', keySafe: null, phone: null });
    expectProblem(await ask('PATCH', '/homes/reg', { timeZone: 'Europe/Paris' }), 400, 'HW-INVALID');
    expectProblem(await ask('PATCH', '/homes/nobody', { phone: '123' }), 404, 'HW-NOT-FOUND');
  });

  test('homes come in pages that together hold each once', async () => {
    for (const id of ['page-1', 'page-2', 'page-3']) await home(id);
    const seen: string[] = [];
    let after = '';
    do {
      const page = await ask('GET', `/homes?limit=2${after}`);
      seen.push(...items(page).map((one) => String(one['id'])));
      after = nextOf(page);
    } while (after !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(['page-1', 'page-2', 'page-3']));
  });

  test('residents, contacts and contexts', async () => {
    const id = await home('people');
    const resident = { id: 'r1', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' };
    expect(await ask('POST', `/homes/${id}/residents`, resident)).toMatchObject({ status: 201, body: { home: id, ...resident, name: null } });
    expect((await ask('POST', `/homes/${id}/residents`, resident)).status).toBe(200);
    expectProblem(await ask('POST', `/homes/${id}/residents`, { ...resident, basis: 'attorney' }), 409, 'HW-EXISTS');
    expectProblem(await ask('POST', `/homes/${id}/residents`, { ...resident, id: 'r2', basis: 'because' }), 400, 'HW-INVALID');
    expectProblem(await ask('POST', `/homes/${id}/residents`, { ...resident, id: 'r2', reviewOn: '2030-02-30' }), 400, 'HW-INVALID');
    const contact = { name: 'First', role: 'family', email: 'first@example.org' };
    const added = await ask('POST', `/homes/${id}/contacts`, contact);
    expect(added).toMatchObject({ status: 201, body: { ...contact, position: 1 } });
    expect((await ask('POST', `/homes/${id}/contacts`, contact)).status).toBe(200);
    expectProblem(await ask('POST', `/homes/${id}/contacts`, { ...contact, email: 'nowhere' }), 400, 'HW-INVALID');
    expect(items(await ask('GET', `/homes/${id}/contacts`))).toHaveLength(1);
    expect((await ask('DELETE', `/homes/${id}/contacts/${String(added.body['id'])}`)).status).toBe(204);
    const context = { kind: 'hospital', from: '2026-11-21T10:00:00+01:00', until: '2026-11-23T10:00:00Z' };
    expect(await ask('POST', `/homes/${id}/contexts`, context)).toMatchObject({ status: 201, body: { kind: 'hospital', from: '2026-11-21T09:00:00.000Z', until: '2026-11-23T10:00:00.000Z', createdBy: 'bootstrap-token' } });
    expectProblem(await ask('POST', `/homes/${id}/contexts`, { ...context, from: '2026-11-21T10:00:00' }), 400, 'HW-INVALID');
    expectProblem(await ask('POST', `/homes/${id}/contexts`, { ...context, until: '2026-11-20T10:00:00Z' }), 400, 'HW-INVALID');
    expect(items(await ask('GET', `/homes/${id}/residents`)).map((one) => one['id'])).toEqual(['r1']);
    expectProblem(await ask('GET', '/homes/nobody/residents'), 404, 'HW-NOT-FOUND');
  });

  test('devices: registered, changed from now on, retired', async () => {
    const id = await home('devices');
    const device = { id: 'pir-hall', model: 'A model', room: 'hallway', use: 'movement', kinds: ['motion'] };
    expect(await ask('POST', `/homes/${id}/devices`, device)).toMatchObject({ status: 201, body: { ...device, name: null, resident: null, retired: false, effectiveFrom: '1970-01-01T00:00:00.000Z' } });
    expect((await ask('POST', `/homes/${id}/devices`, device)).status).toBe(200);
    expect(await ask('POST', `/homes/${id}/devices`, { ...device, room: 'other', name: 'Shed' })).toMatchObject({ status: 200, body: { room: 'other', name: 'Shed' } });
    for (const wrong of [{ room: 'dungeon' }, { use: 'spying' }, { kinds: [] }, { kinds: ['Motion!'] }, { kinds: 'motion' }, { id: 'a b' }, { resident: 'r9' }, { room: 'other' }, { name: 7 }]) {
      expectProblem(await ask('POST', `/homes/${id}/devices`, { ...device, id: 'pir-2', ...wrong }), 400, 'HW-INVALID');
    }
    await recordSightings(seeded.db, [{ home: id, device: 'stranger', firstMs: 1_000, lastMs: 2_000, kinds: ['power'], battery: 50, said: null, missed: 2 }]);
    expect(items(await ask('GET', `/homes/${id}/sightings`))).toEqual([{ home: id, device: 'stranger', firstAt: '1970-01-01T00:00:01.000Z', lastAt: '1970-01-01T00:00:02.000Z', kinds: ['power'], battery: 50, said: null, missed: 2, model: null, registered: false }]);
    expect((await ask('DELETE', `/homes/${id}/devices/pir-hall`)).status).toBe(204);
    expect(items(await ask('GET', `/homes/${id}/devices`))).toEqual([]);
    expectProblem(await ask('DELETE', `/homes/${id}/devices/nothing`), 404, 'HW-NOT-FOUND');
  });

  test('a login is shown once, and revoked at once', async () => {
    const id = await home('logins');
    const made = await ask('POST', `/homes/${id}/credentials`);
    expect(made.status).toBe(201);
    expect(Object.keys(made.body).sort()).toEqual(['password', 'username']);
    expect(String(made.body['password']).length).toBeGreaterThanOrEqual(22);
    expect((await ask('POST', `/homes/${id}/credentials`, {})).status).toBe(201);
    expectProblem(await ask('POST', `/homes/${id}/credentials`, { password: 'mine' }), 400, 'HW-INVALID');
    expect(JSON.stringify((await ask('GET', `/homes/${id}/credentials`)).body)).not.toContain(String(made.body['password']));
    expect((await ask('DELETE', `/homes/${id}/credentials/${String(made.body['username'])}`)).status).toBe(204);
    expect(items(await ask('GET', `/homes/${id}/credentials`)).filter((one) => one['revokedAt'] !== null)).toHaveLength(1);
    expectProblem(await ask('DELETE', `/homes/${id}/credentials/nobody`), 404, 'HW-NOT-FOUND');
    expectProblem(await ask('POST', '/homes/nobody/credentials'), 404, 'HW-NOT-FOUND');
  });

  test('rules are set with what they accept, and nothing else', async () => {
    const id = await home('rules');
    expect(await ask('PUT', `/homes/${id}/rules/blood-pressure`, { enabled: true, parameters: { systolicHighRoutine: 150 } })).toMatchObject({ status: 200, body: { rule: 'blood-pressure', enabled: true, parameters: { systolicHighRoutine: 150 }, setBy: 'bootstrap-token' } });
    expect(items(await ask('GET', `/homes/${id}/rules`))).toHaveLength(1);
    expectProblem(await ask('PUT', `/homes/${id}/rules/blood-pressure`, { enabled: true, parameters: { systolicHighRoutine: 9_000 } }), 400, 'HW-INVALID');
    expectProblem(await ask('PUT', `/homes/${id}/rules/blood-pressure`, { enabled: true, parameters: { typo: 1 } }), 400, 'HW-INVALID');
    expectProblem(await ask('PUT', `/homes/${id}/rules/horoscope`, { enabled: true }), 404, 'HW-NOT-FOUND');
    expectProblem(await ask('PUT', `/homes/${id}/rules/blood-pressure`, {}), 400, 'HW-INVALID');
  });
});

describe('readings', () => {
  const T = Date.UTC(2026, 10, 20);
  beforeAll(async () => {
    await home('series');
    await home('silent');
    await seeded.series.append([
      ...Array.from({ length: 1_500 }, (_, n) => reading('series', 'pir', 'motion', true, T + n * 10_000)),
      reading('series', 'thermo', 'temperature', 18, T + 1_000), reading('series', 'thermo', 'temperature', 20, T + 2_000), reading('series', 'odd', 'shout', '<b>hey</b>', T + 3_000),
    ]);
  });

  test('raw, a thousand a page unless the limit says else, each once', async () => {
    const first = await ask('GET', '/homes/series/readings');
    expect(items(first)).toHaveLength(1_000);
    const second = await ask('GET', `/homes/series/readings?after=${encodeURIComponent(String(first.body['next']))}`);
    expect(items(second)).toHaveLength(503);
    expect(second.body['next']).toBeNull();
    const all = [...items(first), ...items(second)];
    expect(new Set(all.map((one) => `${String(one['device'])} ${String(one['at'])}`)).size).toBe(1_503);
    expect(items(await ask('GET', '/homes/series/readings?limit=10000'))).toHaveLength(1_503);
    expectProblem(await ask('GET', '/homes/series/readings?limit=10001'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes/series/readings?after=nonsense'), 400, 'HW-INVALID');
  });

  test('by kind, device and time; the end is not part of it', async () => {
    const path = '/homes/series/readings?kind=temperature&device=thermo';
    expect(items(await ask('GET', `${path}&from=${T + 1_000}&to=${T + 2_000}`))).toEqual([{ device: 'thermo', kind: 'temperature', value: 18, at: '2026-11-20T00:00:01.000Z', receivedAt: '2026-11-20T00:00:01.100Z', clock: 'device', test: false }]);
    expect(items(await ask('GET', `${path}&from=2026-11-20T01:00:02%2B01:00`))).toHaveLength(1);
    expect(items(await ask('GET', '/homes/series/readings?kind=shout'))[0]).toMatchObject({ value: '<b>hey</b>' });
    expectProblem(await ask('GET', `${path}&from=yesterday`), 400, 'HW-INVALID');
    expectProblem(await ask('GET', `${path}&from=${T + 5}&to=${T}`), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes/nobody/readings'), 404, 'HW-NOT-FOUND');
    expect((await ask('GET', '/homes/silent/readings')).body).toEqual({ items: [], next: null });
  });

  test('aggregated: the counts of all intervals make up all readings', async () => {
    const hourly = items(await ask('GET', '/homes/series/readings?every=1h&fn=count'));
    expect(hourly.filter((one) => one['kind'] === 'motion').map((one) => one['value'])).toEqual([360, 360, 360, 360, 60]);
    expect(hourly[0]).toEqual({ device: 'odd', kind: 'shout', start: '2026-11-20T00:00:00.000Z', value: 1 });
    expect(items(await ask('GET', '/homes/series/readings?kind=temperature&every=1d&fn=mean')).map((one) => one['value'])).toEqual([19]);
    expect(items(await ask('GET', '/homes/series/readings?kind=temperature&every=1d&fn=max'))[0]).toMatchObject({ value: 20 });
    expect((await ask('GET', '/homes/silent/readings?every=1h&fn=count')).body).toEqual({ items: [], next: null });
    expectProblem(await ask('GET', '/homes/series/readings?every=1fortnight'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes/series/readings?fn=mean'), 400, 'HW-INVALID');
    expectProblem(await ask('GET', '/homes/series/readings?every=1h&fn=median'), 400, 'HW-INVALID');
  });

  test('pages of aggregates hold each interval once, however small the pages and the intervals', async () => {
    for (const [every, limit] of [['1h', 2], ['10s', 700], ['30s', 10_000]] as const) {
      let [count, pages, after] = [0, 0, ''];
      const starts = new Set<string>();
      do {
        const page = await ask('GET', `/homes/series/readings?every=${every}&fn=count&limit=${limit}${after}`);
        expect(items(page).length).toBeLessThanOrEqual(limit);
        for (const one of items(page)) {
          count += Number(one['value']);
          const key = `${String(one['device'])} ${String(one['kind'])} ${String(one['start'])}`;
          expect(starts.has(key)).toBe(false);
          starts.add(key);
        }
        after = nextOf(page);
        pages += 1;
      } while (after !== '' && pages < 200);
      expect(count).toBe(1_503);
    }
    expectProblem(await ask('GET', '/homes/series/readings?every=1h&after=x'), 400, 'HW-INVALID');
  });
});

describe('alerts', () => {
  const T = Date.UTC(2026, 10, 21, 2, 14);
  async function alert(of: string, over: Parameters<typeof finding>[3] = {}): Promise<string> {
    const [change] = await raise(seeded.db, [finding(of, 'sos', T, { severity: 'emergency', reason: 'SOS button pressed', evidence: [{ device: 'pendant', kind: 'sos', value: true, atMs: T }], parameters: { joinMaxMs: 900_000 }, ...over })], Date.now());
    return change!.alertId;
  }

  test('listed by status and home, and told in full', async () => {
    await home('alert-1');
    const id = await alert('alert-1');
    const listed = items(await ask('GET', '/alerts?status=open&home=alert-1'));
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ id, home: 'alert-1', subjectKind: 'resident', subject: 'r1', rule: 'sos', severity: 'emergency', status: 'open', reason: 'SOS button pressed', from: '2026-11-21T02:14:00.000Z', at: '2026-11-21T02:14:00.000Z', acknowledgedAt: null, outcome: null });
    expect(items(await ask('GET', '/alerts?status=resolved&home=alert-1'))).toEqual([]);
    const evidence = [{ device: 'pendant', kind: 'sos', value: true, at: '2026-11-21T02:14:00.000Z' }];
    expect((await ask('GET', `/alerts/${id}`)).body).toMatchObject({
      id, ruleVersion: 1, parameters: { joinMaxMs: 900_000 }, evidence, findingsCount: 1,
      findings: [{ key: `alert-1/sos/r1/${T}`, ruleVersion: 1, severity: 'emergency', evidence, parameters: { joinMaxMs: 900_000 } }],
      history: [{ what: 'opened' }],
    });
    expectProblem(await ask('GET', '/alerts/nothing'), 404, 'HW-NOT-FOUND');
    expectProblem(await ask('GET', '/alerts?status=lost'), 400, 'HW-INVALID');
  });

  test('acknowledged, gone to, remarked on, resolved; what is over stays over', async () => {
    await home('alert-2');
    const id = await alert('alert-2');
    expect(await ask('POST', `/alerts/${id}/acknowledge`, { note: 'seen' })).toMatchObject({ status: 200, body: { status: 'acknowledged', acknowledgedBy: 'bootstrap-token' } });
    expect(await ask('POST', `/alerts/${id}/going`)).toMatchObject({ status: 200, body: { goingBy: 'bootstrap-token' } });
    expect((await ask('POST', `/alerts/${id}/comments`, { note: 'on the stairs' })).status).toBe(201);
    expectProblem(await ask('POST', `/alerts/${id}/comments`, { note: '  ' }), 400, 'HW-INVALID');
    expectProblem(await ask('POST', `/alerts/${id}/comments`), 400, 'HW-INVALID');
    expectProblem(await ask('POST', `/alerts/${id}/resolve`, {}), 400, 'HW-INVALID');
    expectProblem(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'whatever' }), 400, 'HW-INVALID');
    expect(items(await ask('GET', '/alerts?status=unresolved&home=alert-2'))).toHaveLength(1);
    expect(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'true-alarm', note: 'tea' })).toMatchObject({ status: 200, body: { status: 'resolved', outcome: 'true-alarm', resolvedBy: 'bootstrap-token' } });
    expectProblem(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'test' }), 409, 'HW-ALERT-TRANSITION');
    expectProblem(await ask('POST', `/alerts/${id}/acknowledge`), 409, 'HW-ALERT-TRANSITION');
    const history = (await ask('GET', `/alerts/${id}`)).body['history'] as Item[];
    expect(history.map((entry) => entry['what'])).toEqual(expect.arrayContaining(['opened', 'acknowledged', 'going', 'commented', 'resolved']));
    for (const action of ['acknowledge', 'going', 'comments', 'resolve']) expectProblem(await ask('POST', `/alerts/nothing/${action}`, action === 'resolve' ? { outcome: 'test' } : { note: 'x' }), 404, 'HW-NOT-FOUND');
  });

  test('nobody resolves an emergency that they have not seen', async () => {
    await home('alert-3');
    const id = await alert('alert-3', { key: 'first', severity: 'urgent' });
    const seenChange = (await ask('GET', `/alerts/${id}`)).body['change'];
    await alert('alert-3', { key: 'second', episode: 'first' });
    expectProblem(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'test', seenChange }), 409, 'HW-ALERT-CHANGED');
    const change = (await ask('GET', `/alerts/${id}`)).body['change'];
    expectProblem(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'test', seenChange: 'x' }), 400, 'HW-INVALID');
    expect(await ask('POST', `/alerts/${id}/resolve`, { outcome: 'test', seenChange: change })).toMatchObject({ status: 200, body: { status: 'resolved' } });
  });
});

describe('what could not be read', () => {
  test('is listed with its reason and bytes, newest first, in pages', async () => {
    const row = (n: number): QuarantineRow => ({ key: `message/${n}`, kind: 'message', home: 'h9', device: null, topic: 'homes/h9/x', atMs: n * 1_000, code: 'HW-DECODE-JSON', reason: 'not JSON', payload: new Uint8Array([0, 255, n]) });
    await keepInQuarantine(seeded.db, [1, 2, 3].map(row));
    const first = await ask('GET', '/quarantine?home=h9&limit=2');
    expect(items(first)).toMatchObject([{ key: 'message/3', at: '1970-01-01T00:00:03.000Z', payload: Buffer.from([0, 255, 3]).toString('base64'), replayedAt: null }, { key: 'message/2' }]);
    expect(items(await ask('GET', `/quarantine?home=h9&limit=2&after=${encodeURIComponent(String(first.body['next']))}`)).map((one) => one['key'])).toEqual(['message/1']);
  });
});

describe('events', () => {
  /** Reads server-sent events until one passes, then lets go. */
  async function until(path: string, passes: (name: string, data: Item) => boolean, headers: Record<string, string> = {}, act: () => Promise<unknown> = () => Promise.resolve()): Promise<{ name: string; id: string; data: Item }[]> {
    const abort = new AbortController();
    const response = await fetch(`${seeded.url}/api/v1${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers }, signal: abort.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const seen: { name: string; id: string; data: Item }[] = [];
    let text = '';
    let acted = false;
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
          const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(text.slice(0, end))?.[1] ?? '';
          const one = { name: field('event'), id: field('id'), data: JSON.parse(field('data') || '{}') as Item };
          text = text.slice(end + 2);
          seen.push(one);
          if (passes(one.name, one.data)) return seen;
        }
        if (!acted) {
          acted = true;
          await act();
        }
      }
      return seen;
    } finally {
      abort.abort();
    }
  }

  test('tell a new alert at once, and what was missed to a client that comes back', async () => {
    await home('live');
    const nowMs = Date.now();
    const seen = await until('/events', (name, data) => name === 'alert' && data['home'] === 'live', {}, () => raise(seeded.db, [finding('live', 'sos', nowMs, { severity: 'emergency' })], nowMs));
    expect(seen[0]).toMatchObject({ name: 'ready' });
    expect(seen.at(-1)).toMatchObject({ name: 'alert', data: { severity: 'emergency', status: 'open' } });
    const lastId = seen.at(-1)!.id;
    const { items: [open] } = await listAlerts(seeded.db, { home: 'live', limit: 1 });
    await ask('POST', `/alerts/${open!.id}/acknowledge`);
    const back = await until('/events', (name) => name === 'alert', { 'last-event-id': lastId });
    expect(back.filter(({ name }) => name === 'alert')).toMatchObject([{ data: { id: open!.id, status: 'acknowledged' } }]);
    expect(Number(back.at(-1)!.id)).toBeGreaterThan(Number(lastId));
    expect((await until(`/events?since=${lastId}`, (name) => name === 'alert')).at(-1)).toMatchObject({ data: { id: open!.id } });
    expectProblem(await ask('GET', '/events?since=yesterday'), 400, 'HW-INVALID');
  });

  test('tell readings of the home that is watched, each once, and of no other', async () => {
    await home('watched');
    const nowMs = Date.now();
    await seeded.series.append([reading('watched', 'pir', 'motion', true, nowMs - 5_000)]);
    const later = async (): Promise<void> => {
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      await seeded.series.append([reading('watched', 'pir', 'motion', true, nowMs), reading('series', 'pir', 'motion', true, nowMs), reading('watched', 'pir', 'motion', true, nowMs - 2_000)]);
    };
    const seen = await until('/events?home=watched', (name) => name === 'readings', {}, later);
    expect(seen.at(-1)!.data).toMatchObject({ home: 'watched', items: [{ at: new Date(nowMs - 2_000).toISOString() }, { device: 'pir', kind: 'motion', at: new Date(nowMs).toISOString() }] });
    expectProblem(await ask('GET', '/events?home=nobody'), 404, 'HW-NOT-FOUND');
  });
});

describe('health and metrics', () => {
  test('live, and ready while every part is', async () => {
    expect(await (await fetch(`${seeded.url}/health/live`)).json()).toEqual({ status: 'live' });
    const ready = await fetch(`${seeded.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', failing: [] }]);
  });

  test('503 with the names of what fails: a part of another role, a role that does not answer', async () => {
    const other = await startSeeded(undefined, { roles: ['broker', 'monitor', 'console'] });
    const reports = answerReports('broker', () => ['journal']);
    try {
      const ready = await fetch(`${other.url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([503, { status: 'failing', failing: ['monitor', 'journal'] }]);
    } finally {
      reports.close();
      await other.stop();
    }
  });

  test('metrics: to this machine alone without a token, by route and never by home', async () => {
    await ask('GET', '/homes/by-token');
    const text = await (await fetch(`${seeded.url}/metrics`)).text();
    expect(text).toContain('hearthwatch_http_request_seconds_count{method="GET",route="/api/v1/homes/:home",status="200"}');
    expect(text).not.toContain('by-token');
    expect((await fetch(`${seeded.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(401);
    expect((await fetch(`${seeded.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1', authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
  });

  test('the interface describes itself', async () => {
    const document = await (await fetch(`${seeded.url}/api/openapi.json`)).json() as { openapi: string };
    expect(document.openapi).toMatch(/^3\./);
  });
});

describe('pages, as far as no browser is needed', () => {
  test('a stranger is sent to sign in and back, never to another site', async () => {
    const response = await fetch(`${seeded.url}/homes/reg?x=1`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fhomes%2Freg%3Fx%3D1']);
    for (const next of ['https://example.org/', '//example.org', '/\\example.org', 'javascript:alert(1)']) {
      const answer = await fetch(`${seeded.url}/sign-in`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ username: seeded.username, password: seeded.password, next }) });
      expect(answer.headers.get('location')).toBe('/alerts');
    }
    expect((await fetch(`${seeded.url}/sign-in`, { method: 'POST', redirect: 'manual', headers: { origin: 'https://example.org' }, body: new URLSearchParams({ username: seeded.username, password: seeded.password }) })).status).toBe(403);
  });

  test('a form without the page\'s token changes nothing', async () => {
    await home('forms');
    const [change] = await raise(seeded.db, [finding('forms', 'sos', Date.now(), { severity: 'emergency' })], Date.now());
    const cookie = await signedIn();
    const answer = await fetch(`${seeded.url}/alerts/${change!.alertId}/acknowledge`, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams({}) });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('reload the page');
    expect((await ask('GET', `/alerts/${change!.alertId}`)).body).toMatchObject({ status: 'open' });
  });

  test('what devices and people wrote is text, in words and in pictures', async () => {
    const nasty = '<script>alert(1)</script>"\'&';
    await ask('POST', '/homes', { id: 'nasty', timeZone: 'Europe/London', hazards: nasty, accessNotes: nasty });
    await ask('POST', '/homes/nasty/devices', { id: 'pir', model: nasty, room: 'other', name: nasty, use: 'movement', kinds: ['motion'] });
    await seeded.series.append([reading('nasty', 'pir', 'motion', true, Date.now())]);
    const [change] = await raise(seeded.db, [finding('nasty', 'sos', Date.now(), { severity: 'emergency', reason: nasty, evidence: [{ device: 'pir', kind: 'motion', value: nasty, atMs: 1 }], parameters: { note: nasty } })], Date.now());
    const cookie = await signedIn();
    for (const path of ['/homes/nasty', `/alerts/${change!.alertId}`, '/alerts', '/homes', '/equipment']) {
      const page = await fetch(seeded.url + path, { headers: { cookie } });
      expect(page.status).toBe(200);
      const html = await page.text();
      expect(html).not.toContain('<script>alert');
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    }
  });
});
