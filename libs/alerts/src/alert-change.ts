import type { Severity } from '#libs/detection';

/**
 * Why somebody may have to be told.
 * - `opened`; `raised` to a higher severity; `paged-again` by a second press of an SOS button;
 * - `returned`: it happened again, more than 15 min after its last sign, while the alert was open;
 * - `attached`: one more finding of what is known; `cleared`: its condition ended; `resolved` by a person;
 * - `none`: nothing to tell: a repeat, a late finding of an alert that is resolved, a comment.
 */
export type Occasion = 'opened' | 'raised' | 'paged-again' | 'returned' | 'attached' | 'cleared' | 'resolved' | 'none';

export interface AlertChange {
  alertId: string;
  occasion: Occasion;
  home: string;
  /** The alert's, after the change. */
  severity: Severity;
  /** The finding's key or the change number: with alert and occasion, this change alone has it. */
  trigger: string;
}
