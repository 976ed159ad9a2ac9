import { randomBytes } from 'node:crypto';
import type { Executor } from '#libs/database';
import { nextChange } from '#libs/database';

/** The whole story of an alert is made of these. */
export type HistoryWhat =
  | 'opened' | 'attached' | 'raised' | 'paged-again' | 'cleared' | 'returned'
  | 'acknowledged' | 'going' | 'commented' | 'resolved'
  | 'told' | 'not-told' | 'tell-failed';

export interface HistoryEntry {
  what: HistoryWhat;
  /** A user's name or id, `SERVICE`, or for tellings the contact's id. Never a person's own name. */
  who: string;
  note?: string | null;
}

/** Who acts when no person does. */
export const SERVICE = 'hearthwatch';

/** Writes the one entry of a change. The caller has taken its number for the alert in the same transaction. */
export async function writeHistory(trx: Executor, alertId: string, entry: HistoryEntry, { change, nowMs }: { change: number; nowMs: number }): Promise<void> {
  const last = await trx.selectFrom('alertHistory').select('id').where('alertId', '=', alertId).orderBy('id', 'desc').limit(1).executeTakeFirst();
  const sortsAtMs = Math.max(nowMs, last ? timeOf(last.id) : 0); // A clock that is set back does not turn the story round.
  const row = { id: historyId(sortsAtMs, change), alertId, atMs: nowMs, what: entry.what, who: entry.who, note: entry.note ?? null };
  await trx.insertInto('alertHistory').values(row).execute();
}

/**
 * Adds an entry to an alert's history and moves its change number, so that live pages show it. For
 * the rooms behind this one: who was told, and who was not. Call inside a transaction.
 */
export async function recordHistory(trx: Executor, alertId: string, entry: HistoryEntry, nowMs: number): Promise<void> {
  const change = await nextChange(trx, 'alerts');
  await trx.updateTable('alerts').set({ change }).where('id', '=', alertId).execute();
  await writeHistory(trx, alertId, entry, { change, nowMs });
}

/**
 * A UUIDv7 (RFC 9562, section 6.2, method 1) whose counter is the change number, so that entries of
 * one millisecond, of whichever process, sort as they happened. Unique as the change number is.
 */
function historyId(nowMs: number, change: number): string {
  const counter = BigInt(change);
  const random = BigInt(randomBytes(4).readUInt32BE() >>> 2);
  const bits = (BigInt(nowMs) << 80n) | (7n << 76n) | (((counter >> 32n) & 0xfffn) << 64n) | (2n << 62n) | ((counter & 0xffff_ffffn) << 30n) | random;
  return bits.toString(16).padStart(32, '0').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The change number that an entry's id holds. */
export const changeOfEntry = (id: string): number => Number((BigInt(`0x${id.replaceAll('-', '')}`) >> 30n) & 0xffff_ffffn);
