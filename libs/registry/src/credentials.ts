import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { atomically, nextChange, type Executor } from '#libs/database';
import { checkedId, checkedTime } from './checks.js';
import { lockHome } from './homes.js';
import { full, notFound } from './refusal.js';

/** Who a login speaks for. */
export interface Login {
  home: string;
  kind: string;
  username: string;
}

export interface Credential extends Login {
  createdMs: number;
  revokedMs: number | null;
}

const USERNAME_BYTES = 9; // 12 characters.
const PASSWORD_BYTES = 24; // 192 bits: guessing is hopeless, so a fast hash is enough.
const CREDENTIALS_MAX = 200;
const PASSWORD_MAX = 256;

/**
 * Makes a login for a hub of this home. The password is in this answer and nowhere else.
 * @throws CodedError HW-NOT-FOUND, HW-LIMIT
 */
export async function createCredential(db: Executor, home: string, nowMs: number): Promise<{ username: string; password: string }> {
  const username = `${checkedId('home', home)}.${randomBytes(USERNAME_BYTES).toString('base64url')}`;
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const createdMs = checkedTime('nowMs', nowMs);
  await atomically(db, async (trx) => {
    await lockHome(trx, home);
    const { logins } = await trx.selectFrom('credentials').select((eb) => eb.fn.countAll<number>().as('logins'))
      .where('home', '=', home).where('revokedMs', 'is', null).executeTakeFirstOrThrow();
    if (logins >= CREDENTIALS_MAX) throw full('logins', CREDENTIALS_MAX);
    await trx.insertInto('credentials')
      .values({ username, home, kind: 'hub', secretHash: secretHash(username, password).toString('base64url'), createdMs, revokedMs: null }).execute();
    await nextChange(trx, 'credentials');
  });
  return { username, password };
}

/**
 * Ends a login at once: brokers follow the change number of `credentials` and close its connections.
 * Twice is fine.
 * @throws CodedError HW-NOT-FOUND
 */
export async function revokeCredential(db: Executor, home: string, username: string, nowMs: number): Promise<void> {
  const revokedMs = checkedTime('nowMs', nowMs);
  await atomically(db, async (trx) => {
    await lockHome(trx, home);
    const row = await trx.selectFrom('credentials').select('revokedMs').where('home', '=', home).where('username', '=', username).executeTakeFirst();
    if (!row) throw notFound('login', 'of that name in this home');
    if (row.revokedMs !== null) return;
    await trx.updateTable('credentials').set({ revokedMs }).where('username', '=', username).execute();
    await nextChange(trx, 'credentials');
  });
}

/** The login that this username and password open, or null. An unknown username takes as long as a wrong password. */
export async function verifyCredential(db: Executor, username: string, password: string): Promise<Login | null> {
  const asked = password.length > PASSWORD_MAX ? '' : password;
  const row = await db.selectFrom('credentials').select(['home', 'kind', 'username', 'secretHash', 'revokedMs'])
    .where('username', '=', username.includes('\0') ? '' : username).executeTakeFirst();
  const given = secretHash(username, asked);
  const kept = row ? Buffer.from(row.secretHash, 'base64url') : Buffer.alloc(given.length);
  const same = kept.length === given.length && timingSafeEqual(kept, given);
  return row && same && row.revokedMs === null ? { home: row.home, kind: row.kind, username: row.username } : null;
}

/** Which of these usernames still open: for a broker whose connections outlive their login's check. */
export async function stillValid(db: Executor, usernames: readonly string[]): Promise<Set<string>> {
  const valid = new Set<string>();
  for (let i = 0; i < usernames.length; i += USERNAMES_PER_QUERY) {
    const rows = await db.selectFrom('credentials').select('username')
      .where('username', 'in', usernames.slice(i, i + USERNAMES_PER_QUERY)).where('revokedMs', 'is', null).execute();
    for (const { username } of rows) valid.add(username);
  }
  return valid;
}

const USERNAMES_PER_QUERY = 500;

/** A home's logins, revoked ones too, the oldest first; never a password or its hash. */
export async function listCredentials(db: Executor, home: string): Promise<Credential[]> {
  return db.selectFrom('credentials').select(['username', 'home', 'kind', 'createdMs', 'revokedMs'])
    .where('home', '=', checkedId('home', home)).orderBy('createdMs').orderBy('username').execute();
}

/** Keyed with the username, so that a hash copied to another row opens nothing. */
function secretHash(username: string, password: string): Buffer {
  return createHmac('sha256', username).update(password).digest();
}
