import type { Transaction } from 'kysely';
import { atomically, type Executor, type Schema } from '#libs/database';

/** What was heard of one device or hub since the last time this was recorded. */
export interface SightingInput {
  home: string;
  device: string;
  /** The newest of them, by the time of arrival. */
  atMs: number;
  kinds: readonly string[];
  /** Left out: nothing new was heard of it. */
  battery?: number;
  said?: 'online' | 'offline';
  /** Messages found missing by their `seq` since the last time; added up. */
  missed?: number;
}

/** When a device, registered or not, was last heard. */
export interface Sighting {
  home: string;
  device: string;
  firstMs: number;
  lastMs: number;
  kinds: string[];
  battery: number | null;
  said: 'online' | 'offline' | null;
  missed: number;
  /** Registered and not retired at the time of asking; others wait for adoption. */
  registered: boolean;
}

type Row = Schema['sightings'];

const DEVICES_MAX = 1_000;
const KINDS_MAX = 96;
const ROWS_PER_STATEMENT = 500;

/**
 * Records what was heard. Rows may come in any order; `missed` adds up, so record them in the
 * transaction that saves how far the journal was read. A home keeps at most 1,000 devices, heard or
 * not: what an insane hub invents beyond is counted in the answer and left out.
 */
export async function recordSightings(db: Executor, inputs: readonly SightingInput[]): Promise<{ refused: number }> {
  const heard = [...merged(inputs).values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)); // One order for all: no deadlock.
  let refused = 0;
  await atomically(db, async (trx) => {
    for (let i = 0; i < heard.length; i += ROWS_PER_STATEMENT) refused += await recordSome(trx, heard.slice(i, i + ROWS_PER_STATEMENT));
  });
  return { refused };
}

/** By device. `atMs` is when a device counts as registered. */
export async function listSightings(db: Executor, home: string, atMs: number = Number.MAX_SAFE_INTEGER): Promise<Sighting[]> {
  const rows = await db.selectFrom('sightings').selectAll().where('home', '=', home).orderBy('device').execute();
  const versions = await db.selectFrom('devices').select(['id', 'retired']).where('home', '=', home).where('effectiveFromMs', '<=', atMs).orderBy('effectiveFromMs').execute();
  const retired = new Map(versions.map((version) => [version.id, version.retired])); // The last of each id stays.
  return rows.map(({ kindsJson, said, ...row }) => ({
    ...row, kinds: JSON.parse(kindsJson) as string[], said: said as Sighting['said'], registered: retired.get(row.device) === 0,
  }));
}

const keyOf = ({ home, device }: { home: string; device: string }): string => `${home}/${device}`;

function merged(inputs: readonly SightingInput[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const input of inputs) {
    const key = keyOf(input);
    const before = rows.get(key);
    rows.set(key, before ? joined(before, rowOf(input)) : rowOf(input));
  }
  return rows;
}

function rowOf({ home, device, atMs, kinds, battery, said, missed = 0 }: SightingInput): Row {
  return { home, device, firstMs: atMs, lastMs: atMs, kindsJson: JSON.stringify(kindsOf(kinds)), battery: battery ?? null, said: said ?? null, missed };
}

/** What two sightings of one device say together; of two values the later heard counts. */
function joined(before: Row, row: Row): Row {
  const [older, newer] = row.lastMs >= before.lastMs ? [before, row] : [row, before];
  return {
    ...newer,
    firstMs: Math.min(before.firstMs, row.firstMs),
    kindsJson: JSON.stringify(kindsOf([...JSON.parse(before.kindsJson) as string[], ...JSON.parse(row.kindsJson) as string[]])),
    battery: newer.battery ?? older.battery,
    said: newer.said ?? older.said,
    missed: before.missed + row.missed,
  };
}

const kindsOf = (kinds: readonly string[]): string[] => [...new Set(kinds)].slice(0, KINDS_MAX).sort();

async function recordSome(trx: Transaction<Schema>, heard: Row[]): Promise<number> {
  const homes = [...new Set(heard.map(({ home }) => home))];
  const known = await trx.selectFrom('sightings').selectAll().where('home', 'in', homes).where('device', 'in', [...new Set(heard.map(({ device }) => device))]).execute();
  const before = new Map(known.map((row) => [keyOf(row), row]));
  const kept = await withoutExcess(trx, heard, before);
  if (kept.length === 0) return heard.length;
  const rows = kept.map((row) => {
    const old = before.get(keyOf(row));
    return old ? joined(old, row) : row;
  });
  await trx.insertInto('sightings').values(rows).onConflict((conflict) => conflict.columns(['home', 'device']).doUpdateSet((eb) => ({
    firstMs: eb.ref('excluded.firstMs'), lastMs: eb.ref('excluded.lastMs'), kindsJson: eb.ref('excluded.kindsJson'),
    battery: eb.ref('excluded.battery'), said: eb.ref('excluded.said'), missed: eb.ref('excluded.missed'),
  }))).execute();
  return heard.length - kept.length;
}

async function withoutExcess(trx: Transaction<Schema>, heard: Row[], before: Map<string, Row>): Promise<Row[]> {
  const newcomers = heard.filter((row) => !before.has(keyOf(row)));
  if (newcomers.length === 0) return heard;
  const counts = await trx.selectFrom('sightings').select(['home', (eb) => eb.fn.countAll<number>().as('devices')])
    .where('home', 'in', [...new Set(newcomers.map(({ home }) => home))]).groupBy('home').execute();
  const devices = new Map(counts.map((row) => [row.home, row.devices]));
  return heard.filter((row) => {
    if (before.has(keyOf(row))) return true;
    const count = (devices.get(row.home) ?? 0) + 1;
    devices.set(row.home, count);
    return count <= DEVICES_MAX;
  });
}
