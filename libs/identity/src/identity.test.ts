import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Database } from '#libs/database';
import { listSecurityEvents } from '#libs/registry';
import { hours, minutes } from '#libs/runtime';
import { onEveryDatabase, type FreshDatabase } from '../../../test/harness/databases.js';
import {
  createApiToken, createSession, createUser, disableUser, enableUser, endSession, ensureFirstAdministrator, findSession, getUser, listApiTokens, listAudit, listUsers, pruneSessions,
  recordAudit, revokeApiToken, saveSession, SESSION_LIMITS, setPassword, signIn, SignInThrottle, verifyApiToken,
} from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const who = 'command-line';
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const everything = async (db: Database): Promise<string> =>
  JSON.stringify(await Promise.all([db.selectFrom('users').selectAll().execute(), db.selectFrom('sessions').selectAll().execute(), db.selectFrom('apiTokens').selectAll().execute(), db.selectFrom('audit').selectAll().execute(), db.selectFrom('securityEvents').selectAll().execute()]));
const audited = async (db: Database): Promise<string[]> => (await listAudit(db)).items.map((entry) => `${entry.who} ${entry.what} ${entry.subject ?? ''}`.trim()).reverse();

onEveryDatabase((engine) => {
  let fresh: FreshDatabase;
  let db: Database;
  beforeEach(async () => {
    fresh = await engine.fresh();
    db = await fresh.open();
  });

  describe('users', () => {
    test('the first start makes one administrator, though several threads ask at once', async () => {
      const other = await fresh.open();
      const made = (await Promise.all([db, other, db, other].map((connection) => ensureFirstAdministrator(connection, NOW)))).filter((user) => user !== null);
      expect(made).toEqual([{ username: 'admin', password: expect.stringMatching(/^([a-hjkmnp-z2-9]{5}-){4}[a-hjkmnp-z2-9]{5}$/) }]);
      expect(await signIn(db, 'admin', made[0]!.password, NOW)).toMatchObject({ username: 'admin', role: 'administrator' });
      expect(await ensureFirstAdministrator(db, NOW + 1)).toBeNull();
      expect(await audited(db)).toEqual(['service user-created admin', 'user/admin signed-in']);
    });

    test('one signs in with the right password alone; failures are recorded without what was typed', async () => {
      const { password } = await createUser(db, { username: ' Ward.Sister ', who }, NOW);
      const throttle = new SignInThrottle();
      expect(await signIn(db, 'WARD.sister ', password, NOW, { throttle, address: 'a' })).toMatchObject({ username: 'ward.sister' });
      for (const [username, wrong] of [['ward.sister', 'x'], ['ward.sister', `${password} `], ['ward.sister', 'x'.repeat(100_000)], ['secret-in-the-wrong-field', password], ['a\0b', password], ['', '']] as const) {
        expect(await signIn(db, username, wrong, NOW, { throttle, address: `b ${wrong.length}` })).toBeNull();
      }
      const { items } = await listSecurityEvents(db);
      expect(items.map(({ username }) => username).reverse()).toEqual(['ward.sister', 'ward.sister', 'ward.sister', null, null, null]);
      expect(await everything(db)).not.toContain('wrong-field');
      expect(await everything(db)).not.toContain(password);
    });

    test('guessing has to wait, also when all guesses come at once', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      const throttle = new SignInThrottle();
      const guesses = await Promise.allSettled(Array.from({ length: 12 }, () => signIn(db, 'u', 'guess', NOW, { throttle, address: 'a' })));
      expect(guesses.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
      await expect(signIn(db, 'u', 'guess', NOW, { throttle, address: 'a' })).rejects.toEqual(code('HW-SIGN-IN-WAIT'));
    });

    test('a new password ends the old one and every session', async () => {
      const { password: old } = await createUser(db, { username: 'u', who }, NOW);
      const { id } = await getUser(db, 'u');
      const { secret } = await createSession(db, { userId: id }, NOW);
      const { password } = await setPassword(db, 'u', { who }, NOW + 1);
      expect(await findSession(db, secret, NOW + 2)).toBeNull();
      const throttle = new SignInThrottle();
      expect(await signIn(db, 'u', old, NOW + 2, { throttle })).toBeNull();
      expect(await signIn(db, 'u', password, NOW + 2, { throttle })).not.toBeNull();
      await expect(setPassword(db, 'u', { password: 'short', who }, NOW)).rejects.toEqual(code('HW-INVALID'));
      await expect(setPassword(db, 'nobody', { who }, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    });

    test('who is disabled is out at once, and can be let in again; the last administrator stays', async () => {
      const { password } = await createUser(db, { username: 'u', who }, NOW);
      await createUser(db, { username: 'v', who }, NOW);
      const { id } = await getUser(db, 'u');
      const { secret } = await createSession(db, { userId: id }, NOW);
      await disableUser(db, 'u', { who }, NOW + 1);
      await disableUser(db, 'u', { who }, NOW + 2);
      expect(await findSession(db, secret, NOW + 2)).toBeNull();
      expect(await signIn(db, 'u', password, NOW + 2)).toBeNull();
      await expect(disableUser(db, 'v', { who }, NOW)).rejects.toEqual(code('HW-LAST-ADMINISTRATOR'));
      await enableUser(db, 'u', { who }, NOW + 3);
      expect(await signIn(db, 'u', password, NOW + 4)).not.toBeNull();
      expect(await listUsers(db)).toMatchObject([{ username: 'u', disabledMs: null }, { username: 'v', disabledMs: null }]);
    });

    test('of two administrators who disable each other at once one stays', async () => {
      const other = await fresh.open();
      for (const username of ['u', 'v']) await createUser(db, { username, who }, NOW);
      const settled = await Promise.allSettled([disableUser(db, 'u', { who }, NOW), disableUser(other, 'v', { who }, NOW)]);
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test.each(['', 'two words', '-x', 'x'.repeat(65), 'ü', 'a\nb'])('%j is no username', async (username) => {
      await expect(createUser(db, { username, who }, NOW)).rejects.toEqual(code('HW-INVALID'));
    });

    test('a username is taken once', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      await expect(createUser(db, { username: 'U', who }, NOW)).rejects.toEqual(code('HW-EXISTS'));
    });
  });

  describe('sessions', () => {
    test('at any time a session lives that was used within the idle limit and begun within the absolute one', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      const { id: userId } = await getUser(db, 'u');
      const stepMs = fc.integer({ min: 0, max: hours(3) });
      await fc.assert(fc.asyncProperty(fc.array(stepMs, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { secret } = await createSession(db, { userId }, NOW);
        let usedMs = NOW;
        let nowMs = NOW;
        for (const step of steps) {
          nowMs += step;
          const alive = nowMs - usedMs < SESSION_LIMITS.idleMs && nowMs - NOW < SESSION_LIMITS.absoluteMs;
          const found = await findSession(db, secret, nowMs);
          // Use is written once a minute, so a session may end up to a minute early.
          if (found === null) expect(nowMs - usedMs > SESSION_LIMITS.idleMs - minutes(1) || !alive).toBe(true);
          else expect(alive).toBe(true);
          if (found === null) break;
          usedMs = nowMs;
        }
      }), { numRuns: 20 });
    });

    test('what is kept of it opens nothing, and what it holds comes back', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      const { id: userId } = await getUser(db, 'u');
      const { secret, expiresMs } = await createSession(db, { userId, data: { csrf: 'x' } }, NOW);
      expect(expiresMs).toBe(NOW + SESSION_LIMITS.idleMs);
      expect(await everything(db)).not.toContain(secret);
      expect(await findSession(db, secret, NOW)).toMatchObject({ user: { userId, username: 'u', role: 'administrator' }, data: { csrf: 'x' } });
      await saveSession(db, secret, { userId, data: { csrf: 'y' } }, NOW + 1);
      expect((await findSession(db, secret, NOW + 1))?.data).toEqual({ csrf: 'y' });
      const { id } = await db.selectFrom('sessions').select('id').executeTakeFirstOrThrow();
      expect(await findSession(db, id, NOW)).toBeNull();
      await endSession(db, secret);
      expect(await findSession(db, secret, NOW)).toBeNull();
    });

    test('a session that a stranger may have planted never becomes somebody’s', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      const { id: userId } = await getUser(db, 'u');
      const { secret } = await createSession(db, { userId: null }, NOW);
      expect(await findSession(db, secret, NOW)).toMatchObject({ user: null });
      await expect(saveSession(db, secret, { userId, data: {} }, NOW)).rejects.toThrow('begin a new one');
      expect(await findSession(db, secret, NOW + SESSION_LIMITS.anonymousMs)).toBeNull();
    });

    test('saving a session does not prolong it beyond the absolute limit', async () => {
      await createUser(db, { username: 'u', who }, NOW);
      const { id: userId } = await getUser(db, 'u');
      const { secret } = await createSession(db, { userId }, NOW);
      for (let ms = NOW; ms < NOW + SESSION_LIMITS.absoluteMs; ms += hours(1)) await saveSession(db, secret, { userId, data: {} }, ms);
      expect(await findSession(db, secret, NOW + SESSION_LIMITS.absoluteMs - 1)).not.toBeNull();
      expect(await findSession(db, secret, NOW + SESSION_LIMITS.absoluteMs)).toBeNull();
    });

    test('strangers who load the sign-in page by the thousand fill no disk; what has expired goes', async () => {
      const rows = Array.from({ length: 6_000 }, (_, i) => ({ id: `s${i}`, userId: '', dataJson: '{}', expiresMs: NOW + i }));
      for (let i = 0; i < rows.length; i += 1_000) await db.insertInto('sessions').values(rows.slice(i, i + 1_000)).execute();
      const { secret } = await createSession(db, { userId: null }, NOW);
      const count = async (): Promise<number> => (await db.selectFrom('sessions').select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
      expect(await count()).toBeLessThanOrEqual(SESSION_LIMITS.anonymousMax);
      await pruneSessions(db, NOW + 10_000);
      expect(await count()).toBe(1);
      expect(await findSession(db, secret, NOW)).not.toBeNull();
    });
  });

  describe('tokens', () => {
    test('a token opens until it is revoked, and is kept as a hash', async () => {
      const { id, token } = await createApiToken(db, { name: 'nightly export', who }, NOW);
      expect(token).toMatch(/^hearthwatch_[\w-]{43}$/);
      const use = { bootstrapToken: null, use: 'GET /api/v1/homes' };
      expect(await verifyApiToken(db, token, use, NOW)).toEqual({ who: 'token/nightly export', role: 'administrator' });
      for (const wrong of ['', 'hearthwatch_', `${token}x`, token.slice(0, -1), token.toUpperCase()]) expect(await verifyApiToken(db, wrong, use, NOW)).toBeNull();
      expect(await everything(db)).not.toContain(token.slice('hearthwatch_'.length));
      await revokeApiToken(db, id, { who }, NOW + 1);
      await revokeApiToken(db, id, { who }, NOW + 2);
      expect(await verifyApiToken(db, token, use, NOW + 3)).toBeNull();
      expect(await listApiTokens(db)).toEqual([{ id, name: 'nightly export', createdMs: NOW, revokedMs: NOW + 1 }]);
      expect(await audited(db)).toEqual([`command-line token-created ${id}`, `command-line token-revoked ${id}`]);
      await expect(revokeApiToken(db, 'none', { who }, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
      await expect(createApiToken(db, { name: '\n', who }, NOW)).rejects.toEqual(code('HW-INVALID'));
    });

    test('every use of the bootstrap token is audited; where none is set, none opens', async () => {
      const bootstrapToken = 'b'.repeat(32);
      expect(await verifyApiToken(db, bootstrapToken, { bootstrapToken, use: 'POST /api/v1/homes' }, NOW)).toEqual({ who: 'bootstrap-token', role: 'administrator' });
      expect(await verifyApiToken(db, `${bootstrapToken}b`, { bootstrapToken, use: 'POST /api/v1/homes' }, NOW)).toBeNull();
      expect(await verifyApiToken(db, bootstrapToken, { bootstrapToken: null, use: 'POST /api/v1/homes' }, NOW)).toBeNull();
      expect(await audited(db)).toEqual(['bootstrap-token POST /api/v1/homes']);
      expect(await everything(db)).not.toContain(bootstrapToken);
    });
  });

  test('the audit trail is listed a page at a time, the newest first', async () => {
    for (let i = 0; i < 5; i += 1) await recordAudit(db, { who: 'user/u', what: `did-${i}\0`, detail: { i } }, NOW + i);
    const first = await listAudit(db, { limit: 3 });
    const second = await listAudit(db, { limit: 3, before: first.next! });
    expect([...first.items, ...second.items].map(({ what, detail }) => [what, detail])).toEqual([4, 3, 2, 1, 0].map((i) => [`did-${i}\uFFFD`, { i }]));
  });
});
