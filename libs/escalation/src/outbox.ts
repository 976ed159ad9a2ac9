import { recordHistory, type HistoryWhat } from '#libs/alerts';
import { atomically, type Executor, type Schema } from '#libs/database';
import { minutes } from '#libs/runtime';
import { sql, type ExpressionBuilder, type SqlBool, type Expression } from 'kysely';
import type { TellingOccasion } from './policy.js';

/** A telling that this worker alone may send until `claimedUntilMs`. */
export interface Telling {
  /** The same at every attempt: the receiving end's key against duplicates. */
  id: string;
  alertId: string | null;
  home: string;
  channel: string;
  contactId: string;
  occasion: TellingOccasion;
  /** This one included. */
  attempts: number;
  createdMs: number;
  claimedUntilMs: number;
}

export type TellingResult =
  | { result: 'sent'; note: string }
  /** Again at `dueMs`. */
  | { result: 'retry'; error: string; dueMs: number }
  /** Not to be tried again. The history says `what`, and `error` as the reason. */
  | { result: 'failed'; error: string; what: Extract<HistoryWhat, 'tell-failed' | 'not-told'> };

const ERROR_LENGTH_MAX = 500;
/** A row made this far ahead of now was made before the clock was set back, and is due. */
const CLOCK_AHEAD_MAX_MS = minutes(1);

/**
 * Claims what is due, emergencies first, at most `limit`: each row is given to one worker, by
 * compare-and-set, for `leaseMs`. A claim that nobody settled in time is due again: after a crash
 * between sending and settling something is sent twice, never not at all.
 */
export async function claimDue(db: Executor, nowMs: number, leaseMs: number, limit: number): Promise<Telling[]> {
  const rows = await db.updateTable('outbox')
    .set((eb) => ({ state: 'claimed', claimedUntilMs: nowMs + leaseMs, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', (eb) => eb
      .selectFrom('outbox').leftJoin('alerts', 'alerts.id', 'outbox.alertId').select('outbox.id')
      .where((due) => isDue(due, nowMs, leaseMs))
      .orderBy(sql`case ${sql.ref('alerts.severity')} when 'emergency' then 0 when 'urgent' then 1 else 2 end`)
      .orderBy('outbox.dueMs').orderBy('outbox.id').limit(limit))
    .where((eb) => isDue(eb, nowMs, leaseMs)) // Of two that chose the same, the second finds it claimed.
    .returningAll().execute();
  return rows.map(tellingOf).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function isDue(eb: ExpressionBuilder<Schema, 'outbox'>, nowMs: number, leaseMs: number): Expression<SqlBool> {
  return eb.or([
    eb.and([
      eb('outbox.state', '=', 'queued'),
      eb.or([eb('outbox.dueMs', '<=', nowMs), eb('outbox.createdMs', '>', nowMs + CLOCK_AHEAD_MAX_MS)]),
    ]),
    eb.and([
      eb('outbox.state', '=', 'claimed'),
      eb.or([eb('outbox.claimedUntilMs', '<=', nowMs), eb('outbox.claimedUntilMs', '>', nowMs + leaseMs + CLOCK_AHEAD_MAX_MS)]),
    ]),
  ]);
}

function tellingOf(row: Schema['outbox']): Telling {
  const { id, alertId, home, channel, contactId, occasion, attempts, createdMs, claimedUntilMs } = row;
  return { id, alertId, home, channel, contactId, occasion: occasion as TellingOccasion, attempts, createdMs, claimedUntilMs: claimedUntilMs ?? 0 };
}

/**
 * Writes down how a claimed telling went, with the history of its alert. A worker that lost its claim
 * to another changes nothing, unless it did send.
 * @returns whether anything changed
 */
export function settle(db: Executor, telling: Telling, result: TellingResult, nowMs: number): Promise<boolean> {
  return atomically(db, async (trx) => {
    let update = trx.updateTable('outbox').set({ ...columnsOf(result, nowMs), claimedUntilMs: null }).where('id', '=', telling.id);
    update = result.result === 'sent'
      ? update.where('state', '<>', 'sent')
      : update.where('state', '=', 'claimed').where('attempts', '=', telling.attempts);
    const { numUpdatedRows } = await update.executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const entry = entryOf(result);
    if (telling.alertId !== null && entry) await recordHistory(trx, telling.alertId, { ...entry, who: telling.contactId }, nowMs);
    return true;
  });
}

function columnsOf(result: TellingResult, nowMs: number): Partial<Schema['outbox']> {
  if (result.result === 'sent') return { state: 'sent', sentMs: nowMs, lastError: null };
  const lastError = result.error.slice(0, ERROR_LENGTH_MAX);
  return result.result === 'retry' ? { state: 'queued', dueMs: result.dueMs, lastError } : { state: 'failed', lastError };
}

function entryOf(result: TellingResult): { what: HistoryWhat; note: string } | undefined {
  if (result.result === 'sent') return { what: 'told', note: result.note };
  if (result.result === 'failed') return { what: result.what, note: result.error.slice(0, ERROR_LENGTH_MAX) };
  return undefined; // A try that will be repeated is no news; the outbox shows it.
}
