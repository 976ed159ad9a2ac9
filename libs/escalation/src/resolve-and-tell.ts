import { resolve, type AlertChange, type Resolution } from '#libs/alerts';
import { atomically, type Executor } from '#libs/database';
import { planTelling } from './plan-telling.js';

/**
 * Resolves an alert, and everybody who was told of it hears that it is over: one transaction.
 * @throws CodedError HW-NOT-FOUND, HW-ALERT-TRANSITION (already resolved), HW-INVALID,
 * HW-ALERT-CHANGED (it rose, or happened again, after `seenChange`)
 */
export function resolveAndTell(db: Executor, alertId: string, action: Resolution, nowMs: number): Promise<AlertChange> {
  return atomically(db, async (trx) => {
    const change = await resolve(trx, alertId, action, nowMs);
    await planTelling(trx, [change], nowMs);
    return change;
  });
}
