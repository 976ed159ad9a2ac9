import { atomically, nextChange, type Executor, type Schema } from '#libs/database';
import { CodedError } from '#libs/runtime';
import { alertOf, type Alert } from './alert.js';
import type { AlertChange } from './alert-change.js';
import { OUTCOMES, statusAfter, type AlertAction, type Outcome } from './alert-transitions.js';
import { changeOfEntry, writeHistory, type HistoryWhat } from './history.js';

/** In characters; a longer note is refused, not cut. */
export const NOTE_LENGTH_MAX = 4_000;

export interface StaffAction {
  /** The user's id or name as the console shows it. */
  who: string;
  note?: string | null;
}

type Row = Schema['alerts'];

/**
 * Somebody has it in hand. A second person may acknowledge too: both stand in the history, the alert
 * shows the newest.
 * @throws CodedError HW-NOT-FOUND, HW-ALERT-TRANSITION (already resolved), HW-INVALID
 */
export function acknowledge(db: Executor, alertId: string, action: StaffAction, nowMs: number): Promise<AlertChange> {
  return act(db, alertId, 'acknowledge', 'acknowledged', action, nowMs, () => ({ acknowledgedMs: nowMs, acknowledgedBy: action.who }));
}

/**
 * Somebody is on the way, which acknowledges as well.
 * @throws CodedError HW-NOT-FOUND, HW-ALERT-TRANSITION (already resolved), HW-INVALID
 */
export function going(db: Executor, alertId: string, action: StaffAction, nowMs: number): Promise<AlertChange> {
  return act(db, alertId, 'going', 'going', action, nowMs, (row) => ({
    goingMs: nowMs,
    goingBy: action.who,
    ...(row.status === 'open' ? { acknowledgedMs: nowMs, acknowledgedBy: action.who } : {}),
  }));
}

/**
 * A remark, at any time, after the alert is resolved too.
 * @throws CodedError HW-NOT-FOUND, HW-INVALID (no text, or too long)
 */
export async function comment(db: Executor, alertId: string, action: StaffAction, nowMs: number): Promise<AlertChange> {
  if ((action.note ?? '').trim() === '') throw new CodedError('HW-INVALID', 'A comment has no text', 'Send the text as "note"');
  return act(db, alertId, 'comment', 'commented', action, nowMs, () => ({}));
}

export interface Resolution extends StaffAction {
  outcome: Outcome;
  /** The alert's `change` when this person read it: nobody closes what they have not seen. */
  seenChange?: number;
}

/**
 * Ends the alert for good. Whoever was told is to hear of it: use `resolveAndTell` of the escalation
 * lib unless nobody is to be told.
 * @throws CodedError HW-NOT-FOUND, HW-ALERT-TRANSITION (already resolved), HW-INVALID (outcome, note),
 * HW-ALERT-CHANGED (it rose, or happened again, after `seenChange`)
 */
export async function resolve(db: Executor, alertId: string, action: Resolution, nowMs: number): Promise<AlertChange> {
  const { outcome, seenChange } = action;
  if (!OUTCOMES.includes(outcome)) throw new CodedError('HW-INVALID', 'The outcome is not known', `Accepted: ${OUTCOMES.join(', ')}`);
  return atomically(db, async (trx) => {
    const change = await act(trx, alertId, 'resolve', 'resolved', action, nowMs, () => ({ resolvedMs: nowMs, resolvedBy: action.who, outcome, openKey: null }));
    if (seenChange !== undefined) await refuseUnseen(trx, alertId, seenChange); // After the lock that acting takes.
    return change;
  });
}

async function refuseUnseen(trx: Executor, alertId: string, seenChange: number): Promise<void> {
  const news = await trx.selectFrom('alertHistory').select('id')
    .where('alertId', '=', alertId).where('what', 'in', ['raised', 'paged-again', 'returned']).orderBy('id', 'desc').limit(1).executeTakeFirst();
  if (!news || changeOfEntry(news.id) <= seenChange) return;
  throw new CodedError('HW-ALERT-CHANGED', 'The alert became more severe, or happened again, after it was shown', 'Read it again, then resolve it');
}

/**
 * 1. Takes the next change number, which makes every other writer of alerts wait until this commits.
 * 2. Reads the alert, which is therefore what it is.  3. Asks the table.  4. Writes alert and history.
 */
async function act(
  db: Executor, alertId: string, action: AlertAction, what: HistoryWhat, { who, note }: StaffAction, nowMs: number, set: (row: Row) => Partial<Row>,
): Promise<AlertChange> {
  if ((note ?? '').length > NOTE_LENGTH_MAX) throw new CodedError('HW-INVALID', `A note is longer than ${NOTE_LENGTH_MAX} characters`, 'Shorten it, or send it as several comments');
  return atomically(db, async (trx) => {
    const change = await nextChange(trx, 'alerts');
    const row = await trx.selectFrom('alerts').selectAll().where('id', '=', alertId).executeTakeFirst();
    if (!row) throw notFound();
    const before: Alert = alertOf(row);
    const status = statusAfter(before.status, action);
    await trx.updateTable('alerts').set({ ...set(row), status, change }).where('id', '=', alertId).execute();
    await writeHistory(trx, alertId, { what, who, note: note?.trim() || null }, { change, nowMs });
    const occasion = action === 'resolve' ? 'resolved' : 'none';
    return { alertId, occasion, home: before.home, severity: before.severity, trigger: `change ${change}` };
  });
}

export function notFound(): CodedError {
  return new CodedError('HW-NOT-FOUND', 'No alert has this id', 'List the alerts and use an id from there');
}
