import { ALERT_STATUSES } from '#libs/alerts';

/** What a list of alerts may be narrowed to; `unresolved` is open and acknowledged. */
export const STATUS_FILTERS = [...ALERT_STATUSES, 'unresolved'] as const;
