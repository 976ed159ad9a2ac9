import { beforeAll, expect, test } from '@jest/globals';
import type { Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { createClaim, listClaims, listCredentials, redeemClaim, registerHome, verifyCredential } from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const HOUR_MS = 3_600_000;
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    for (const id of ['h1', 'h2']) await registerHome(db, { id, timeZone: 'Europe/London' }, NOW);
  });
  const until = { expiresMs: NOW + HOUR_MS, createdBy: 'installer' };

  test('a code gives its login once', async () => {
    const { code: made } = await createClaim(db, 'h1', { kind: 'device', device: 'plug-1', ...until }, NOW);
    const login = await redeemClaim(db, made.toLowerCase(), NOW + 1);
    expect(await verifyCredential(db, login.username, login.password, NOW + 1)).toEqual({ home: 'h1', kind: 'device', device: 'plug-1', username: login.username });
    await expect(redeemClaim(db, made, NOW + 2)).rejects.toEqual(code('HW-CLAIM-UNKNOWN'));
    expect(await listClaims(db, 'h1')).toEqual([{ home: 'h1', kind: 'device', device: 'plug-1', createdMs: NOW, createdBy: 'installer', expiresMs: NOW + HOUR_MS, claimedMs: NOW + 1, username: login.username }]);
    expect(JSON.stringify(await db.selectFrom('claims').selectAll().execute())).not.toContain(made);
  });

  test('of many at once one gets it', async () => {
    const { code: made } = await createClaim(db, 'h2', until, NOW);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => redeemClaim(db, made, NOW)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await listCredentials(db, 'h2')).toHaveLength(1);
  });

  test('an expired, a mistyped and an unknown code give nothing', async () => {
    const { code: made } = await createClaim(db, 'h1', until, NOW);
    await expect(redeemClaim(db, made, NOW + HOUR_MS)).rejects.toEqual(code('HW-CLAIM-UNKNOWN'));
    await expect(redeemClaim(db, `${made.slice(0, -1)}0`, NOW)).rejects.toEqual(code('HW-CLAIM-MISTYPED'));
    await expect(redeemClaim(db, '2222-2222-2222', NOW)).rejects.toMatchObject({ code: expect.stringMatching(/^HW-CLAIM-/) });
    await expect(createClaim(db, 'h1', { ...until, expiresMs: NOW + 15 * 24 * HOUR_MS }, NOW)).rejects.toEqual(code('HW-INVALID'));
    await expect(createClaim(db, 'h1', { ...until, kind: 'device' }, NOW)).rejects.toEqual(code('HW-INVALID'));
    await expect(createClaim(db, 'nowhere', until, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
  });

  test('a home has open codes up to a limit', async () => {
    for (let i = (await listClaims(db, 'h2')).filter(({ claimedMs }) => claimedMs === null).length; i < 100; i += 1) await createClaim(db, 'h2', until, NOW);
    await expect(createClaim(db, 'h2', until, NOW)).rejects.toEqual(code('HW-LIMIT'));
    await createClaim(db, 'h2', { ...until, expiresMs: NOW + 3 * HOUR_MS }, NOW + 2 * HOUR_MS);
  });
});
