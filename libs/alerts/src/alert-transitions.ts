import { CodedError } from '#libs/runtime';

export const ALERT_STATUSES = ['open', 'acknowledged', 'resolved'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

export const OUTCOMES = ['true-alarm', 'false-alarm', 'test', 'technical', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What staff do, and `reopen`: the service asks anew because it got worse or happened again. */
export type AlertAction = 'acknowledge' | 'going' | 'comment' | 'resolve' | 'reopen';

/**
 * Which action leads where; an action that is missing is refused. Only a person resolves, and what
 * is resolved stays so: whatever comes later opens another alert. A second person may acknowledge
 * as well, and somebody may say "going" at once.
 */
export const ALERT_TRANSITIONS = {
  open: { acknowledge: 'acknowledged', going: 'acknowledged', comment: 'open', resolve: 'resolved', reopen: 'open' },
  acknowledged: { acknowledge: 'acknowledged', going: 'acknowledged', comment: 'acknowledged', resolve: 'resolved', reopen: 'open' },
  resolved: { comment: 'resolved' },
} as const satisfies Record<AlertStatus, Partial<Record<AlertAction, AlertStatus>>>;

/**
 * The status that an action leads to.
 * @throws CodedError HW-ALERT-TRANSITION when it isn't allowed in this status
 */
export function statusAfter(status: AlertStatus, action: AlertAction): AlertStatus {
  const allowed: Partial<Record<AlertAction, AlertStatus>> = ALERT_TRANSITIONS[status];
  const next = allowed[action];
  if (next !== undefined) return next;
  throw new CodedError('HW-ALERT-TRANSITION', `An alert that is ${status} does not allow "${action}"`, `Allowed now: ${Object.keys(allowed).join(', ')}. Load the alert again, somebody may have dealt with it`);
}
