import type { Occasion, Severity } from '#libs/alerts';
import type { Contact } from '#libs/registry';

/** What somebody is told of. */
export type TellingOccasion = Extract<Occasion, 'opened' | 'raised' | 'paged-again' | 'returned' | 'resolved'>;

/** `first`: the home's first contact, by position, that the channel can reach. */
export interface Target {
  contact: 'first';
  channel: 'email';
}

/** Whether a contact has what a channel needs. */
export const isReachable = {
  email: ({ email }) => email !== null && email.trim() !== '',
} as const satisfies Record<Target['channel'], (contact: Contact) => boolean>;

/** All targets of a step are told together, `delayMs` after the occasion. */
export interface Step {
  delayMs: number;
  targets: readonly Target[];
}

/** Who is told what, in which order. Plain data: it can be shown, edited and copied into an alert. */
export interface Policy {
  id: string;
  steps: readonly Step[];
  occasions: readonly TellingOccasion[];
}

const FIRST_CONTACT: Step = { delayMs: 0, targets: [{ contact: 'first', channel: 'email' }] };
const ALL: readonly TellingOccasion[] = ['opened', 'raised', 'paged-again', 'returned', 'resolved'];

/**
 * One step: an email to the home's first contact, whatever concerns the person. What concerns the
 * equipment alone is for the staff, who see it in the console.
 */
export const POLICIES = {
  emergency: { id: 'first-contact', steps: [FIRST_CONTACT], occasions: ALL },
  urgent: { id: 'first-contact', steps: [FIRST_CONTACT], occasions: ALL },
  routine: { id: 'first-contact', steps: [FIRST_CONTACT], occasions: ALL },
  technical: { id: 'console-only', steps: [], occasions: [] },
} as const satisfies Record<Severity, Policy>;
