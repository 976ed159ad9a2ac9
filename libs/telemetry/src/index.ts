export { ALARM_KINDS, KINDS, isKind, type Kind, type KindSpec, type KindType } from './kinds.js';
export type { ClockQuality, Reading } from './reading.js';
export { PSEUDONYM } from './topics.js';
