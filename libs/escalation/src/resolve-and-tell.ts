import { resolve, type AlertChange, type Outcome, type StaffAction } from '#libs/alerts';
import { atomically, type Executor } from '#libs/database';
import { planTelling } from './plan-telling.js';

/**
 * Resolves an alert, and everybody who was told of it hears that it is over: one transaction.
 * @throws CodedError HW-NOT-FOUND, HW-ALERT-TRANSITION (already resolved), HW-INVALID
 */
export function resolveAndTell(db: Executor, alertId: string, action: StaffAction & { outcome: Outcome }, nowMs: number): Promise<AlertChange> {
  return atomically(db, async (trx) => {
    const change = await resolve(trx, alertId, action, nowMs);
    await planTelling(trx, [change], nowMs);
    return change;
  });
}
