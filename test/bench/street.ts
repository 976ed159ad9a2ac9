import { join } from 'node:path';
import { openDatabase } from '#libs/database';
import { createCredential, registerDevice, registerHome, registerResident } from '#libs/registry';
import type { Hub } from './load-generator.js';

const DEVICES = [
  { id: 'pir-hall', room: 'hallway', use: 'movement', kinds: ['motion'], values: '{"motion":true}' },
  { id: 'pir-kitchen', room: 'kitchen', use: 'movement', kinds: ['motion'], values: '{"motion":true}' },
  { id: 'climate-lounge', room: 'lounge', use: 'climate', kinds: ['temperature'], values: '{"temperature":20.5}' },
  { id: 'fridge', room: 'kitchen', use: 'fridge', kinds: ['open'], values: '{"open":false}' },
  { id: 'watch', room: 'lounge', use: 'wearable', kinds: ['heart_rate'], values: '{"heart_rate":72}' },
] as const;

/** Registers homes with a resident, five devices and a hub's login each, straight into a data folder's database. */
export async function registerStreet(dataDir: string, homes: number): Promise<Hub[]> {
  const database = await openDatabase({ url: 'sqlite:', sqliteFile: join(dataDir, 'hearthwatch.db') });
  const nowMs = Date.now();
  const hubs: Hub[] = [];
  for (let from = 0; from < homes; from += 100) {
    await database.transaction().execute(async (trx) => {
      for (let number = from; number < Math.min(from + 100, homes); number += 1) {
        const home = `bench-${String(number).padStart(4, '0')}`;
        await registerHome(trx, { id: home, timeZone: 'Europe/London' }, nowMs);
        await registerResident(trx, home, { id: 'r1', basis: 'consent', decidedBy: 'the resident', reviewOn: '2030-01-01' }, nowMs);
        for (const { id, room, use, kinds } of DEVICES) await registerDevice(trx, home, { id, room, use, kinds: [...kinds] }, nowMs);
        const login = await createCredential(trx, home, nowMs);
        hubs.push({ ...login, devices: DEVICES.map(({ id, values }) => ({ topic: `homes/${home}/devices/${id}/readings`, values })) });
      }
    });
  }
  await database.destroy();
  return hubs;
}
