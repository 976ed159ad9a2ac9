import type { Executor } from './database.js';

export type ChangeSubject = 'registry' | 'credentials' | 'wiring' | 'alerts';

/**
 * The next change number of a subject, or the first of the next `count`; some may stay unused. Call
 * inside the transaction that makes the change: numbers then become visible in their own order.
 */
export async function nextChange(executor: Executor, subject: ChangeSubject, count = 1): Promise<number> {
  const row = await executor
    .insertInto('changes').values({ subject, number: count })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet((eb) => ({ number: eb('changes.number', '+', count) })))
    .returning('number').executeTakeFirstOrThrow();
  return row.number - count + 1;
}

/** The newest committed change number, 0 before the first. */
export async function lastChange(executor: Executor, subject: ChangeSubject): Promise<number> {
  const row = await executor.selectFrom('changes').select('number').where('subject', '=', subject).executeTakeFirst();
  return row?.number ?? 0;
}
