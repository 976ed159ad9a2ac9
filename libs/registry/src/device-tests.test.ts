import { beforeAll, expect, test } from '@jest/globals';
import type { Database } from '#libs/database';
import { onEveryDatabase } from '../../../test/harness/databases.js';
import { listAlarmTests, recordDeviceTests, registerDevice, registerHome } from './index.js';

const NOW = Date.UTC(2026, 10, 22, 9);
const DAY_MS = 86_400_000;

onEveryDatabase((engine) => {
  let db: Database;
  beforeAll(async () => {
    db = await (await engine.fresh()).open();
    await registerHome(db, { id: 'h1', timeZone: 'Europe/London' }, NOW);
    for (const [id, kinds] of [['pendant', ['sos', 'battery']], ['smoke', ['smoke', 'carbon_monoxide']], ['pir', ['motion']]] as const) {
      await registerDevice(db, 'h1', { id, room: 'hallway', use: 'alarm', kinds }, NOW);
    }
  });

  test('an alarm is due for its test until it was tested, and a month after', async () => {
    const due = async (nowMs: number): Promise<string[]> => (await listAlarmTests(db, 'h1', nowMs)).filter((one) => one.due).map(({ device, kind }) => `${device}/${kind}`);
    expect(await due(NOW)).toEqual(['pendant/sos', 'smoke/carbon_monoxide', 'smoke/smoke']);
    const tested = { home: 'h1', device: 'smoke', kind: 'smoke', lastMs: NOW };
    await recordDeviceTests(db, [tested, { home: 'h1', device: 'stranger', kind: 'sos', lastMs: NOW }]);
    await recordDeviceTests(db, [{ ...tested, lastMs: NOW - DAY_MS }]); // By somebody who started from less.
    expect(await listAlarmTests(db, 'h1', NOW)).toEqual([
      { device: 'pendant', kind: 'sos', lastMs: null, due: true }, { device: 'smoke', kind: 'carbon_monoxide', lastMs: null, due: true }, { device: 'smoke', kind: 'smoke', lastMs: NOW, due: false },
    ]);
    expect(await due(NOW + 31 * DAY_MS)).not.toContain('smoke/smoke');
    expect(await due(NOW + 31 * DAY_MS + 1)).toContain('smoke/smoke');
    await recordDeviceTests(db, []);
  });
});
