import { CodedError } from '#libs/runtime';
import { atomically, newId, type Executor } from '#libs/database';
import { recordAudit } from './audit.js';
import { hashPassword, newPassword } from './password-hash.js';
import { endSessionsOf } from './sessions.js';
import { STAFF_ROLES, type StaffRole } from './staff-role.js';

export interface User {
  id: string;
  username: string;
  role: StaffRole;
  createdMs: number;
  disabledMs: number | null;
}

const FIRST_USERNAME = 'admin';
const USERNAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;
const PASSWORD_MIN = 12;
const PASSWORD_MAX = 256;

/** A username as it is kept: lower case, without white space around it. */
export const canonicalUsername = (username: string): string => username.trim().toLowerCase();

/**
 * Makes the first administrator, `admin`, with a password that is in this answer and nowhere else;
 * null if there is any user already. Several threads may do so at once: one makes it.
 */
export async function ensureFirstAdministrator(db: Executor, nowMs: number): Promise<{ username: string; password: string } | null> {
  if (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) return null;
  return insertUser(db, { username: FIRST_USERNAME, role: 'administrator', who: 'service' }, nowMs);
}

/**
 * Makes a user with a password of the service's own, in this answer and nowhere else.
 * @throws CodedError HW-INVALID, HW-EXISTS
 */
export async function createUser(db: Executor, { username, role = 'administrator', who }: { username: string; role?: StaffRole; who: string }, nowMs: number): Promise<{ username: string; password: string }> {
  const canonical = canonicalUsername(username);
  if (!USERNAME.test(canonical)) throw new CodedError('HW-INVALID', 'username: is not 1 to 64 of a–z 0–9 . _ @ + -, a letter or digit first', 'Choose another name');
  if (!STAFF_ROLES.includes(role)) throw new CodedError('HW-INVALID', `role: is not one of ${STAFF_ROLES.join(', ')}`, 'Choose one of these');
  const made = await insertUser(db, { username: canonical, role, who }, nowMs);
  if (made === null) throw new CodedError('HW-EXISTS', `There is already a user ${canonical}`, 'Choose another name, or set that user\'s password');
  return made;
}

/**
 * Sets a user's password (one of the service's own unless one is given) and ends all sessions.
 * @throws CodedError HW-INVALID (shorter than 12 or longer than 256 characters), HW-NOT-FOUND
 */
export async function setPassword(db: Executor, username: string, { password = newPassword(), who }: { password?: string; who: string }, nowMs: number): Promise<{ username: string; password: string }> {
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) {
    throw new CodedError('HW-INVALID', `password: is not ${PASSWORD_MIN} to ${PASSWORD_MAX} characters long`, 'Choose another, or let the service make one');
  }
  const passwordHash = await hashPassword(password);
  return atomically(db, async (trx) => {
    const user = await getUser(trx, username);
    await trx.updateTable('users').set({ passwordHash }).where('id', '=', user.id).execute();
    await endSessionsOf(trx, user.id);
    await recordAudit(trx, { who, what: 'password-set', subject: user.username }, nowMs);
    return { username: user.username, password };
  });
}

/**
 * Ends a user's sessions and sign-ins from now on. Twice is fine. The last administrator stays.
 * @throws CodedError HW-NOT-FOUND, HW-LAST-ADMINISTRATOR
 */
export async function disableUser(db: Executor, username: string, { who }: { who: string }, nowMs: number): Promise<void> {
  await atomically(db, async (trx) => {
    // Holds all users, so that of two administrators who disable each other one is refused.
    await trx.updateTable('users').set((eb) => ({ role: eb.ref('role') })).execute();
    const user = await getUser(trx, username);
    if (user.disabledMs !== null) return;
    const others = await trx.selectFrom('users').select('id').where('id', '!=', user.id).where('role', '=', 'administrator').where('disabledMs', 'is', null).execute();
    if (others.length === 0) throw new CodedError('HW-LAST-ADMINISTRATOR', `${user.username} is the only administrator`, 'Make another administrator first');
    await trx.updateTable('users').set({ disabledMs: nowMs }).where('id', '=', user.id).execute();
    await endSessionsOf(trx, user.id);
    await recordAudit(trx, { who, what: 'user-disabled', subject: user.username }, nowMs);
  });
}

/** @throws CodedError HW-NOT-FOUND */
export async function enableUser(db: Executor, username: string, { who }: { who: string }, nowMs: number): Promise<void> {
  await atomically(db, async (trx) => {
    const user = await getUser(trx, username);
    if (user.disabledMs === null) return;
    await trx.updateTable('users').set({ disabledMs: null }).where('id', '=', user.id).execute();
    await recordAudit(trx, { who, what: 'user-enabled', subject: user.username }, nowMs);
  });
}

/** By username. */
export async function listUsers(db: Executor): Promise<User[]> {
  const rows = await db.selectFrom('users').select(['id', 'username', 'role', 'createdMs', 'disabledMs']).orderBy('username').execute();
  return rows.map((row) => ({ ...row, role: row.role as StaffRole }));
}

/** @throws CodedError HW-NOT-FOUND */
export async function getUser(db: Executor, username: string): Promise<User> {
  const canonical = canonicalUsername(username);
  const row = USERNAME.test(canonical)
    ? await db.selectFrom('users').select(['id', 'username', 'role', 'createdMs', 'disabledMs']).where('username', '=', canonical).executeTakeFirst()
    : undefined;
  if (!row) throw new CodedError('HW-NOT-FOUND', 'There is no user of that name', 'List the users and use a name from there');
  return { ...row, role: row.role as StaffRole };
}

async function insertUser(db: Executor, { username, role, who }: { username: string; role: StaffRole; who: string }, nowMs: number): Promise<{ username: string; password: string } | null> {
  const password = newPassword();
  const user = { id: newId(nowMs), username, role, passwordHash: await hashPassword(password), createdMs: nowMs, disabledMs: null };
  return atomically(db, async (trx) => {
    const inserted = await trx.insertInto('users').values(user).onConflict((conflict) => conflict.column('username').doNothing()).returning('id').executeTakeFirst();
    if (!inserted) return null;
    await recordAudit(trx, { who, what: 'user-created', subject: username, detail: { role } }, nowMs);
    return { username, password };
  });
}
