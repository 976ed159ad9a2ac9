import { atomically, newId, nextChange, type Executor } from '#libs/database';
import { checkedChoice, checkedId, checkedText, checkedTime, optionalEmail, optionalPhone } from './checks.js';
import { lockHome } from './homes.js';
import { full, invalid, notFound } from './refusal.js';

export const CONTACT_ROLES = ['family', 'responder', 'clinician', 'installer'] as const;
export type ContactRole = (typeof CONTACT_ROLES)[number];

export interface ContactInput {
  name: string;
  role: ContactRole;
  email?: string | null;
  phone?: string | null;
  /** Who is told first: ascending, from 1. After all others unless said otherwise. */
  position?: number;
}

export interface Contact {
  id: string;
  home: string;
  name: string;
  role: ContactRole;
  email: string | null;
  phone: string | null;
  position: number;
  createdMs: number;
}

const CONTACTS_MAX = 50;

/**
 * Adds somebody who is told. The same person with the same role, email and telephone again changes
 * nothing, so a request may be repeated.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function addContact(db: Executor, home: string, input: ContactInput, nowMs: number): Promise<Contact> {
  const contact = {
    home: checkedId('home', home),
    name: checkedText('name', input.name, { max: 200 }),
    role: checkedChoice('role', input.role, CONTACT_ROLES),
    email: optionalEmail('email', input.email),
    phone: optionalPhone('phone', input.phone),
    createdMs: checkedTime('nowMs', nowMs),
  };
  const { position } = input;
  if (position !== undefined && !(Number.isInteger(position) && position >= 1 && position <= 1_000)) throw invalid('position', 'is not a number from 1 to 1000');
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const contacts = await listContacts(trx, home);
    const same = contacts.find((before) => before.name === contact.name && before.role === contact.role
      && before.email === contact.email && before.phone === contact.phone && (position === undefined || before.position === position));
    if (same) return same;
    if (contacts.length >= CONTACTS_MAX) throw full('contacts', CONTACTS_MAX);
    const row: Contact = { id: newId(nowMs), ...contact, position: position ?? (contacts.at(-1)?.position ?? 0) + 1 };
    await trx.insertInto('contacts').values(row).execute();
    await nextChange(trx, 'registry');
    return row;
  });
}

/** @throws CodedError HW-NOT-FOUND */
export async function removeContact(db: Executor, home: string, id: string): Promise<void> {
  await atomically(db, async (trx) => {
    const { numDeletedRows } = await trx.deleteFrom('contacts').where('home', '=', checkedId('home', home)).where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) throw notFound('contact', id);
    await nextChange(trx, 'registry');
  });
}

/** Ascending by position: who is told first comes first; of two with one position, who was added first. */
export async function listContacts(db: Executor, home: string): Promise<Contact[]> {
  const rows = await db.selectFrom('contacts').selectAll().where('home', '=', checkedId('home', home)).orderBy('position').orderBy('id').execute();
  return rows.map((row) => ({ ...row, role: row.role as ContactRole }));
}
