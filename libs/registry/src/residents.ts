import { atomically, nextChange, type Executor } from '#libs/database';
import { checkedChoice, checkedDay, checkedId, checkedText, checkedTime, optionalText } from './checks.js';
import { getHome, HOME_KINDS, lockHome, RESIDENTS_MAX } from './homes.js';
import { exists, invalid } from './refusal.js';

/** On what basis somebody is monitored: their own consent, their attorney's, or a best-interests decision. */
export const BASES = ['consent', 'attorney', 'best-interests'] as const;
export type Basis = (typeof BASES)[number];

export interface ResidentInput {
  /** A pseudonym. */
  id: string;
  name?: string | null;
  basis: Basis;
  /** Who consented or decided. */
  decidedBy: string;
  /** The day by which the basis is looked at again, `YYYY-MM-DD`. */
  reviewOn: string;
}

export interface Resident {
  home: string;
  id: string;
  name: string | null;
  basis: Basis;
  decidedBy: string;
  reviewOn: string;
  createdMs: number;
}

/**
 * Registers who lives in a home. One more than its kind has room for makes it the next kind: a home for
 * one becomes a couple's, then a care home. The same again changes nothing.
 * @throws CodedError HW-INVALID (beyond 500 residents, too), HW-NOT-FOUND, HW-EXISTS
 */
export async function registerResident(db: Executor, home: string, input: ResidentInput, nowMs: number): Promise<Resident> {
  const resident: Resident = {
    home: checkedId('home', home),
    id: checkedId('id', input.id),
    name: optionalText('name', input.name, { max: 200 }),
    basis: checkedChoice('basis', input.basis, BASES),
    decidedBy: checkedText('decidedBy', input.decidedBy, { max: 200 }),
    reviewOn: checkedDay('reviewOn', input.reviewOn),
    createdMs: checkedTime('nowMs', nowMs),
  };
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const residents = await listResidents(trx, home);
    const before = residents.find(({ id }) => id === resident.id);
    if (before) {
      if (Object.keys(resident).some((key) => key !== 'createdMs' && before[key as keyof Resident] !== resident[key as keyof Resident])) throw exists('resident', resident.id);
      return before;
    }
    const { kind } = await getHome(trx, home);
    const needed = HOME_KINDS.find((candidate) => residents.length < RESIDENTS_MAX[candidate]);
    if (needed === undefined) throw invalid('home', `has room for ${RESIDENTS_MAX['care-home']} residents`);
    if (residents.length >= RESIDENTS_MAX[kind]) await trx.updateTable('homes').set({ kind: needed }).where('id', '=', resident.home).execute();
    await trx.insertInto('residents').values(resident).execute();
    await nextChange(trx, 'registry');
    return resident;
  });
}

/** By id, ascending. */
export async function listResidents(db: Executor, home: string): Promise<Resident[]> {
  const rows = await db.selectFrom('residents').selectAll().where('home', '=', checkedId('home', home)).orderBy('id').execute();
  return rows.map((row) => ({ ...row, basis: row.basis as Basis }));
}
