export type { Alert, AlertFinding } from './alert.js';
export type { AlertChange, Occasion } from './alert-change.js';
export { ALERT_STATUSES, ALERT_TRANSITIONS, OUTCOMES, type AlertAction, type AlertStatus, type Outcome } from './alert-transitions.js';
export { findAlert, getAlert, type AlertDetail } from './get-alert.js';
export { recordHistory, SERVICE, type HistoryEntry, type HistoryWhat } from './history.js';
export { ALERTS_PER_PAGE_MAX, listAlerts, type AlertPage, type AlertQuery } from './list-alerts.js';
export { raiseFindings, REJOIN_MAX_MS } from './raise-findings.js';
export { SEVERITIES } from './severity.js';
export { acknowledge, comment, going, NOTE_LENGTH_MAX, resolve, type StaffAction } from './staff-actions.js';
