import { atomically, type Executor } from '#libs/database';

/** When a device or hub, registered or not, was last heard, and what is known from what it sent. */
export interface Sighting {
  home: string;
  device: string;
  firstMs: number;
  /** By the time of arrival; 0 for a device that a hub's bridge announced and that nobody has heard yet. */
  lastMs: number;
  kinds: string[];
  battery: number | null;
  /** What it or its last will said. */
  said: 'online' | 'offline' | null;
  /** Messages found missing by their `seq`, in all. */
  missed: number;
  /** As a hub's bridge announced it. */
  model?: string | null;
}

/** `registered` is false for a device that nobody registered, or that is retired: it waits for adoption. */
export interface ListedSighting extends Sighting {
  registered: boolean;
  model: string | null;
}

const ROWS_PER_STATEMENT = 500;

/**
 * Saves sightings as they are now, each in place of what was kept of that device (`firstMs` never
 * rises, `lastMs` and `missed` never fall): recording twice is recording once. Whoever records
 * bounds the devices of a home.
 */
export async function recordSightings(db: Executor, sightings: readonly Sighting[]): Promise<void> {
  const rows = sightings
    .map(({ home, device, firstMs, lastMs, kinds, battery, said, missed, model = null }) => ({ home, device, firstMs, lastMs, kindsJson: JSON.stringify(kinds.toSorted()), battery, said, missed, model }))
    .sort((a, b) => (`${a.home}/${a.device}` < `${b.home}/${b.device}` ? -1 : 1)); // One order for all who record: no deadlock.
  await atomically(db, async (trx) => {
    for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
      await trx.insertInto('sightings').values(rows.slice(i, i + ROWS_PER_STATEMENT)).onConflict((conflict) => conflict.columns(['home', 'device']).doUpdateSet((eb) => ({
        firstMs: eb.case().when('excluded.firstMs', '<', eb.ref('sightings.firstMs')).then(eb.ref('excluded.firstMs')).else(eb.ref('sightings.firstMs')).end(),
        lastMs: eb.case().when('excluded.lastMs', '>', eb.ref('sightings.lastMs')).then(eb.ref('excluded.lastMs')).else(eb.ref('sightings.lastMs')).end(),
        missed: eb.case().when('excluded.missed', '>', eb.ref('sightings.missed')).then(eb.ref('excluded.missed')).else(eb.ref('sightings.missed')).end(),
        kindsJson: eb.ref('excluded.kindsJson'), battery: eb.ref('excluded.battery'), said: eb.ref('excluded.said'), model: eb.fn.coalesce('excluded.model', 'sightings.model'),
      }))).execute();
    }
  });
}

/** Everything heard or announced in a home, by device. */
export async function listSightings(db: Executor, home: string): Promise<ListedSighting[]> {
  const rows = await db.selectFrom('sightings').selectAll().where('home', '=', home).orderBy('device').execute();
  const versions = await db.selectFrom('devices').select(['id', 'retired']).where('home', '=', home).orderBy('effectiveFromMs').execute();
  const retired = new Map(versions.map((version) => [version.id, version.retired])); // The last of each id stays.
  return rows.map(({ kindsJson, said, ...row }) => ({
    ...row, kinds: JSON.parse(kindsJson) as string[], said: said as Sighting['said'], registered: retired.get(row.device) === 0,
  }));
}
