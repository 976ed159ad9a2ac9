import { beforeAll, expect, test } from '@jest/globals';
import { lastChange, type Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { askCheck, confirmCheck, listAllWiring, listChecks, listWiring, registerHome, setWiring, WIRING_SETTLES_MS } from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    for (const id of ['h1', 'h2']) await registerHome(db, { id, timeZone: 'Europe/London' }, NOW);
  });

  test('wiring holds from a little later on; the same answer again changes nothing', async () => {
    const before = await lastChange(db, 'wiring');
    const answer = { device: 'door', kind: 'open', inverted: true, setBy: 'installer' };
    const first = await setWiring(db, 'h1', answer, NOW);
    expect(first).toMatchObject({ ...answer, effectiveFromMs: NOW + WIRING_SETTLES_MS });
    expect(await setWiring(db, 'h1', answer, NOW + 60_000)).toEqual(first);
    const back = await setWiring(db, 'h1', { ...answer, inverted: false }, NOW); // In the same millisecond: still in its order.
    expect(back.effectiveFromMs).toBe(first.effectiveFromMs + 1);
    expect(await listWiring(db, 'h1')).toEqual([first, back]);
    expect(await listWiring(db, 'h2')).toEqual([]);
    expect(await listAllWiring(db)).toEqual([first, back]);
    expect(await lastChange(db, 'wiring')).toBe(before + 2);
  });

  test('an alarm is never turned round', async () => {
    for (const kind of ['smoke', 'sos', 'carbon_monoxide', 'gas', 'water_leak', 'fall', 'motion']) {
      await expect(setWiring(db, 'h1', { device: 'x', kind, inverted: true, setBy: 'installer' }, NOW)).rejects.toEqual(code('HW-INVALID'));
    }
    await expect(setWiring(db, 'nowhere', { device: 'x', kind: 'open', inverted: true, setBy: 'installer' }, NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
  });

  test('a check is confirmed once, and a new question begins anew', async () => {
    const check = await askCheck(db, 'h1', 'pir', 'installer', NOW);
    expect(await listChecks(db, 'h1')).toEqual([check]);
    await confirmCheck(db, check, { kind: 'motion', value: true, atMs: NOW + 4_000 }, NOW + 5_000);
    await confirmCheck(db, check, { kind: 'motion', value: true, atMs: NOW + 9_000 }, NOW + 9_000);
    expect(await listChecks(db, 'h1')).toEqual([{ ...check, confirmedMs: NOW + 5_000, seen: { kind: 'motion', value: true, atMs: NOW + 4_000 } }]);
    const again = await askCheck(db, 'h1', 'pir', 'installer', NOW + 60_000);
    await confirmCheck(db, check, { kind: 'motion', value: true, atMs: NOW }, NOW + 61_000); // Of the question before.
    expect(await listChecks(db, 'h1')).toEqual([again]);
    await expect(askCheck(db, 'nowhere', 'pir', 'installer', NOW)).rejects.toEqual(code('HW-NOT-FOUND'));
  });
});
