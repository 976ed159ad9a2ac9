import type { Severity } from '#libs/alerts';
import type { TellingOccasion } from '#libs/escalation';

/** What to call an alert, and what to do about it, for somebody who may be woken by it. */
export const SEVERITY_WORDS = {
  emergency: { name: 'Emergency', plea: 'please act now', actions: ['Telephone now.', 'If nobody answers, or help is needed, go there or call 999.'] },
  urgent: { name: 'Urgent', plea: 'please act within the hour', actions: ['Telephone or visit within the hour.', 'If you are worried that somebody is in danger, call 999.'] },
  routine: { name: 'For your attention', plea: 'please read this today', actions: ['Nothing needs doing at once. Please look at it on the next working day.'] },
  technical: { name: 'Equipment', plea: 'please read this today', actions: ['A piece of equipment needs looking at. Until then it may not notice when something is wrong.'] },
} as const satisfies Record<Severity, { name: string; plea: string; actions: readonly string[] }>;

/** How the subject says why this is sent now. */
export const OCCASION_WORDS = {
  opened: '',
  raised: ', and it has become more serious',
  'paged-again': ', and help was called for again',
  returned: ', and it has happened again',
  resolved: '',
} as const satisfies Record<TellingOccasion, string>;

/** How the alert's history says what somebody was told. */
export const TOLD_WORDS = {
  opened: 'it was raised',
  raised: 'it became more severe',
  'paged-again': 'help was called for again',
  returned: 'it happened again',
  resolved: 'it was resolved',
} as const satisfies Record<TellingOccasion, string>;
