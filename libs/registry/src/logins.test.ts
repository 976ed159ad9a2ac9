import { beforeAll, expect, test } from '@jest/globals';
import { lastChange, type Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import {
  createCredential, listCredentials, listSecurityEvents, listSightings, nextLoginEndMs, recordSecurityEvent, recordSightings, registerDevice, registerHome, retireDevice, revokeCredential, rotateCredential, stillValid, verifyCredential, type Sighting,
} from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const HOUR_MS = 3_600_000;
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    for (const id of ['h1', 'h2', 'crowded', 'heard']) await registerHome(db, { id, timeZone: 'Europe/London' }, NOW);
  });

  test('a login opens with its own password alone', async () => {
    const one = await createCredential(db, 'h1', NOW);
    const two = await createCredential(db, 'h1', NOW);
    expect(one.username).toMatch(/^h1\.[\w-]{12}$/);
    expect(one.password).toMatch(/^[\w-]{32}$/); // 192 bits
    expect(await verifyCredential(db, one.username, one.password, NOW)).toEqual({ home: 'h1', kind: 'hub', username: one.username, device: null });
    for (const [username, password] of [
      [one.username, two.password], [one.username, ''], [one.username, `${one.password}x`], [one.username, 'x'.repeat(1_000_000)], ['h1.nobody', one.password], ['', ''], ['a\0b', 'c'],
    ] as const) expect(await verifyCredential(db, username, password, NOW)).toBeNull();
  });

  test('the password is nowhere in the database', async () => {
    const { username, password } = await createCredential(db, 'h1', NOW);
    const row = await db.selectFrom('credentials').selectAll().where('username', '=', username).executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(password);
    expect(JSON.stringify(await listCredentials(db, 'h1'))).not.toContain(row.secretHash);
  });

  test('a hash that was copied to another login opens nothing', async () => {
    const own = await createCredential(db, 'h1', NOW);
    const target = await createCredential(db, 'h2', NOW);
    const { secretHash } = await db.selectFrom('credentials').select('secretHash').where('username', '=', own.username).executeTakeFirstOrThrow();
    await db.updateTable('credentials').set({ secretHash }).where('username', '=', target.username).execute();
    expect(await verifyCredential(db, target.username, own.password, NOW)).toBeNull();
  });

  test('a revoked login opens no more, and brokers can tell', async () => {
    const { username, password } = await createCredential(db, 'h1', NOW);
    const before = await lastChange(db, 'credentials');
    await expect(revokeCredential(db, 'h2', username, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    expect(await stillValid(db, [username, 'h1.nobody'], NOW)).toEqual(new Set([username]));
    await revokeCredential(db, 'h1', username, NOW + 1);
    await revokeCredential(db, 'h1', username, NOW + 2);
    expect(await verifyCredential(db, username, password, NOW)).toBeNull();
    expect(await stillValid(db, [username], NOW)).toEqual(new Set());
    expect(await lastChange(db, 'credentials')).toBe(before + 1);
    expect(await listCredentials(db, 'h1')).toContainEqual({ username, home: 'h1', kind: 'hub', device: null, createdMs: NOW, revokedMs: NOW + 1, expiresMs: null });
  });

  test('a login is for a hub, for one device, or mounted', async () => {
    const device = await createCredential(db, 'h1', NOW, { kind: 'device', device: 'plug-1' });
    expect(await verifyCredential(db, device.username, device.password, NOW)).toMatchObject({ kind: 'device', device: 'plug-1' });
    const mounted = await createCredential(db, 'h1', NOW, { kind: 'mounted' });
    expect(await verifyCredential(db, mounted.username, mounted.password, NOW)).toMatchObject({ kind: 'mounted', device: null });
    await expect(createCredential(db, 'h1', NOW, { kind: 'device' })).rejects.toEqual(code('HW-INVALID'));
    await expect(createCredential(db, 'h1', NOW, { kind: 'hub', device: 'plug-1' })).rejects.toEqual(code('HW-INVALID'));
    await expect(createCredential(db, 'h1', NOW, { kind: 'device', device: '+/x' })).rejects.toEqual(code('HW-INVALID'));
  });

  test('a login that was rotated opens until its time, the new one at once and of the same kind', async () => {
    const old = await createCredential(db, 'h2', NOW, { kind: 'device', device: 'plug-1' });
    const made = await rotateCredential(db, 'h2', old.username, NOW + HOUR_MS, NOW);
    expect(made.oldUntilMs).toBe(NOW + HOUR_MS);
    expect(await verifyCredential(db, made.username, made.password, NOW)).toMatchObject({ kind: 'device', device: 'plug-1' });
    expect(await verifyCredential(db, old.username, old.password, NOW + HOUR_MS - 1)).not.toBeNull();
    expect(await verifyCredential(db, old.username, old.password, NOW + HOUR_MS)).toBeNull();
    expect(await stillValid(db, [old.username, made.username], NOW + HOUR_MS)).toEqual(new Set([made.username]));
    expect(await nextLoginEndMs(db, NOW)).toBe(NOW + HOUR_MS);
    expect(await nextLoginEndMs(db, NOW + HOUR_MS)).toBe(Number.POSITIVE_INFINITY);
    const third = await rotateCredential(db, 'h2', old.username, NOW + 5 * HOUR_MS, NOW); // The overlap never grows.
    expect(third.oldUntilMs).toBe(NOW + HOUR_MS);
    await expect(rotateCredential(db, 'h2', old.username, NOW + 2 * HOUR_MS, NOW + HOUR_MS)).rejects.toEqual(code('HW-LOGIN-ENDED'));
    await expect(rotateCredential(db, 'h1', made.username, NOW + HOUR_MS, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    await expect(rotateCredential(db, 'h2', made.username, NOW + 91 * 24 * HOUR_MS, NOW)).rejects.toEqual(code('HW-INVALID'));
    await revokeCredential(db, 'h2', made.username, NOW);
    await expect(rotateCredential(db, 'h2', made.username, NOW, NOW)).rejects.toEqual(code('HW-LOGIN-ENDED'));
  });

  test('a home has logins up to a limit, an unknown home none', async () => {
    await expect(createCredential(db, 'nowhere', NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
    for (let i = 0; i < 200; i += 1) await createCredential(db, 'crowded', NOW);
    await expect(createCredential(db, 'crowded', NOW)).rejects.toEqual(code('HW-LIMIT'));
    const [first] = await listCredentials(db, 'crowded');
    await revokeCredential(db, 'crowded', first!.username, NOW);
    await createCredential(db, 'crowded', NOW);
  });

  test('security events take whatever strangers send, and the newest are kept', async () => {
    await recordSecurityEvent(db, { atMs: 1, code: 'HW-MQTT-LOGIN', home: null, username: `${'x'.repeat(300)}\0`, detail: 'wrong\npassword\ud800' });
    const { items: [event] } = await listSecurityEvents(db);
    expect(event).toMatchObject({ code: 'HW-MQTT-LOGIN', username: 'x'.repeat(200), detail: 'wrong\uFFFDpassword\uFFFD' });
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ id: `00000000-${String(i).padStart(8, '0')}`, atMs: 10 + i, code: 'HW-MQTT-LOGIN', home: null, username: null, detail: 'd' }));
    for (let i = 0; i < rows.length; i += 1_000) await db.insertInto('securityEvents').values(rows.slice(i, i + 1_000)).execute();
    await recordSecurityEvent(db, { atMs: 100_000, code: 'HW-MQTT-TOPIC', home: 'h1', username: 'h1.x', detail: 'another home’s topic' });
    const { kept } = await db.selectFrom('securityEvents').select((eb) => eb.fn.countAll<number>().as('kept')).executeTakeFirstOrThrow();
    expect(kept).toBe(10_000);
    expect((await listSecurityEvents(db, { home: 'h1' })).items).toMatchObject([{ atMs: 100_000 }]);
    const page = await listSecurityEvents(db, { limit: 2 });
    expect((await listSecurityEvents(db, { limit: 2, before: page.next! })).items[0]?.id).not.toBe(page.items[1]?.id);
  });

  const sighting = (device: string, lastMs: number, more: Partial<Sighting> = {}): Sighting =>
    ({ home: 'heard', device, firstMs: NOW, lastMs, kinds: ['motion'], battery: null, said: null, missed: 0, ...more });

  test('a sighting takes the place of the one before; what was missed or heard later stays', async () => {
    const now = sighting('d1', NOW + 5, { kinds: ['motion', 'battery'], battery: 80, said: 'online', missed: 3 });
    await recordSightings(db, [sighting('d1', NOW + 1), sighting('d2', NOW)]);
    await recordSightings(db, [now]);
    await recordSightings(db, [now]);
    await registerDevice(db, 'heard', { id: 'd1', room: 'hallway', use: 'movement', kinds: ['motion'] }, NOW);
    expect(await listSightings(db, 'heard')).toEqual([{ ...now, model: null, kinds: ['battery', 'motion'], registered: true }, { ...sighting('d2', NOW), model: null, registered: false }]);
    await recordSightings(db, [{ ...now, firstMs: NOW + 2, lastMs: NOW + 4, missed: 1, said: 'offline' }]); // By somebody who started from less.
    expect((await listSightings(db, 'heard'))[0]).toMatchObject({ firstMs: NOW, lastMs: NOW + 5, missed: 3, said: 'offline' });
    await retireDevice(db, 'heard', 'd1', NOW + 10);
    expect(await listSightings(db, 'heard')).toMatchObject([{ registered: false }, { registered: false }]);
  });

  test('thousands of sightings are one call', async () => {
    await recordSightings(db, Array.from({ length: 1_200 }, (_, i) => ({ ...sighting(`d${i}`, NOW), home: 'h2' })));
    expect(await listSightings(db, 'h2')).toHaveLength(1_200);
    await recordSightings(db, []);
  });
});
