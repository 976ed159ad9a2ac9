import { assert, hours, minutes } from '#libs/runtime';
import { atomically, type Executor, type Schema } from '#libs/database';
import { hashSecret, newSecret } from './secrets.js';
import type { StaffRole } from './staff-role.js';

/** How long a session lasts without use, and in all. A shift is 12 h. */
export const SESSION_LIMITS = { idleMs: hours(2), absoluteMs: hours(12), anonymousMs: minutes(30), anonymousMax: 5_000 } as const;

export type SessionData = Record<string, unknown>;

export interface Session {
  /** null: nobody signed in yet (the sign-in form's own session). */
  user: { userId: string; username: string; role: StaffRole } | null;
  data: SessionData;
  startedMs: number;
  expiresMs: number;
}

interface Kept {
  startedMs: number;
  usedMs: number;
  data: SessionData;
}

const USED_WRITTEN_EVERY_MS = minutes(1);

/** Begins a session; `secret` is for the cookie, and kept as a hash alone. */
export async function createSession(db: Executor, { userId, data = {} }: { userId: string | null; data?: SessionData }, nowMs: number): Promise<{ secret: string; expiresMs: number }> {
  const secret = newSecret();
  return { secret, expiresMs: await saveSession(db, secret, { userId, data }, nowMs) };
}

/**
 * Saves a session under a secret of the caller's (128 random bits or more), new or known. A secret
 * never changes hands: signing in takes a new one, since a stranger may know the old.
 * @returns when it expires unless used again
 */
export async function saveSession(db: Executor, secret: string, { userId, data }: { userId: string | null; data: SessionData }, nowMs: number): Promise<number> {
  const id = hashSecret(secret);
  return atomically(db, async (trx) => {
    const before = await trx.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
    const alive = before && before.expiresMs > nowMs ? before : undefined;
    assert(!alive || alive.userId === (userId ?? ''), 'a session was handed to another user: begin a new one at sign-in');
    const kept: Kept = { startedMs: alive ? keptOf(alive).startedMs : nowMs, usedMs: nowMs, data };
    const row = { id, userId: userId ?? '', dataJson: JSON.stringify(kept), expiresMs: expiryMs(userId, kept) };
    await trx.insertInto('sessions').values(row).onConflict((conflict) => conflict.column('id').doUpdateSet({ userId: row.userId, dataJson: row.dataJson, expiresMs: row.expiresMs })).execute();
    if (!before && userId === null) await boundAnonymous(trx);
    return row.expiresMs;
  });
}

/** The session of this secret, or null: unknown, expired, or its user is disabled. Finding it is using it. */
export async function findSession(db: Executor, secret: string, nowMs: number): Promise<Session | null> {
  const row = await db.selectFrom('sessions').leftJoin('users', 'users.id', 'sessions.userId')
    .select(['sessions.id', 'sessions.userId', 'sessions.dataJson', 'sessions.expiresMs', 'users.username', 'users.role', 'users.disabledMs'])
    .where('sessions.id', '=', hashSecret(secret)).executeTakeFirst();
  if (!row || row.expiresMs <= nowMs) return null;
  const user = row.username !== null && row.role !== null && row.disabledMs === null ? { userId: row.userId, username: row.username, role: row.role as StaffRole } : null;
  if (row.userId !== '' && user === null) return null;
  const kept = keptOf(row);
  let { expiresMs } = row;
  if (nowMs - kept.usedMs >= USED_WRITTEN_EVERY_MS) {
    const used = { ...kept, usedMs: nowMs };
    expiresMs = expiryMs(user?.userId ?? null, used);
    await db.updateTable('sessions').set({ dataJson: JSON.stringify(used), expiresMs }).where('id', '=', row.id).where('dataJson', '=', row.dataJson).execute();
  }
  return { user, data: kept.data, startedMs: kept.startedMs, expiresMs };
}

export async function endSession(db: Executor, secret: string): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', hashSecret(secret)).execute();
}

/** Signs a user out everywhere. */
export async function endSessionsOf(db: Executor, userId: string): Promise<void> {
  assert(userId !== '', 'the sessions of nobody');
  await db.deleteFrom('sessions').where('userId', '=', userId).execute();
}

/** Drops what has expired; now and then is enough. */
export async function pruneSessions(db: Executor, nowMs: number): Promise<void> {
  await db.deleteFrom('sessions').where('expiresMs', '<=', nowMs).execute();
}

function expiryMs(userId: string | null, { startedMs, usedMs }: Kept): number {
  if (userId === null) return startedMs + SESSION_LIMITS.anonymousMs;
  return Math.min(usedMs + SESSION_LIMITS.idleMs, startedMs + SESSION_LIMITS.absoluteMs);
}

/** Strangers who load the sign-in page by the thousand fill no disk. */
async function boundAnonymous(trx: Executor): Promise<void> {
  const oldest = await trx.selectFrom('sessions').select('expiresMs').where('userId', '=', '').orderBy('expiresMs', 'desc').offset(SESSION_LIMITS.anonymousMax).limit(1).executeTakeFirst();
  if (oldest) await trx.deleteFrom('sessions').where('userId', '=', '').where('expiresMs', '<=', oldest.expiresMs).execute();
}

function keptOf({ dataJson }: Pick<Schema['sessions'], 'dataJson'>): Kept {
  return JSON.parse(dataJson) as Kept;
}
