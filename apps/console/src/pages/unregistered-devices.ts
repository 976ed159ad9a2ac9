import type { Database } from '#libs/database';

const SHOWN_MAX = 200;

/** Devices that sent readings and that nobody has registered, the last heard first. Hubs say how they are and nothing else, so they are left out. */
export async function unregisteredDevices(db: Database, home?: string): Promise<{ home: string; device: string; kinds: string[]; lastMs: number }[]> {
  let query = db.selectFrom('sightings').select(['home', 'device', 'kindsJson', 'lastMs'])
    .where((eb) => eb.not(eb.exists(eb.selectFrom('devices').select('devices.id').whereRef('devices.home', '=', 'sightings.home').whereRef('devices.id', '=', 'sightings.device'))))
    .where('kindsJson', '!=', '[]')
    .orderBy('lastMs', 'desc').limit(SHOWN_MAX);
  if (home !== undefined) query = query.where('home', '=', home);
  return (await query.execute()).map(({ kindsJson, ...row }) => ({ ...row, kinds: JSON.parse(kindsJson) as string[] }));
}
