import type { Executor, Schema } from '#libs/database';

/** A telling as the alert's page shows it. */
export type TellingState = Pick<Schema['outbox'], 'id' | 'channel' | 'contactId' | 'occasion' | 'state' | 'attempts' | 'dueMs' | 'sentMs' | 'lastError' | 'createdMs'>;

/** All tellings of an alert, oldest first. `state` is queued, claimed (being sent), sent or failed. */
export function listTellings(db: Executor, alertId: string): Promise<TellingState[]> {
  return db.selectFrom('outbox').select(['id', 'channel', 'contactId', 'occasion', 'state', 'attempts', 'dueMs', 'sentMs', 'lastError', 'createdMs'])
    .where('alertId', '=', alertId).orderBy('createdMs').orderBy('id').execute();
}

/** How many tellings wait or are being sent, and since when the oldest does. */
export async function countWaiting(db: Executor): Promise<{ waiting: number; oldestCreatedMs: number | null }> {
  const row = await db.selectFrom('outbox')
    .select((eb) => [eb.fn.countAll<number>().as('waiting'), eb.fn.min('createdMs').as('oldestCreatedMs')])
    .where('state', 'in', ['queued', 'claimed']).executeTakeFirstOrThrow();
  return { waiting: row.waiting, oldestCreatedMs: row.oldestCreatedMs };
}
