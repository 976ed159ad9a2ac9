import type { Transaction } from 'kysely';
import { atomically, nextChange, type Executor, type Schema } from '#libs/database';
import { checkedChoice, checkedId, checkedTime, checkedTimeZone, optionalPhone, optionalText } from './checks.js';
import { exists, invalid, notFound } from './refusal.js';

/** A home and how many residents it may have. */
export const HOME_KINDS = ['single', 'couple', 'care-home'] as const;
export type HomeKind = (typeof HOME_KINDS)[number];

export const RESIDENTS_MAX: Record<HomeKind, number> = { single: 1, couple: 2, 'care-home': 500 };

/** What somebody at the door needs; free text from staff. `null` or blank: not known. */
export interface HomeAccess {
  address?: string | null;
  phone?: string | null;
  keySafe?: string | null;
  hazards?: string | null;
  accessNotes?: string | null;
}

export interface HomeInput extends HomeAccess {
  id: string;
  timeZone: string;
  kind?: HomeKind;
}

export interface Home extends Required<HomeAccess> {
  id: string;
  timeZone: string;
  kind: HomeKind;
  createdMs: number;
}

const PAGE_MAX = 1_000;

/**
 * Registers a home. Its `kind` may be left out: it then follows from who is registered to live there.
 * The same again changes nothing.
 * @throws CodedError HW-INVALID; HW-EXISTS when the id is taken by a home with other content
 */
export async function registerHome(db: Executor, input: HomeInput, nowMs: number): Promise<Home> {
  const home: Home = {
    id: checkedId('id', input.id),
    timeZone: checkedTimeZone('timeZone', input.timeZone),
    kind: checkedChoice('kind', input.kind ?? 'single', HOME_KINDS),
    ...checkedAccess(input, NO_ACCESS),
    createdMs: checkedTime('nowMs', nowMs),
  };
  return atomically(db, async (trx) => {
    const inserted = await trx.insertInto('homes').values(home).onConflict((conflict) => conflict.column('id').doNothing()).returning('id').executeTakeFirst();
    if (inserted) {
      await nextChange(trx, 'registry');
      return home;
    }
    const before = await getHome(trx, home.id);
    const told = Object.keys(home).filter((key) => key !== 'createdMs' && (key !== 'kind' || input.kind !== undefined));
    if (told.some((key) => before[key as keyof Home] !== home[key as keyof Home])) throw exists('home', home.id);
    return before;
  });
}

/**
 * Changes what somebody at the door needs; a field that is left out stays, `null` or blank empties it.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND
 */
export async function updateHomeAccess(db: Executor, home: string, changes: HomeAccess): Promise<Home> {
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const before = await getHome(trx, home);
    await trx.updateTable('homes').set(checkedAccess(changes, before)).where('id', '=', before.id).execute();
    await nextChange(trx, 'registry');
    return getHome(trx, home);
  });
}

/**
 * Somebody moves in or out: a home for one becomes one for two, and so on.
 * @throws CodedError HW-INVALID (more residents than the new kind may have), HW-NOT-FOUND
 */
export async function changeHomeKind(db: Executor, home: string, kind: HomeKind): Promise<Home> {
  const checked = checkedChoice('kind', kind, HOME_KINDS);
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const { residents } = await trx.selectFrom('residents').select((eb) => eb.fn.countAll<number>().as('residents')).where('home', '=', home).executeTakeFirstOrThrow();
    if (residents > RESIDENTS_MAX[checked]) throw invalid('kind', `has room for ${RESIDENTS_MAX[checked]}, and ${residents} live here`);
    await trx.updateTable('homes').set({ kind: checked }).where('id', '=', home).execute();
    await nextChange(trx, 'registry');
    return getHome(trx, home);
  });
}

/** @throws CodedError HW-NOT-FOUND */
export async function getHome(db: Executor, home: string): Promise<Home> {
  const row = await db.selectFrom('homes').selectAll().where('id', '=', checkedId('home', home)).executeTakeFirst();
  if (!row) throw notFound('home', home);
  return { ...row, kind: row.kind as HomeKind };
}

/** By id, ascending, after the id `after`; `limit` at most 1,000. `next` is there while more may follow. */
export async function listHomes(db: Executor, { after, limit = 100 }: { after?: string; limit?: number } = {}): Promise<{ items: Home[]; next?: string }> {
  const max = Math.max(1, Math.min(limit, PAGE_MAX));
  let query = db.selectFrom('homes').selectAll().orderBy('id').limit(max);
  if (after !== undefined) query = query.where('id', '>', after);
  const items = (await query.execute()).map((row) => ({ ...row, kind: row.kind as HomeKind }));
  const last = items.at(-1);
  return items.length === max && last ? { items, next: last.id } : { items };
}

/**
 * Holds a home until the transaction ends, so that two changes of one home never cross. Portable: an
 * update locks the row on PostgreSQL; on SQLite nobody else writes anyway.
 * @throws CodedError HW-NOT-FOUND
 */
export async function lockHome(trx: Transaction<Schema>, home: string): Promise<void> {
  const id = checkedId('home', home);
  const { numUpdatedRows } = await trx.updateTable('homes').set({ id }).where('id', '=', id).executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound('home', id);
}

const NO_ACCESS: Required<HomeAccess> = { address: null, phone: null, keySafe: null, hazards: null, accessNotes: null };

function checkedAccess(input: HomeAccess, before: Required<HomeAccess>): Required<HomeAccess> {
  return {
    address: input.address === undefined ? before.address : optionalText('address', input.address, { max: 500, lines: true }),
    phone: input.phone === undefined ? before.phone : optionalPhone('phone', input.phone),
    keySafe: input.keySafe === undefined ? before.keySafe : optionalText('keySafe', input.keySafe, { max: 500, lines: true }),
    hazards: input.hazards === undefined ? before.hazards : optionalText('hazards', input.hazards, { max: 2_000, lines: true }),
    accessNotes: input.accessNotes === undefined ? before.accessNotes : optionalText('accessNotes', input.accessNotes, { max: 2_000, lines: true }),
  };
}
