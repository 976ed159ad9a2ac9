import type { Transaction } from 'kysely';
import type { Executor } from './database.js';
import type { Schema } from './schema.js';

/**
 * Runs `act` in a transaction: the caller's own if it is in one (its commit then decides), else a
 * new one. After a statement has failed inside, the whole transaction is lost on PostgreSQL: expect
 * conflicts with `onConflict`, never by catching.
 */
export async function atomically<T>(executor: Executor, act: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return executor.isTransaction ? act(executor as Transaction<Schema>) : executor.transaction().execute(act);
}
