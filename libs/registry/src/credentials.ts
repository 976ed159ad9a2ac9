import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { CodedError, days } from '#libs/runtime';
import { atomically, nextChange, type Executor } from '#libs/database';
import { checkedChoice, checkedId, checkedTime } from './checks.js';
import { lockHome } from './homes.js';
import { full, invalid, notFound } from './refusal.js';

/**
 * What a login reaches: `hub` its home; `device` the topics of one device; `mounted` its home, with
 * topics that begin below `homes/<home>/`, for devices that can't choose how their topics begin.
 */
export const LOGIN_KINDS = ['hub', 'device', 'mounted'] as const;
export type LoginKind = (typeof LOGIN_KINDS)[number];

/** Who a login speaks for. */
export interface Login {
  home: string;
  kind: LoginKind;
  username: string;
  /** The one device of a `device` login; null for the others. */
  device: string | null;
}

export interface Credential extends Login {
  createdMs: number;
  revokedMs: number | null;
  /** When it ends by itself: it was rotated. */
  expiresMs: number | null;
}

export interface LoginInput {
  kind?: LoginKind;
  /** Wanted with `device`, and with no other kind. It need not be registered yet. */
  device?: string | null;
}

/** A login as it is shown, once. */
export interface NewLogin {
  username: string;
  password: string;
}

const USERNAME_BYTES = 9; // 12 characters.
const PASSWORD_BYTES = 24; // 192 bits: guessing is hopeless, so a fast hash is enough.
const CREDENTIALS_MAX = 200;
const OVERLAP_MAX_MS = days(90);
const PASSWORD_MAX = 256;

/**
 * Makes a login of this home. The password is in this answer and nowhere else.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function createCredential(db: Executor, home: string, nowMs: number, input: LoginInput = {}): Promise<NewLogin> {
  const login = { home: checkedId('home', home), ...checkedLogin(input) };
  const createdMs = checkedTime('nowMs', nowMs);
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    return insertLogin(trx, login, createdMs);
  });
}

/**
 * Makes a login that takes over from another of the same kind; the old one opens until
 * `overlapUntilMs`, so that there is time to carry the new one into the home. One that ends sooner
 * still does.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT, HW-LOGIN-ENDED
 */
export async function rotateCredential(db: Executor, home: string, username: string, overlapUntilMs: number, nowMs: number): Promise<NewLogin & { oldUntilMs: number }> {
  const untilMs = checkedTime('until', overlapUntilMs);
  if (untilMs < nowMs || untilMs > nowMs + OVERLAP_MAX_MS) throw invalid('until', 'is not between now and 90 days from now');
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const old = await trx.selectFrom('credentials').selectAll().where('home', '=', checkedId('home', home)).where('username', '=', username).executeTakeFirst();
    if (!old) throw notFound('login', 'of that name in this home');
    if (!isOpen(old, nowMs)) throw new CodedError('HW-LOGIN-ENDED', 'This login has been revoked or has ended', 'Make a new login instead');
    const oldUntilMs = Math.min(untilMs, old.expiresMs ?? untilMs);
    await trx.updateTable('credentials').set({ expiresMs: oldUntilMs }).where('username', '=', username).execute();
    const made = await insertLogin(trx, { home, kind: old.kind as LoginKind, device: old.device }, nowMs);
    return { ...made, oldUntilMs };
  });
}

/** @throws CodedError HW-INVALID */
export function checkedLogin({ kind = 'hub', device = null }: LoginInput): { kind: LoginKind; device: string | null } {
  const checked = checkedChoice('kind', kind, LOGIN_KINDS);
  if (checked !== 'device') {
    if (device !== null) throw invalid('device', 'belongs to a login of the kind device alone');
    return { kind: checked, device: null };
  }
  return { kind: checked, device: checkedId('device', device) };
}

/** Inside a transaction that holds the home. */
export async function insertLogin(trx: Executor, { home, kind, device }: Omit<Login, 'username'>, createdMs: number): Promise<NewLogin> {
  const { logins } = await trx.selectFrom('credentials').select((eb) => eb.fn.countAll<number>().as('logins'))
    .where('home', '=', home).where('revokedMs', 'is', null).where((eb) => eb.or([eb('expiresMs', 'is', null), eb('expiresMs', '>', createdMs)])).executeTakeFirstOrThrow();
  if (logins >= CREDENTIALS_MAX) throw full('logins', CREDENTIALS_MAX);
  const username = `${home}.${randomBytes(USERNAME_BYTES).toString('base64url')}`;
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await trx.insertInto('credentials')
    .values({ username, home, kind, device, secretHash: secretHash(username, password).toString('base64url'), createdMs, revokedMs: null, expiresMs: null }).execute();
  await nextChange(trx, 'credentials');
  return { username, password };
}

const isOpen = ({ revokedMs, expiresMs }: { revokedMs: number | null; expiresMs: number | null }, nowMs: number): boolean =>
  revokedMs === null && (expiresMs === null || expiresMs > nowMs);

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

/** The login that this username and password open at this time, or null. An unknown username takes as long as a wrong password. */
export async function verifyCredential(db: Executor, username: string, password: string, nowMs: number): Promise<Login | null> {
  const asked = password.length > PASSWORD_MAX ? '' : password;
  const row = await db.selectFrom('credentials').select(['home', 'kind', 'username', 'device', 'secretHash', 'revokedMs', 'expiresMs'])
    .where('username', '=', username.includes('\0') ? '' : username).executeTakeFirst();
  const given = secretHash(username, asked);
  const kept = row ? Buffer.from(row.secretHash, 'base64url') : Buffer.alloc(given.length);
  const same = kept.length === given.length && timingSafeEqual(kept, given);
  return row && same && isOpen(row, nowMs) ? { home: row.home, kind: row.kind as LoginKind, username: row.username, device: row.device } : null;
}

/** Which of these usernames still open: for a broker whose connections outlive their login's check. */
export async function stillValid(db: Executor, usernames: readonly string[], nowMs: number): Promise<Set<string>> {
  const valid = new Set<string>();
  for (let i = 0; i < usernames.length; i += USERNAMES_PER_QUERY) {
    const rows = await db.selectFrom('credentials').select(['username', 'revokedMs', 'expiresMs'])
      .where('username', 'in', usernames.slice(i, i + USERNAMES_PER_QUERY)).where('revokedMs', 'is', null).execute();
    for (const row of rows) if (isOpen(row, nowMs)) valid.add(row.username);
  }
  return valid;
}

/** When the next login of all ends by itself; Infinity if none will. A rotation changes it, and the change number with it. */
export async function nextLoginEndMs(db: Executor, nowMs: number): Promise<number> {
  const row = await db.selectFrom('credentials').select('expiresMs').where('expiresMs', '>', nowMs).orderBy('expiresMs').limit(1).executeTakeFirst();
  return row?.expiresMs ?? Number.POSITIVE_INFINITY;
}

const USERNAMES_PER_QUERY = 500;

/** A home's logins, revoked and ended ones too, the oldest first; never a password or its hash. */
export async function listCredentials(db: Executor, home: string): Promise<Credential[]> {
  const rows = await db.selectFrom('credentials').select(['username', 'home', 'kind', 'device', 'createdMs', 'revokedMs', 'expiresMs'])
    .where('home', '=', checkedId('home', home)).orderBy('createdMs').orderBy('username').execute();
  return rows.map((row) => ({ ...row, kind: row.kind as LoginKind }));
}

/** Keyed with the username, so that a hash copied to another row opens nothing. */
function secretHash(username: string, password: string): Buffer {
  return createHmac('sha256', username).update(password).digest();
}
