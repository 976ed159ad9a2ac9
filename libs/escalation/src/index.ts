export { claimDue, settle, type Telling, type TellingResult } from './outbox.js';
export { countWaiting, listTellings, type TellingState } from './outbox-state.js';
export { planTelling } from './plan-telling.js';
export { type Policy, type Step, type Target, type TellingOccasion } from './policy.js';
export { resolveAndTell } from './resolve-and-tell.js';
