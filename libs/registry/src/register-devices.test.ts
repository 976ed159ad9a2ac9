import { beforeAll, expect, test } from '@jest/globals';
import { lastChange, type Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { listDevices, registerDevices, registerHome, type DeviceInput } from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const device = (id: string, more: Partial<DeviceInput> = {}): DeviceInput => ({ id, room: 'hallway', use: 'movement', kinds: ['motion'], ...more });

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    await registerHome(db, { id: 'h1', timeZone: 'Europe/London' }, NOW);
  });

  test('several devices are registered, or none', async () => {
    const before = await lastChange(db, 'registry');
    const wrong = [device('a'), device('b', { room: 'castle' as never }), device('a'), device('c', { resident: 'nobody' }), device('d')];
    expect(await registerDevices(db, 'h1', wrong, { dryRun: false }, NOW)).toEqual({ faults: [
      { index: 1, problem: expect.stringContaining('room: is not one of') }, { index: 2, problem: expect.stringContaining('earlier row') }, { index: 3, problem: 'resident: is not registered in this home' },
    ] });
    expect(await registerDevices(db, 'h1', [device('a'), device('d')], { dryRun: true }, NOW)).toEqual({ faults: [] });
    expect(await listDevices(db, 'h1', NOW)).toEqual([]);
    expect(await lastChange(db, 'registry')).toBe(before);
    expect(await registerDevices(db, 'h1', [device('a'), device('d')], { dryRun: false }, NOW)).toEqual({ faults: [] });
    expect((await listDevices(db, 'h1', NOW)).map(({ id }) => id)).toEqual(['a', 'd']);
    await expect(registerDevices(db, 'nowhere', [device('a')], { dryRun: true }, NOW)).rejects.toMatchObject({ code: 'HW-NOT-FOUND' });
  });
});
